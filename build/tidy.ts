/** `npm run tidy`: what house and style ask of every file and no compiler checks. Prints `file:line` and the rule. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { judgeImports } from './tidy/imports.ts';
import { judgeReach } from './tidy/reach.ts';
import { judgeShape } from './tidy/shape.ts';
import { type Complaint, type Source, readSource } from './tidy/source.ts';
import { judgeSql } from './tidy/sql.ts';
import { judgeAddresses, judgeWords } from './tidy/words.ts';

const CODE = /\.(?:ts|tsx|mjs|css|c|rs|sol)$/;
const TEXT = /\.(?:ts|tsx|mjs|css|c|rs|sol|html|json|md|yml|yaml|sh)$|^\.(?:ci\/|npmrc)/;

/** Foreign clients and recorded answers keep the words of those who wrote them. */
const FOREIGN = /^(?:test\/conformance\/[^/]+\/(?:node_modules|recorded)|test\/.*\/fixtures|deployments)\//;

/** Everything the rules say about a set of files. */
export function judge(sources: readonly Source[]): Complaint[] {
  const perFile = sources.flatMap((source) => {
    const found = judgeAddresses(source);
    if (!CODE.test(source.path)) return found;
    return [...found, ...judgeImports(source), ...judgeShape(source), ...judgeWords(source), ...judgeSql(source)];
  });
  return [...perFile, ...judgeReach(sources)];
}

/** What git knows or would add: neither builds nor what is ignored. */
function listFiles(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const listed = execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\0');
  return [...new Set(listed)].filter((path) => TEXT.test(path) && !FOREIGN.test(path) && existsSync(path)).toSorted();
}

function main(): number {
  const sources = listFiles().map((path) => readSource(path, readFileSync(path, 'utf8')));
  const found = judge(sources);
  for (const { path, line, rule } of found) process.stdout.write(`${path}:${line}  ${rule}\n`);
  process.stdout.write(`tidy: ${sources.length} files, ${found.length} complaints.\n`);
  return found.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = main();
