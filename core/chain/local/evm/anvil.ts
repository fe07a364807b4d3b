/** Runs anvil: the platform's own binary from npm, on a free loopback port, ended with this process. */
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startGuarded, waitForLine } from '../child.ts';

const PLATFORMS: Readonly<Record<string, string>> = { 'linux-x64': 'linux-amd64' };

const READY_WITHIN_MS = 10_000;

/** How often the state is written while the chain runs, so that a killed console loses little of it. */
const STATE_EVERY_S = 5;

/** The binary itself; nothing where npm has none. The package's launcher would add 80 ms and outlive a kill. */
export function anvilBinary(): string | undefined {
  const platform = PLATFORMS[`${process.platform}-${process.arch}`];
  if (platform === undefined) return undefined;
  try {
    const path = createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${platform}/bin/anvil`);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined; // An optional package that was left out.
  }
}

export type AnvilOptions = Readonly<{
  chainId: number;
  /** A free one unless said. */
  port?: number;
  /** Where the state is kept from one run to the next; without it, nothing is. */
  folder?: string;
  /** Unix seconds of the first block: with the rest equal, the same genesis hash each time. */
  genesisS?: number;
  accounts?: number;
  /** Further arguments, such as `--no-mining` in a test. */
  more?: readonly string[];
}>;

export type Anvil = Readonly<{ rpcUrl: string; ended: Promise<void>; close: () => Promise<void> }>;

/** Starts anvil and waits until it listens. Rejects with LOCAL_CHAIN_FAILED. */
export async function startAnvil({
  chainId,
  port,
  folder,
  genesisS,
  accounts,
  more = [],
}: AnvilOptions): Promise<Anvil> {
  const binary = anvilBinary() ?? 'anvil';
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const state =
    folder === undefined ? [] : ['--state', join(folder, 'state.json'), '--state-interval', `${STATE_EVERY_S}`];
  const cache = folder === undefined ? [] : ['--cache-path', join(folder, 'cache')];
  const genesis = genesisS === undefined ? [] : ['--timestamp', `${genesisS}`];
  const args = ['--host', '127.0.0.1', '--port', `${port ?? 0}`, '--chain-id', `${chainId}`, '--hardfork', 'cancun'];
  const funded = ['--accounts', `${accounts ?? 10}`];
  const program = startGuarded(binary, [...args, ...funded, ...state, ...cache, ...genesis, ...more]);
  try {
    const [, bound] = await waitForLine(program, /Listening on 127\.0\.0\.1:(\d+)/, {
      name: 'anvil',
      withinMs: READY_WITHIN_MS,
    });
    return { rpcUrl: `http://127.0.0.1:${bound}`, ended: program.ended, close: program.stop };
  } catch (error) {
    await program.stop();
    throw error;
  }
}
