/** Sizes, names and first sentences: what makes a file easy to hold in one's head. */
import { type Complaint, type Node, type Source, complain, isNode, isTest, lineAt, walk } from './source.ts';

const MAX_FUNCTION_LINES = 70;
const MAX_FILE_LINES = 400;
const MAX_COLUMNS = 120;

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** A group of tests is a table of contents, not a function that does something. */
function isTestGroup(above: Node | undefined): boolean {
  if (above?.type !== 'CallExpression') return false;
  // The name stands at the root of the callee, under whatever it is called or chained with: each, skipIf.
  let root = above;
  while (root.type !== 'Identifier') {
    const inner = root['callee'] ?? root['object'];
    if (!isNode(inner)) return false;
    root = inner;
  }
  return root['name'] === 'describe';
}

function judgeFunctions(source: Source): Complaint[] {
  if (source.tree === undefined) return [];
  return [...walk(source.tree)].flatMap(({ node, above }) => {
    if (!FUNCTIONS.has(node.type) || isTestGroup(above)) return [];
    const length = lineAt(source, node.end) - lineAt(source, node.start) + 1;
    const rule = `A function has at most ${MAX_FUNCTION_LINES} lines; this one has ${length}.`;
    return length > MAX_FUNCTION_LINES ? [complain(source, node.start, rule)] : [];
  });
}

function judgeLines({ path, lines }: Source): Complaint[] {
  const found: Complaint[] = [];
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  if (count > MAX_FILE_LINES) {
    found.push({ path, line: count, rule: `A file has at most ${MAX_FILE_LINES} lines; this one has ${count}.` });
  }
  lines.forEach((line, index) => {
    const width = [...line].length;
    const rule = `A line has at most ${MAX_COLUMNS} columns; this one has ${width}.`;
    if (width > MAX_COLUMNS) found.push({ path, line: index + 1, rule });
  });
  return found;
}

const EMPTY_WORDS = ['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'managers'];
const EMPTY_ENDING = /(?:Utils?|Helpers?|Managers?)$/;
const NAMED = new Set(['FunctionDeclaration', 'ClassDeclaration', 'TSTypeAliasDeclaration', 'TSInterfaceDeclaration']);

function judgeNames(source: Source): Complaint[] {
  const words = source.path.split(/[/._-]/);
  const empty = words.find((word) => EMPTY_WORDS.includes(word.toLowerCase()));
  const inPath = empty === undefined ? [] : [complain(source, 0, `"${empty}" names nothing: say what it is for.`)];
  if (source.tree === undefined) return inPath;
  const inTree = [...walk(source.tree)].flatMap(({ node }) => {
    const name = NAMED.has(node.type) ? (node['id'] as { name?: string } | null)?.name : undefined;
    if (name === undefined || !EMPTY_ENDING.test(name)) return [];
    return [complain(source, node.start, `"${name}" names nothing: say what it does.`)];
  });
  return [...inPath, ...inTree];
}

function judgeOpening(source: Source): Complaint[] {
  if (source.tree === undefined || isTest(source.path)) return [];
  const [first, second] = source.lines;
  const opening = first?.startsWith('#!') ? second : first;
  if (opening?.startsWith('/**')) return [];
  return [complain(source, 0, 'A file opens with one sentence, in /** … */, that says what it is for.')];
}

/** Complains about what is too long, too wide, or named with a word that says nothing. */
export function judgeShape(source: Source): Complaint[] {
  return [...judgeFunctions(source), ...judgeLines(source), ...judgeNames(source), ...judgeOpening(source)];
}
