/**
 * The chains a newcomer gets without a network: which there are, which can run on this machine, and starting them
 * beside a workspace. Each lives in a process of its own that ends with this one.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ChainError } from '../error.ts';
import { evmChain } from './evm/kind.ts';
import { solanaChain } from './solana/kind.ts';

/** A local chain that runs. `facts` go into the line that `npm start --json` prints, under the same names. */
export type EmbeddedChain = Readonly<{
  facts: Readonly<Record<string, string>>;
  /** Starts it anew at the same address; `isFresh` forgets everything on it first. */
  restart: (options: Readonly<{ isFresh: boolean }>) => Promise<void>;
  close: () => Promise<void>;
}>;

/** A kind of local chain. To add one, write its kind and list it in `KINDS`. */
export type EmbeddedKind = Readonly<{
  name: ChainName;
  /** The names of its facts, which are null where the chain does not run. */
  facts: readonly string[];
  /** Why it cannot run on this machine, as a sentence; nothing where it can. */
  whyNot: () => string | undefined;
  /** Starts it with its state in a folder of its own. Rejects with a ChainError. */
  start: (folder: string) => Promise<EmbeddedChain>;
}>;

export const CHAIN_CHOICES = ['none', 'evm', 'solana', 'all'] as const;
export type ChainChoice = (typeof CHAIN_CHOICES)[number];
export type ChainName = Exclude<ChainChoice, 'none' | 'all'>;

const KINDS: readonly EmbeddedKind[] = [evmChain, solanaChain];

/** What became of the chains that were asked for: facts of those that run, a sentence for each that does not. */
export type ChainsReady = Readonly<{ facts: Readonly<Record<string, string | null>>; complaints: readonly string[] }>;

export type RunningChains = Readonly<{
  /** Settles when each has started or failed; never rejects. */
  ready: Promise<ChainsReady>;
  /** The chain of a name, once it runs; nothing where it was not asked for or could not start. */
  chain: (name: ChainName) => Promise<EmbeddedChain | undefined>;
  close: () => Promise<void>;
}>;

/** Why a local chain cannot run on this machine; nothing where it can. */
export function whyNoChain(name: ChainName): string | undefined {
  return KINDS.find((kind) => kind.name === name)?.whyNot();
}

/** Where the state of the local chains of a workspace is kept: beside it, and removed with a sample. */
export function chainsFolder(workspace: string): string {
  return `${workspace}-chains`;
}

/** Removes the state of a workspace's local chains. None of them may run. */
export function removeChains(workspace: string): void {
  rmSync(chainsFolder(workspace), { recursive: true, force: true });
}

type Outcome = Readonly<{ kind: EmbeddedKind; chain?: EmbeddedChain; complaint?: string }>;

async function startOne(kind: EmbeddedKind, workspace: string): Promise<Outcome> {
  const why = kind.whyNot();
  if (why !== undefined) return { kind, complaint: why };
  try {
    return { kind, chain: await kind.start(join(chainsFolder(workspace), kind.name)) };
  } catch (error) {
    // A console without a local chain is still one: what failed is told, not thrown.
    const told = error instanceof ChainError ? `${error.refusal.detail} ${error.refusal.fix}` : String(error);
    return { kind, complaint: told };
  }
}

/**
 * Starts the chosen chains side by side. With `all`, those that cannot run on this machine are passed over in silence;
 * one that was named says why.
 */
export function startChains(choice: ChainChoice, workspace: string): RunningChains {
  const isChosen = ({ name }: EmbeddedKind): boolean => choice === 'all' || choice === name;
  const chosen = KINDS.filter((kind) => isChosen(kind) && !(choice === 'all' && kind.whyNot() !== undefined));
  const outcomes = Promise.all(chosen.map((kind) => startOne(kind, workspace)));
  const isKnown = choice === 'all' || choice === 'none' || KINDS.some(({ name }) => name === choice);
  const ready = outcomes.then((all) => ({
    facts: Object.fromEntries(
      all.flatMap(({ kind, chain }) => kind.facts.map((name) => [name, chain?.facts[name] ?? null])),
    ),
    complaints: [
      ...all.flatMap(({ complaint }) => complaint ?? []),
      ...(isKnown ? [] : [`This version has no local chain named ${choice}.`]),
    ],
  }));
  return {
    ready,
    chain: async (name) => (await outcomes).find(({ kind }) => kind.name === name)?.chain,
    close: async () => {
      await Promise.all((await outcomes).map(({ chain }) => chain?.close()));
    },
  };
}
