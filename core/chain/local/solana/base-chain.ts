/** The base chain of a machine: a bank with genesis or its snapshot, blocks by the clock, and its doors. */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import type { Bank } from './bank.ts';
import { base58 } from './base58.ts';
import { BASE_METHODS, Dispatcher } from './dispatch.ts';
import { loadGenesis } from './genesis.ts';
import type { GenesisFacts } from './genesis.ts';
import type { Chain, Control } from './methods.ts';
import { NOBODY } from './rpc-cluster.ts';
import { openDoors } from './server.ts';
import type { Doors } from './server.ts';
import { openBank, saveBank } from './snapshot.ts';

export type BaseOptions = Readonly<{
  port: number;
  /** The snapshot's file; without one the chain lives as long as the process. */
  state?: string;
  /** Folder of our compiled programs. */
  artifacts: string;
  slotMs: number;
}>;

export type BaseChain = Readonly<{
  bank: Bank;
  facts: GenesisFacts;
  doors: Doors;
  control: Control;
  close: () => Promise<void>;
}>;

const SAVE_EVERY_MS = 1000;

/** Named after the chain's salt, so that no two local chains are taken for one another, nor for a public cluster. */
export function genesisHashOf(salt: string): string {
  return base58(createHash('sha256').update(`tollkeeper local genesis/${salt}`).digest());
}

/** Moves blocks, slots and time on a bank. */
export function controlOf(bank: Bank): Control {
  return {
    advance: ({ blocks = 0, slots = 0, seconds = 0 }) => {
      bank.timeOffsetSeconds += BigInt(seconds);
      if (slots > 0 || seconds > 0 || blocks === 0) bank.tick(slots > 0 ? BigInt(slots - 1) : 0n);
      for (let made = 0; made < blocks; made += 1) bank.tick();
    },
    stopRollup: async () => undefined,
  };
}

/** Saves what changed, at most once a second and never for more than a small share of the time. */
function autosave(bank: Bank, path: string): () => void {
  let isChanged = true;
  let waitUntil = 0;
  const stop = bank.listen({
    changed: () => {
      isChanged = true;
    },
  });
  const save = (): void => {
    const started = performance.now();
    isChanged = false;
    saveBank(bank, path);
    waitUntil = performance.now() + 20 * (performance.now() - started);
  };
  const timer = setInterval(() => {
    if (isChanged && performance.now() >= waitUntil) save();
  }, SAVE_EVERY_MS);
  return () => {
    clearInterval(timer);
    stop();
    save();
  };
}

/** Opens the chain. A snapshot is taken up where it ended; `removeState` before this starts anew. */
export async function openBaseChain(options: BaseOptions): Promise<BaseChain> {
  const { bank, restore } = openBank(options.state, options.slotMs);
  const facts = loadGenesis(bank, { artifacts: options.artifacts });
  restore();
  bank.tick();
  const chain: Chain = {
    bank,
    facts,
    genesisHash: genesisHashOf(bank.identity.salt),
    identity: NOBODY,
    control: controlOf(bank),
  };
  const doors = await openDoors(options.port, chain, new Dispatcher(chain, BASE_METHODS));
  const endSaving = options.state === undefined ? undefined : autosave(bank, options.state);
  const timer = setInterval(() => bank.tick(), options.slotMs);
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await doors.close();
    endSaving?.();
  };
  return { bank, facts, doors, control: chain.control, close };
}

/** Forgets a chain: the next start makes a new one. */
export function removeState(path: string): void {
  for (const file of [path, `${path}.new`]) if (existsSync(file)) rmSync(file);
}
