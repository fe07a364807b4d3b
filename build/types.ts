/** Checks the types of every layer under its own tsconfig.json: what a layer may not know, it cannot name. */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const CONFIGS = ['core/*/tsconfig.json', 'renderer/tsconfig.json', 'electron/*/tsconfig.json', 'tsconfig.json'];

/** tsc's own code for a config that selects no file: a layer that has no source so far. */
const NO_INPUTS = 'TS18003';

/** Type-checks one layer; gives what tsc says when it is not content. */
function check(config: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const tsc = spawn(process.execPath, ['node_modules/typescript/bin/tsc', '-p', config], { stdio: 'pipe' });
  let output = '';
  for (const stream of [tsc.stdout, tsc.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  tsc.on('close', (code) => resolve(code === 0 || output.includes(NO_INPUTS) ? undefined : output));
  return promise;
}

async function main(): Promise<number> {
  const waiting = globSync(CONFIGS).toSorted();
  const total = waiting.length;
  let failed = 0;
  const work = async () => {
    for (let config = waiting.shift(); config !== undefined; config = waiting.shift()) {
      const complaint = await check(config);
      if (complaint === undefined) continue;
      failed += 1;
      process.stdout.write(`${config}\n${complaint}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  process.stdout.write(`types: ${total - failed} of ${total} layers hold.\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
