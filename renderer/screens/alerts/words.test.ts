/** Rules, values and deliveries as sentences. */
import { describe, expect, test } from 'vitest';
import { draftOf, ofKind, readDraft, startOf } from './rule-draft.ts';
import type { Draft } from './rule-draft.ts';
import { minutesWords, nextWords, resultWords, ruleSentence, valueWords } from './words.ts';
import type { Delivery, Rule, RuleTerms } from './words.ts';

const customers = new Map([
  ['cus_1', 'Halden'],
  ['cus_2', 'Nimbus'],
]);
const webhooks = new Map([['whk_1', 'Ops']]);
const low: RuleTerms = {
  kind: 'balance-below',
  asset: 'USDC/6',
  customer: 'cus_1',
  meter: null,
  job: null,
  threshold: '50000000',
  margin: '10000000',
  severity: 'attention',
  quiet: null,
  channels: ['whk_1', 'mail'],
  tellsCleared: false,
  isOn: true,
};
const said = (change: Partial<RuleTerms>): string => ruleSentence({ ...low, ...change }, customers, webhooks);

describe('a rule says what it will do', () => {
  test('with who is told, of what, and when again', () => {
    expect(said({})).toBe(
      'Tells webhook Ops and mail when Halden’s USDC balance is below 50.00 USDC; again only after it was back at ' +
        '60.00 USDC or above.',
    );
  });
  test.each<[Partial<RuleTerms>, RegExp]>([
    [{ customer: 'cus_2' }, /Nimbus’ USDC balance/],
    [{ customer: null, channels: null }, /^Tells all webhooks and mail when any customer’s USDC balance/],
    [{ channels: [] }, /^Shows it here alone when/],
    [{ isOn: false }, /^Off; switched on, it tells webhook Ops and mail when/],
    [{ tellsCleared: true }, /Also says when it is over\.$/],
    [
      { kind: 'quota-used', asset: null, threshold: '80', margin: '5', meter: 'api' },
      /used 80 % or more of .* of api; again only after it was below 75 %/,
    ],
    [{ kind: 'days-left', threshold: '35', margin: '5' }, /lasts less than 3.5 days; .* back at 4 days or above/],
    [{ kind: 'overdue-job', asset: null, job: 'backup', threshold: '1500', margin: '0' }, /backup is 1 d 1 h old/],
    [{ kind: 'failed-verify', asset: null, threshold: '1', margin: '0' }, /failed; again only after one that holds/],
    [
      { quiet: { fromMinute: 1320, toMinute: 420, timeZone: 'UTC' } },
      /Between 22:00 and 07:00 \(UTC\) it waits until 07:00\.$/,
    ],
    [{ quiet: { fromMinute: 1320, toMinute: 420, timeZone: 'UTC' }, severity: 'danger' }, /told at once/],
  ])('%o', (change, words) => {
    expect(said(change)).toMatch(words);
  });
});

test('values are in the unit of their kind', () => {
  expect(valueWords('burn-rate', 1_500_000n, 'USDC/6')).toBe('1.50 USDC a day');
  expect(valueWords('unrated-usage', 1n, null)).toBe('1 event');
  expect(valueWords('refused-calls', 12n, null)).toBe('12 calls an hour');
  expect([0n, 45n, 60n, 90n, 2880n].map(minutesWords)).toEqual(['0 min', '45 min', '1 h', '1 h 30 min', '2 d']);
});

describe('a rule as it is typed', () => {
  const draft: Draft = { ...startOf('balance-below', 'USDC/6'), name: 'Low', threshold: '12.5' };
  test('is read in minor units, and back as it was', () => {
    const { terms, problems } = readDraft(draft);
    expect(problems).toEqual({});
    expect(terms).toMatchObject({ threshold: '12500000', margin: '10000000', asset: 'USDC/6', channels: null });
    const rule: Rule = { ...(terms as RuleTerms), id: 'rul_1', unit: 'minor', name: 'Low' };
    expect(draftOf(rule)).toEqual(draft);
  });
  test.each<[Partial<Draft>, string, RegExp]>([
    [{ name: ' ' }, 'name', /name/],
    [{ threshold: '1e3' }, 'threshold', /plain number/],
    [{ threshold: '0.0000001' }, 'threshold', /6 decimals/],
    [{ margin: '-1' }, 'margin', /Zero or more/],
    [{ kind: 'quota-used', threshold: '0', margin: '0' }, 'threshold', /At least 1/],
    [{ kind: 'quota-used', threshold: '5', margin: '6' }, 'margin', /No more than/],
    [{ isQuiet: true, quietFrom: '25:00' }, 'quiet', /22:00/],
    [{ isQuiet: true, quietFrom: '22:00', quietTo: '22:00' }, 'quiet', /length/],
    [{ tells: 'chosen', channels: [] }, 'channels', /at least one/],
  ])('with %o says what is wrong with its %s', (change, field, words) => {
    const { problems } = readDraft({ ...draft, ...change });
    expect(problems[field as keyof typeof problems]).toMatch(words);
  });
  test('of another kind has that one’s values', () => {
    expect(readDraft(ofKind(draft, 'overdue-job')).terms).toMatchObject({
      threshold: '1440',
      asset: null,
      job: 'backup',
    });
  });
});

test('a delivery says how it went and what comes next', () => {
  const attempt = (no: number, more: object = {}) => ({ no, atMs: 0, ok: false, status: 503, detail: '', ...more });
  const delivery = (more: Partial<Delivery>): Delivery => ({
    id: 'ntc_1',
    channel: 'whk_1',
    event: 'alert.fired',
    alert: null,
    state: 'waiting',
    dueMs: 300_000,
    attempts: [],
    ...more,
  });
  expect(nextWords(delivery({ dueMs: 0 }), 0)).toBe('goes out now');
  expect(nextWords(delivery({ attempts: [attempt(1)] }), 0)).toBe('next try in 5 min');
  expect(nextWords(delivery({ state: 'sent', dueMs: null }), 0)).toBeNull();
  expect(resultWords(delivery({}))).toBe('not tried yet');
  expect(resultWords(delivery({ attempts: [attempt(1), attempt(2)] }))).toBe('503, after 2 tries');
  const lost = attempt(1, { status: null, detail: 'Nobody answers there.' });
  expect(resultWords(delivery({ state: 'failed', attempts: [lost] }))).toBe('Nobody answers there, after 1 try');
});
