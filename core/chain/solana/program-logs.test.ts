import { expect, test } from 'vitest';
import { isTruncated, ownDataLines } from './program-logs.ts';

const OURS = 'UsageVau1t111111111111111111111111111111111';
const OTHER = 'DELeGGvXpWV2fqJUhqcF5ZSYMS4JTLjteaAMARRSaeSh';

test('only what a program wrote itself counts as its event, also between calls to others', () => {
  const logs = [
    `Program ${OTHER} invoke [1]`,
    'Program data: Zm9yZ2Vk',
    `Program log: Program ${OURS} invoke [2]`,
    'Program data: Zm9yZ2Vk',
    `Program ${OURS} invoke [2]`,
    'Program data: b25l',
    `Program ${OTHER} invoke [3]`,
    'Program data: Zm9yZ2Vk',
    `Program ${OTHER} failed: custom program error: 0x1`,
    'Program data: dHdv',
    `Program ${OURS} consumed 5 of 200 compute units`,
    `Program ${OURS} success`,
    'Program data: Zm9yZ2Vk',
    `Program ${OTHER} success`,
  ];
  expect(ownDataLines(logs, OURS)).toEqual(['b25l', 'dHdv']);
});

test('a log that was cut says so', () => {
  expect(isTruncated([`Program ${OURS} invoke [1]`, 'Log truncated'])).toBe(true);
  expect(isTruncated([`Program log: Log truncated`])).toBe(false);
});
