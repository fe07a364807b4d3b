/** Starts the process of a local Solana chain, knows when it is up, starts it again when it dies, and stops it. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { ChainError } from '../../error.ts';
import { removeState } from './base-chain.ts';
import { removeRollupState } from './rollup/rollup.ts';
import type { GenesisFacts } from './genesis.ts';
import type { ChainReport } from './main.ts';
import type { RollupFacts, RollupWish } from './rollup/rollup.ts';

export type LocalSolanaOptions = Readonly<{
  /** Folder for the snapshot; without one the chain is forgotten when it stops. */
  folder?: string;
  port?: number;
  slotMs?: number;
  /** Which rollup to run over it; `auto` takes MagicBlock's validator where it can run. */
  rollup?: RollupWish;
  /** Told when the process died unasked and was started again at the same address. */
  onRestart?: (reason: string) => void;
}>;

export type LocalSolana = Readonly<{
  rpc: string;
  ws: string;
  facts: GenesisFacts;
  rollup: RollupFacts;
  /** Id of the running process. */
  pid: () => number | undefined;
  /** Starts the process anew at the same address; `isFresh` forgets the chain first. */
  restart: (options?: Readonly<{ isFresh?: boolean }>) => Promise<void>;
  stop: () => Promise<void>;
}>;

function notStarted(detail: string): ChainError {
  return new ChainError({
    code: 'LOCAL_CHAIN_FAILED',
    detail: `The local Solana chain did not start: ${detail}`,
    fix: 'Start with --chains none to go without it, or remove the folder beside the workspace that holds its state.',
  });
}

const MAIN = resolve(import.meta.dirname, 'main.ts');
const ARTIFACTS = resolve(import.meta.dirname, '../../../../programs/artifacts');
const READY_WITHIN_MS = 15_000;
const END_WITHIN_MS = 4000;
/** The heap of the process; with LiteSVM's own memory it stays under 180 MB. */
const HEAP = ['--max-old-space-size=64', '--max-semi-space-size=2'];
/**
 * The same for what lies outside it: glibc keeps an arena a thread and seldom gives memory back (`mallopt(3)`), which
 * was a fifth of the process. Elsewhere these mean nothing.
 */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '65536',
} as const;
const RESTART_AFTER_MS = 200;

type Ready = Extract<ChainReport, { type: 'ready' }>;

async function launch(args: readonly string[]): Promise<{ child: ChildProcess; ready: Ready }> {
  const env = { ...process.env, ...ALLOCATOR };
  const child = fork(MAIN, [...args], { execArgv: HEAP, env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  child.stderr?.on('data', (part: Buffer) => {
    complaint = (complaint + part.toString('utf8')).slice(-2000);
  });
  const report = await new Promise<ChainReport>((give) => {
    const timer = setTimeout(() => give({ type: 'failed', message: 'it was not up in time.' }), READY_WITHIN_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      give(message as ChainReport);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      give({ type: 'failed', message: `its process ended with ${signal ?? code}. ${complaint}`.trim() });
    });
  });
  if (report.type === 'ready') return { child, ready: report };
  child.kill('SIGKILL');
  throw notStarted(report.message);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  await gone;
  clearTimeout(timer);
}

/** Starts a chain. Rejects with a ChainError. */
export async function startLocalSolana(options: LocalSolanaOptions = {}): Promise<LocalSolana> {
  const state = options.folder === undefined ? undefined : join(options.folder, 'solana.chain');
  const args = ({ port, rollupPort }: { port: number; rollupPort: number }): string[] => [
    ...['--rollup', options.rollup ?? 'none', '--rollup-port', String(rollupPort)],
    ...(options.folder === undefined ? [] : ['--rollup-folder', options.folder]),
    ...['--port', String(port), '--artifacts', ARTIFACTS, '--slot-ms', String(options.slotMs ?? 400)],
    ...(state === undefined ? [] : ['--state', state]),
  ];
  let { child, ready } = await launch(args({ port: options.port ?? 0, rollupPort: 0 }));
  let isWanted = true;
  const portOf = (url: string | null): number => (url === null ? 0 : Number(new URL(url).port));
  const ports = { port: portOf(ready.rpc), rollupPort: portOf(ready.rollup.rpc) };
  const watch = (): void => {
    const watched = child;
    watched.once('exit', (code, signal) => {
      if (!isWanted || watched !== child) return;
      options.onRestart?.(`The local Solana chain ended with ${signal ?? code} and was started again.`);
      setTimeout(() => void again().catch((error: unknown) => options.onRestart?.(String(error))), RESTART_AFTER_MS);
    });
  };
  const again = async (): Promise<void> => {
    if (!isWanted) return;
    ({ child, ready } = await launch(args(ports)));
    watch();
  };
  watch();
  const restart = async ({ isFresh = false } = {}): Promise<void> => {
    isWanted = false;
    await end(child);
    isWanted = true;
    if (isFresh && state !== undefined) removeState(state);
    if (isFresh && options.folder !== undefined) removeRollupState(options.folder);
    await again();
  };
  const stop = async (): Promise<void> => {
    isWanted = false;
    await end(child);
  };
  const { rpc, ws, facts, rollup } = ready;
  return { rpc, ws, facts, rollup, pid: () => child.pid, restart, stop };
}
