/** A saved table opens as data, never as a program. */
import { expect, test } from 'vitest';
import { csvText } from './csv.ts';

test('a cell that a spreadsheet would run is kept as text', () => {
  expect(csvText([['=1+1', '@SUM(A1)', '+49 30', '-1.5', '\tx']])).toBe("'=1+1,'@SUM(A1),'+49 30,-1.5,'\tx\r\n");
});

test('commas, quotes and line ends are quoted', () => {
  expect(csvText([['a,b', 'say "hi"', 'two\nlines']])).toBe('"a,b","say ""hi""","two\nlines"\r\n');
});
