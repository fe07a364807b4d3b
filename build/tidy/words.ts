/** Constructions that hide a mistake: `any`, silent suppressions, floating-point money, bare errors, stray output. */
import { type Complaint, type Node, type Source, complain, isNode, isTest, walk } from './source.ts';

/** Where a bare `Error` may be thrown, and why. */
const BARE_ERRORS: Readonly<Record<string, string>> = {
  'core/domain/refusal.ts': 'a broken invariant is a defect, which no code of the closed set describes',
};

/** Where `console` may be used: build commands talk to the person who runs them, and the CLI has one place for it. */
const CONSOLE = /^(?:build\/|test\/|core\/cli\/output\.ts$)/;

const AMOUNT = /(?:Minor|Amount)$|^(?:amount|balance)$/;

/** Whether an expression mentions an amount of money. */
function mentionsAmount(node: Node): boolean {
  return [...walk(node)].some(({ node: part }) => part.type === 'Identifier' && AMOUNT.test(String(part['name'])));
}

function calleeName(node: Node): string {
  const callee = node['callee'] as Node;
  if (callee.type === 'Identifier') return String(callee['name']);
  if (callee.type !== 'MemberExpression') return '';
  return `${String((callee['object'] as Node)['name'])}.${String((callee['property'] as Node)['name'])}`;
}

const TO_NUMBER = [
  'Number',
  'Number.parseFloat',
  'Number.parseInt',
  'parseInt',
  'Math.round',
  'Math.floor',
  'Math.ceil',
];

function judgeMoney(node: Node): string | undefined {
  const isPlus = node.type === 'UnaryExpression' && node['operator'] === '+';
  if (isPlus && mentionsAmount(node['argument'] as Node)) return 'An amount stays a bigint: no unary plus.';
  if (node.type !== 'CallExpression') return undefined;
  const name = calleeName(node);
  if (name === 'parseFloat' || name === 'Number.parseFloat') return 'parseFloat loses digits: use parseDecimal.';
  if (!TO_NUMBER.includes(name)) return undefined;
  const isAmount = (node['arguments'] as Node[]).some(mentionsAmount);
  return isAmount ? `An amount stays a bigint: no ${name}().` : undefined;
}

const ERRORS = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError']);

function judgeThrow(node: Node, path: string): string | undefined {
  if (node.type !== 'ThrowStatement' || path in BARE_ERRORS) return undefined;
  const thrown = node['argument'];
  if (!isNode(thrown) || (thrown.type !== 'NewExpression' && thrown.type !== 'CallExpression')) return undefined;
  const name = calleeName(thrown);
  return ERRORS.has(name) ? `No bare ${name}: refuse with a code, or state an invariant.` : undefined;
}

function judgeNode(node: Node, { path }: Source): string | undefined {
  if (node.type === 'TSAnyKeyword') return '"any" switches the compiler off: use unknown, or the type.';
  if (isTest(path)) return undefined;
  const money = judgeMoney(node) ?? judgeThrow(node, path);
  if (money !== undefined || node.type !== 'MemberExpression' || CONSOLE.test(path)) return money;
  return (node['object'] as Node)['name'] === 'console'
    ? 'No console here: use the log, or core/cli/output.ts.'
    : undefined;
}

const NEVER = /@ts-(?:ignore|nocheck)\b/;
const SUPPRESSION = /(?:oxlint|eslint)-disable[\w-]*(?<why>.*)|@ts-expect-error(?<reason>.*)|oxfmt-ignore(?<cause>.*)/s;
const MARKER = /\b(?:TODO|FIXME|XXX|HACK)\b/;

/** A reason has at least three words after the `--` of a lint directive or after the directive itself. */
function isExplained(match: RegExpExecArray): boolean {
  const { why, reason, cause } = match.groups ?? {};
  const text = why === undefined ? (reason ?? cause ?? '') : (why.split(' -- ')[1] ?? '');
  return text.trim().split(/\s+/).length >= 3;
}

function judgeComments(source: Source): Complaint[] {
  return source.comments.flatMap(({ value, start }) => {
    if (NEVER.test(value)) return [complain(source, start, 'The compiler is not silenced for a line or a file.')];
    if (MARKER.test(value)) return [complain(source, start, 'Work to be done is an issue, not a comment.')];
    const match = SUPPRESSION.exec(value);
    if (match === null || isExplained(match)) return [];
    return [complain(source, start, 'A suppression says why, in the same comment.')];
  });
}

/** `as unknown as` switches the compiler off like a directive does, so it needs the same: a reason beside it. */
function judgeDoubleCasts(source: Source): Complaint[] {
  if (source.tree === undefined || isTest(source.path)) return [];
  return [...walk(source.tree)].flatMap(({ node }) => {
    if (node.type !== 'TSAsExpression') return [];
    const inner = node['expression'] as Node;
    if (inner.type !== 'TSAsExpression' || (inner['typeAnnotation'] as Node).type !== 'TSUnknownKeyword') return [];
    const found = complain(source, node.end, '"as unknown as" says why, in a comment on its line or the one above.');
    const near = source.lines.slice(Math.max(0, found.line - 2), found.line).join('\n');
    return /\/\/|\/\*|\*\//.test(near) ? [] : [found];
  });
}

/** Complains about constructions that hide a mistake. */
export function judgeWords(source: Source): Complaint[] {
  const { tree } = source;
  if (tree === undefined) return [];
  const inTree = [...walk(tree)].flatMap(({ node }) => {
    const rule = judgeNode(node, source);
    return rule === undefined ? [] : [complain(source, node.start, rule)];
  });
  return [...inTree, ...judgeComments(source), ...judgeDoubleCasts(source)];
}

const REGISTRY =
  /\bregistry\.[\w-]+\.\w|https?:\/\/[^\s"'`/]*(?:registry|artifactory|nexus|mirror|npmjs|pypi)[^\s"'`/]*\.\w/i;

/** Complains about the address of a package registry, in any file: a clone installs from the one it is set to. */
export function judgeAddresses({ path, lines }: Source): Complaint[] {
  return lines.flatMap((line, index) =>
    REGISTRY.test(line) ? [{ path, line: index + 1, rule: 'No address of a package registry.' }] : [],
  );
}
