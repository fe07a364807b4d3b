/** A source file as the rules of tidy see it: its text, its syntax tree and its comments. */
import { parseSync } from 'vite';

/** A node of the syntax tree (ESTree with TypeScript). Rules look at few kinds, so the rest stays loose. */
export type Node = Readonly<{ type: string; start: number; end: number } & Record<string, unknown>>;

export type Comment = Readonly<{ value: string; start: number; end: number }>;

/** What the rules need of a file. `tree` is missing where there is none to have: stylesheets, C, prose. */
export type Source = Readonly<{
  path: string;
  text: string;
  lines: readonly string[];
  tree?: Node;
  comments: Comment[];
}>;

/** One sentence about one line of one file. */
export type Complaint = Readonly<{ path: string; line: number; rule: string }>;

const PARSED = /\.(?:ts|tsx|mjs)$/;

/** Reads a file; a syntax error is the compiler's to report, so the tree is then whatever could be read. */
export function readSource(path: string, text: string): Source {
  const lines = text.split('\n');
  if (!PARSED.test(path) || path.endsWith('.d.ts')) return { path, text, lines, comments: [] };
  const { program, comments } = parseSync(path, text);
  return { path, text, lines, tree: program as unknown as Node /* vite's type names every kind of node */, comments };
}

/** The line, counted from 1, on which an offset of the text lies. */
export function lineAt({ text }: Source, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** Says something about the line at an offset. */
export function complain(source: Source, offset: number, rule: string): Complaint {
  return { path: source.path, line: lineAt(source, offset), rule };
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** Every node of a tree with the node above it, outermost first. */
export function* walk(node: Node, above?: Node): Generator<Readonly<{ node: Node; above: Node | undefined }>> {
  yield { node, above };
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* walk(child, node);
  }
}

/** Tests may do what the product may not: build worlds with SQL, throw anything, reach into every layer. */
export function isTest(path: string): boolean {
  return path.startsWith('test/') || /\.(?:test|spec)\.tsx?$/.test(path);
}

/** The text of a string or template literal, with a gap for each value put in; otherwise nothing. */
export function literalText(node: Node): string | undefined {
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type !== 'TemplateLiteral') return undefined;
  const quasis = node['quasis'] as readonly { value: { cooked: string } }[];
  return quasis.map(({ value }) => value.cooked).join(' ? ');
}
