import { expect, test } from 'vitest';
import { beside, newBeside } from './beside.ts';

test.each([
  ['/home/mk/sample.tollkeeper', 'new.tollkeeper', '/home/mk/new.tollkeeper'],
  ['/home/mk/sample.tollkeeper', '/srv/new.tollkeeper', '/srv/new.tollkeeper'],
  [String.raw`C:\mk\sample.tollkeeper`, 'new.tollkeeper', String.raw`C:\mk\new.tollkeeper`],
  [String.raw`C:\mk\sample.tollkeeper`, String.raw`D:\new.tollkeeper`, String.raw`D:\new.tollkeeper`],
])('beside %s, %s is %s', (own, name, path) => {
  expect(beside(own, name)).toBe(path);
});

test('a new workspace is not offered the name of the open one', () => {
  expect(newBeside('/srv/northwind.tollkeeper')).toBe('/srv/books.tollkeeper');
  expect(newBeside('/srv/books.tollkeeper')).toBe('/srv/books-2.tollkeeper');
});
