/** Where the local EVM chain of a folder listens, as its starter left word: for those who did not start it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fileIn = (folder: string): string => join(folder, 'rpc-url');

/** The address that the chain's starter left; it may have been killed since. */
export function runningLocalEvm(folder: string): string | undefined {
  const file = fileIn(folder);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Leaves word of a chain that runs; what is given back takes it away. */
export function leaveWord(folder: string, rpcUrl: string): () => void {
  const file = fileIn(folder);
  writeFileSync(file, rpcUrl);
  return () => rmSync(file, { force: true });
}
