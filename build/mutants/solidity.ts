/**
 * Swaps the operators of the contracts' money functions one by one: text in, text out. Which of them a test may miss is
 * listed with its reason in `contracts/equivalent-mutants.json`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Functions that decide who gets how much, and when, by file under `contracts/src`. */
const MONEY: Readonly<Record<string, readonly string[]>> = {
  'serving/Accounts.sol': [
    'deposit',
    'requestRefund',
    'withdrawRefund',
    'withdrawCancelledRefund',
    'withdrawEarnings',
    '_collectible',
    '_collect',
    '_take',
    '_release',
  ],
  'serving/Vouchers.sol': ['previewSettlementResults', '_closeRun', '_settle', '_judge', '_follows'],
  'serving/Batches.sol': ['settleBatch', '_checkSubmission', '_settleEntries', '_settlePlain', '_settleEntry'],
  'serving/Services.sol': ['acknowledgeTEESigner', 'requestStakeExit', 'withdrawStake', '_register', '_pay'],
  'Payments.sol': ['payInvoice', 'withdraw', '_checkTerms', '_applyToInvoice', '_receive'],
};

/** What takes an operator's place. The formatter puts spaces around those of Solidity; assembly has functions. */
const SWAPS: readonly (readonly [RegExp, string])[] = [
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/ \* /g, ' / '],
  [/ \/ /g, ' * '],
  [/ % /g, ' / '],
  [/ < /g, ' <= '],
  [/ <= /g, ' < '],
  [/ > /g, ' >= '],
  [/ >= /g, ' > '],
  [/ == /g, ' != '],
  [/ != /g, ' == '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ \+= /g, ' -= '],
  [/ -= /g, ' += '],
  [/ & /g, ' | '],
  [/ \| /g, ' & '],
  [/ &= /g, ' |= '],
  [/ \|= /g, ' &= '],
  [/ >> /g, ' << '],
  [/ << /g, ' >> '],
  [/\badd\(/g, 'sub('],
  [/\bsub\(/g, 'add('],
  [/\bdiv\(/g, 'mul('],
  [/\blt\(/g, 'gt('],
  [/\bgt\(/g, 'lt('],
  [/\beq\(/g, 'xor('],
  [/\band\(/g, 'or('],
  [/\bor\(/g, 'and('],
  [/\bshl\(/g, 'shr('],
  [/\bshr\(/g, 'shl('],
];

/** One swapped operator. `place` names it as long as the function above it does not change. */
export type Swap = Readonly<{ file: string; offset: number; from: string; to: string; place: string }>;

/** The text of a function's body and where it begins; nothing where the file has no such function. */
function bodyOf(source: string, name: string): { start: number; text: string } | undefined {
  const at = source.search(new RegExp(`\\bfunction ${name}\\(`));
  if (at < 0) return undefined;
  const start = source.indexOf('{', at);
  // The formatter ends a function with a brace at the indentation it began with.
  const end = source.indexOf('\n    }\n', start);
  return { start, text: source.slice(start, end) };
}

/** Blanks out comments, so that no word of theirs is taken for code; lengths stay. */
const withoutComments = (text: string): string => text.replaceAll(/\/\/.*$/gm, (comment) => ' '.repeat(comment.length));

function swapsIn(file: string, source: string, name: string): Swap[] {
  const body = bodyOf(source, name);
  if (body === undefined) return [];
  const code = withoutComments(body.text);
  const found = SWAPS.flatMap(([pattern, to]) =>
    [...code.matchAll(pattern)].map((match) => ({ file, offset: body.start + match.index, from: match[0], to })),
  ).toSorted((a, b) => a.offset - b.offset);
  return found.map((swap, index) => ({
    ...swap,
    place: `${file} ${name} #${index + 1} ${swap.from.trim()} → ${swap.to.trim()}`,
  }));
}

/** Every operator of the money functions with what takes its place, in their order. */
export function operatorSwaps(contracts: string): Swap[] {
  return Object.entries(MONEY).flatMap(([file, names]) => {
    const source = readFileSync(join(contracts, 'src', file), 'utf8');
    return names.flatMap((name) => swapsIn(file, source, name));
  });
}

/** Money functions that their file does not have: renamed, and no longer mutated. */
export function missingFunctions(contracts: string): string[] {
  return Object.entries(MONEY).flatMap(([file, names]) => {
    const source = readFileSync(join(contracts, 'src', file), 'utf8');
    return names.filter((name) => bodyOf(source, name) === undefined).map((name) => `${file} ${name}`);
  });
}

/** A source with one operator swapped. */
export function swapped(source: string, { offset, from, to }: Swap): string {
  return source.slice(0, offset) + to + source.slice(offset + from.length);
}

/** Swaps that change nothing anybody can see, by place, each with its reason. */
export function equivalents(contracts: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(contracts, 'equivalent-mutants.json'), 'utf8')) as Record<string, string>;
}
