/** SQL stays in the ledger, and sorts amounts as numbers though it keeps them as text. */
import { layerOf } from './imports.ts';
import { type Complaint, type Source, complain, isTest, literalText, walk } from './source.ts';

/** How a statement begins, in capitals as the ledger writes it; words of people are not. */
const BEGINNINGS = [
  /WITH \w+ .*AS \(/,
  /(?:SELECT|PRAGMA) /,
  /(?:INSERT (?:OR \w+ )?|REPLACE )INTO /,
  /UPDATE \S+ SET /,
  /DELETE FROM /,
  /ALTER TABLE /,
  /(?:CREATE|DROP) (?:UNIQUE |TEMP |VIRTUAL )*(?:TABLE|INDEX|TRIGGER|VIEW) /,
  /BEGIN (?:IMMEDIATE|EXCLUSIVE)/,
].map(({ source }) => source.replaceAll(' ', '\\s+'));
const STATEMENT = new RegExp(`^\\s*(?:${BEGINNINGS.join('|')})`, 's');

/** Columns that hold amounts, as decimal text: '9' sorts after '10' there. */
const AMOUNT_COLUMN = /^(?:\w+\.)?(?:amount|balance|posted|held|burned|remaining|total|\w+_minor)$/;

/** The terms of each ORDER BY of a statement, without their direction. */
function orderTerms(sql: string): string[][] {
  return [...sql.matchAll(/ORDER\s+BY\s+((?:[\w."]+\([^)]*\)|[\w.",\s])+?)(?=\s+(?:LIMIT|ROWS|RANGE)\b|[);]|$)/gi)].map(
    ([, terms = '']) => terms.split(',').map((term) => term.trim().replace(/\s+(?:ASC|DESC)\b.*$/i, '')),
  );
}

/** The amount column that a statement sorts as text, if any: its length must come first. */
export function textSortedAmount(sql: string): string | undefined {
  for (const terms of orderTerms(sql)) {
    const found = terms.find(
      (term, index) =>
        AMOUNT_COLUMN.test(term) && !terms.slice(0, index).some((before) => before.includes(`length(${term})`)),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Complains about SQL outside core/ledger, and about amounts sorted as text inside it. */
export function judgeSql(source: Source): Complaint[] {
  const { path, tree } = source;
  if (tree === undefined || isTest(path)) return [];
  const isLedger = layerOf(path) === 'core/ledger';
  return [...walk(tree)].flatMap(({ node }) => {
    const text = literalText(node);
    if (text === undefined) return [];
    if (!isLedger) return STATEMENT.test(text) ? [complain(source, node.start, 'SQL lives in core/ledger only.')] : [];
    const column = textSortedAmount(text);
    if (column === undefined) return [];
    return [complain(source, node.start, `${column} is text: sort by length(${column}), ${column}.`)];
  });
}
