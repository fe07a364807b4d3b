/** The rollup of a local chain: MagicBlock's validator where it can run, else the emulator, and which of them it is. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BaseChain } from '../base-chain.ts';
import { ROLLUP_LICENSE } from '../genesis.ts';
import { openEmulator } from './emulator.ts';
import { VALIDATOR_VERSION, probeRollup } from './probe.ts';
import { openRealRollup } from './real.ts';

export type RollupWish = 'auto' | 'real' | 'emulator' | 'none';
export type RollupKind = 'real' | 'emulator' | 'none';

/** What the console shows: which one runs, and what it is not. */
export type RollupFacts = Readonly<{
  kind: RollupKind;
  name: string;
  note: string;
  rpc: string | null;
  ws: string | null;
}>;

export type Rollup = Readonly<{ facts: RollupFacts; close: () => Promise<void> }>;

export type RollupOptions = Readonly<{ wish: RollupWish; port: number; folder?: string }>;

export function isRollupWish(text: string): text is RollupWish {
  return ['auto', 'real', 'emulator', 'none'].includes(text);
}

const REAL_NAME = `MagicBlock ephemeral-validator ${VALIDATOR_VERSION}`;

/** What each kind keeps in the folder of the chain. */
const FILES = { real: 'rollup', emulator: 'rollup.emulated' } as const;

/** Forgets what a rollup kept; without its base chain it is worth nothing. */
export function removeRollupState(folder: string): void {
  for (const file of Object.values(FILES)) rmSync(join(folder, file), { recursive: true, force: true });
}

function none(note: string): Rollup {
  const facts = { kind: 'none', name: 'no rollup', note, rpc: null, ws: null } as const;
  return { facts, close: async () => undefined };
}

async function emulated(base: BaseChain, options: RollupOptions, why: string): Promise<Rollup> {
  const state = options.folder === undefined ? {} : { state: join(options.folder, FILES.emulator) };
  const { doors, close } = await openEmulator(base, { port: options.port, ...state });
  const note =
    `It settles through the real delegation program, but it is not MagicBlock's validator ` +
    `and shows nothing of its speed or limits in production. ${why}`;
  const facts = { kind: 'emulator', name: 'built-in rollup emulator', note, rpc: doors.rpc, ws: doors.ws } as const;
  return { facts, close };
}

/** Opens the wished rollup. With `auto`, whatever keeps the real one from running is told in the note. */
export async function openRollup(base: BaseChain, options: RollupOptions): Promise<Rollup> {
  if (options.wish === 'none') return none('It was not asked for.');
  if (!base.facts.hasDelegation) {
    return none("MagicBlock's optional npm package is not installed, and with it the delegation program.");
  }
  if (options.wish === 'emulator') return emulated(base, options, 'It was asked for.');
  const probe = probeRollup();
  if ('why' in probe) {
    if (options.wish === 'real') return none(`MagicBlock's validator cannot run here: ${probe.why}.`);
    return emulated(base, options, `MagicBlock's validator cannot run here: ${probe.why}.`);
  }
  const storage = options.folder === undefined ? {} : { storage: join(options.folder, FILES.real) };
  try {
    const { rpc, ws, close } = await openRealRollup(base, { command: probe.command, port: options.port, ...storage });
    return { facts: { kind: 'real', name: REAL_NAME, note: ROLLUP_LICENSE, rpc, ws }, close };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return options.wish === 'real' ? none(why) : emulated(base, options, why);
  }
}
