import { execFileSync } from 'node:child_process';
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { shellWord } from './shell-word.ts';

const word = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => !/\p{Cc}|\p{Cs}|^[A-Za-z]:[\\/]/u.test(text));

property.prop([fc.array(word, { minLength: 1, maxLength: 40 })], { numRuns: 20 })(
  'a shell reads back what was written',
  (words) => {
    const read = execFileSync('sh', ['-c', `printf '%s\\n' ${words.map(shellWord).join(' ')}`]).toString();
    expect(read).toBe(words.map((one) => `${one}\n`).join(''));
  },
);

test.each([
  ['/home/mk/books.tollkeeper', '/home/mk/books.tollkeeper'],
  ['/home/mk/our books.tollkeeper', "'/home/mk/our books.tollkeeper'"],
  [String.raw`C:\Users\mk\books.tollkeeper`, String.raw`C:\Users\mk\books.tollkeeper`],
  [String.raw`C:\Users\m k\books.tollkeeper`, String.raw`"C:\Users\m k\books.tollkeeper"`],
])('%s is written as %s', (text, written) => {
  expect(shellWord(text)).toBe(written);
});
