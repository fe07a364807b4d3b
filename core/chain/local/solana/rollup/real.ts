/** Supervises MagicBlock's ephemeral validator over the local base chain: start, health, restart, and no orphan. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { shellWord } from '#core/domain/shell-word.ts';
import { ChainError } from '../../../error.ts';
import type { BaseChain } from '../base-chain.ts';
import { base58 } from '../base58.ts';
import { validatorKey } from '../genesis.ts';

export type RealOptions = Readonly<{
  command: readonly string[];
  port: number;
  /** What the validator keeps between starts; without it, a folder that goes when it stops. */
  storage?: string;
}>;

export type RealRollup = Readonly<{
  rpc: string;
  ws: string;
  pid: () => number | undefined;
  close: () => Promise<void>;
}>;

function notStarted(detail: string): ChainError {
  return new ChainError({
    code: 'LOCAL_CHAIN_FAILED',
    detail: `The ephemeral validator did not start: ${detail}`,
    fix: 'The built-in emulator takes its place unless the validator was asked for by name.',
  });
}

const HOST = '127.0.0.1';
const READY_WITHIN_MS = 8000;
const END_WITHIN_MS = 5000;
const RESTART_AFTER_MS = 300;
/** A validator that ends so often has a reason that another start does not mend. */
const MAX_RESTARTS = 5;

/**
 * Runs the validator under a terminal, without which it ends at once and says nothing. The shell ends the whole group
 * when its standard input closes, and that happens however this process goes; and it ends when the validator does.
 */
const GUARD = `
trap 'exit 0' TERM
( trap : TERM; script -qefc "$1" /dev/null </dev/null >/dev/null 2>&1; kill -TERM $$ ) &
read -r _
trap '' TERM
kill -TERM 0
wait
`;

function listensAt(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

/** A free port whose successor is free too: the validator takes both and cannot be told otherwise. */
async function freePair(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = await listensAt(0);
    if (port !== undefined && (await listensAt(port + 1)) !== undefined) return port;
  }
  throw notStarted('no two neighbouring ports are free.');
}

async function ask(rpc: string, method: string): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] });
  const response = await fetch(rpc, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return ((await response.json()) as { result?: unknown }).result;
}

async function untilHealthy(rpc: string, child: ChildProcess, validator: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw notStarted('it ended at once.');
    const health = await ask(rpc, 'getHealth').catch(() => undefined);
    if (health === 'ok') {
      const { identity } = (await ask(rpc, 'getIdentity')) as { identity: string };
      if (identity === validator) return untilMoving(rpc, deadline);
      throw notStarted(`another validator answers at ${rpc}.`);
    }
    await after(20);
  }
  throw notStarted('it was not up in time.');
}

/** A blockhash is only good once a slot has passed since the start; before that a first transaction is refused. */
async function untilMoving(rpc: string, deadline: number): Promise<void> {
  const first = Number(await ask(rpc, 'getSlot'));
  while (performance.now() < deadline && Number(await ask(rpc, 'getSlot')) < first + 2) await after(10);
}

type Launch = Readonly<{ base: BaseChain; command: readonly string[]; port: number; storage: string }>;

async function launch({ base, command, port, storage }: Launch): Promise<ChildProcess> {
  const { rpc, ws } = base.doors;
  const key = validatorKey(base.bank.identity.salt);
  const remotes = ['--remotes', rpc, '--remotes', ws]; // Without both it turns to the public devnet.
  const line = [...command, '--lifecycle', 'ephemeral', ...remotes, '--storage', storage, '-l', `${HOST}:${port}`];
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    MBV_VALIDATOR__KEYPAIR: base58(key.secret),
    MBV_METRICS__ADDRESS: `${HOST}:${await freePair()}`, // Its own default is every interface.
  };
  const args = ['-c', GUARD, 'sh', line.map(shellWord).join(' ')];
  const child = spawn('sh', args, { env, stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  try {
    await untilHealthy(`http://${HOST}:${port}`, child, key.address);
  } catch (error) {
    await end(child);
    throw error;
  }
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.stdin?.end();
  const timer = setTimeout(() => killGroup(child), END_WITHIN_MS);
  await gone;
  clearTimeout(timer);
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It went by itself in between.
  }
}

export async function openRealRollup(base: BaseChain, options: RealOptions): Promise<RealRollup> {
  const isTemporary = options.storage === undefined;
  const storage = options.storage ?? mkdtempSync(join(tmpdir(), 'tollkeeper-rollup-'));
  mkdirSync(storage, { recursive: true });
  const port = options.port === 0 ? await freePair() : options.port;
  const start = (): Promise<ChildProcess> => launch({ base, command: options.command, port, storage });
  let child = await start();
  let isWanted = true;
  let restarts = 0;
  const again = async (): Promise<void> => {
    await after(RESTART_AFTER_MS);
    if (!isWanted) return;
    child = await start();
    if (isWanted) watch();
    else await end(child);
  };
  const watch = (): void => {
    child.once('exit', () => {
      if (!isWanted || restarts >= MAX_RESTARTS) return;
      restarts += 1;
      // When it does not come up again, clients see a rollup that is silent; the base chain goes on without it.
      again().catch(() => undefined);
    });
  };
  watch();
  const close = async (): Promise<void> => {
    isWanted = false;
    await end(child);
    if (isTemporary) rmSync(storage, { recursive: true, force: true });
  };
  return { rpc: `http://${HOST}:${port}`, ws: `ws://${HOST}:${port + 1}`, pid: () => child.pid, close };
}
