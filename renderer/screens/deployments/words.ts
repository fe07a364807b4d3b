/** What deployments are called on screen: networks, changes, states. */
import type { Outputs } from '../../lib/rpc.ts';
import type { Shape, Tone } from '../../ui/marks.tsx';

export type Network = Outputs['deployments']['list']['networks'][number];
export type Unit = Network['units'][number];
export type View = Outputs['deployments']['get'];
export type Job = Outputs['deployments']['jobs']['jobs'][number];
export type Plan = Outputs['deployments']['plan'];
export type Action = Job['action'];
export type LocalChain = Outputs['localChain']['get'];
export type Standing = Outputs['localChain']['list']['chains'][number];

/** The verb of a change, as its button says it. */
export const VERBS: Readonly<Record<Action, string>> = {
  deploy: 'Deploy',
  upgrade: 'Upgrade',
  verify: 'Read back and verify',
  'offer-ownership': 'Offer ownership',
  'accept-ownership': 'Accept ownership',
  'transfer-beacon': 'Give the beacon away',
  'set-authority': 'Hand the authority over',
  'make-final': 'Make final',
  close: 'Close the program',
  'close-buffer': 'Give up a deployment',
  'register-provider': 'Register a provider',
  'join-provider': 'Join a provider',
};

/** What a change does, in a sentence for whoever is about to make it. */
export const MEANING: Readonly<Partial<Record<Action, string>>> = {
  deploy: 'Puts the committed code on the chain and compares it byte by byte.',
  upgrade: 'Moves what is live to the committed code. The address and what it holds stay.',
  'offer-ownership': 'The other account has to accept it; until then nothing changes.',
  'accept-ownership': 'Takes what was offered to the account that signs.',
  'transfer-beacon': 'Whoever has the beacon decides the code of every proxy. It is given away in one step.',
  'set-authority': 'The other account alone may upgrade and close the program then.',
  'make-final': 'Gives the upgrade authority up: nobody can ever change or close the program.',
  close: 'Removes the program and pays its rent back. Its address can never be used again.',
  'close-buffer': 'Pays the rent of a deployment that was begun back to the payer, and forgets its temporary keys.',
};

/** Changes that want the address of another account. */
export const WANTS_ADDRESS: ReadonlySet<Action> = new Set(['offer-ownership', 'transfer-beacon', 'set-authority']);

export const STATES: Readonly<Record<Job['state'], Readonly<{ tone: Tone; shape: Shape; word: string }>>> = {
  running: { tone: 'info', shape: 'half', word: 'Under way' },
  done: { tone: 'good', shape: 'check', word: 'Done' },
  failed: { tone: 'danger', shape: 'square', word: 'Failed' },
  cancelled: { tone: 'attention', shape: 'ring', word: 'Cancelled' },
  interrupted: { tone: 'attention', shape: 'triangle', word: 'Interrupted' },
};

export const KINDS: Readonly<Record<Network['kind'], Readonly<{ tone: Tone; word: string }>>> = {
  local: { tone: 'quiet', word: 'Local' },
  test: { tone: 'info', word: 'Test' },
  main: { tone: 'danger', word: 'Main' },
};

const PAST: Readonly<Record<string, string>> = {
  deployed: 'Deployed',
  upgraded: 'Upgraded',
  'ownership-offered': 'Ownership offered',
  'ownership-accepted': 'Ownership accepted',
  'beacon-transferred': 'Beacon given away',
  deploy: 'Deployed',
  upgrade: 'Upgraded',
  'set-authority': 'Authority handed over',
  'make-final': 'Made final',
  close: 'Closed',
  'close-buffer': 'Deployment given up',
};

export const pastOf = (what: string): string => PAST[what] ?? what;

/** A key under which a change is begun once, however often its button reaches the core. */
export const newKey = (): string => `console-${crypto.randomUUID()}`;
