/** What one WebSocket has subscribed to, and what it is told: accounts, programs, signatures, slots, roots, logs. */
import type { Bank } from './bank.ts';
import { accountShape, encodedAccount } from './encode-account.ts';
import type { AccountShape } from './encode-account.ts';
import type { AccountState } from './engine.ts';
import { SYSTEM } from './addresses.ts';
import { accountFilter } from './filters.ts';
import type { Block, Change, Landed } from './history.ts';
import { toJson } from './json-text.ts';
import { context } from './methods.ts';
import type { Chain } from './methods.ts';
import { checkedKey, invalidType } from './params.ts';
import type { Params } from './params.ts';
import { CODES, RpcError, invalidParams } from './rpc-error.ts';

/** A node roots a slot 32 behind the newest. */
const ROOT_DISTANCE = 32n;

type Heard =
  | Readonly<{ type: 'change'; change: Change }>
  | Readonly<{ type: 'landed'; record: Landed }>
  | Readonly<{ type: 'block'; block: Block }>;

type Subscription = Readonly<{
  /** What to send, or nothing when this is not for it. `isLast` ends the subscription. */
  hear: (heard: Heard) => Readonly<{ method: string; result: unknown; isLast?: boolean }> | undefined;
  /** Sent as soon as the subscription stands, such as a signature that landed before it was asked for. */
  first?: () => Heard | undefined;
}>;

type Maker = (params: Params, chain: Chain) => Subscription;

/** Ids are unique in the process, as a node's are. */
let nextId = 0;

const GONE: AccountState = { lamports: 0n, data: Buffer.alloc(0), owner: SYSTEM, executable: false };

function shown(address: string, state: AccountState | undefined, shape: AccountShape, bank: Bank): unknown {
  try {
    return encodedAccount({ address, state: state ?? GONE }, shape, bank);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    // Too long for the encoding that was asked for. A node says so in place of the data.
    const { lamports, owner, executable, data } = state ?? GONE;
    return { lamports, owner, executable, data: `error: ${error.message}`, rentEpoch: 0, space: data.length };
  }
}

function framedIn(chain: Chain, value: unknown): unknown {
  return { context: context(chain), value };
}

const account: Maker = (params, chain) => {
  const address = params.key(0);
  const shape = accountShape(params.config(1));
  return {
    hear: (heard) => {
      if (heard.type !== 'change' || heard.change.address !== address) return undefined;
      const value = shown(address, heard.change.after, shape, chain.bank);
      return { method: 'accountNotification', result: framedIn(chain, value) };
    },
  };
};

const program: Maker = (params, chain) => {
  const owner = params.key(0);
  const config = params.config(1);
  const [shape, passes] = [accountShape(config), accountFilter(config['filters'])];
  return {
    hear: (heard) => {
      if (heard.type !== 'change') return undefined;
      const { address, after } = heard.change;
      if (after === undefined || after.owner !== owner || !passes(after)) return undefined;
      const value = { pubkey: address, account: shown(address, after, shape, chain.bank) };
      return { method: 'programNotification', result: framedIn(chain, value) };
    },
  };
};

const signature: Maker = (params, chain) => {
  const wanted = params.signature(0);
  params.config(1);
  return {
    hear: (heard) => {
      if (heard.type !== 'landed' || heard.record.signature !== wanted) return undefined;
      const result = framedIn(chain, { err: heard.record.fault });
      return { method: 'signatureNotification', result, isLast: true };
    },
    first: () => {
      const record = chain.bank.history.get(wanted);
      return record === undefined ? undefined : { type: 'landed', record };
    },
  };
};

const rootOf = (slot: bigint): bigint => (slot > ROOT_DISTANCE ? slot - ROOT_DISTANCE : 0n);

const slot: Maker = () => ({
  hear: (heard) => {
    if (heard.type !== 'block') return undefined;
    const { slot: now, parentSlot: parent } = heard.block;
    return { method: 'slotNotification', result: { parent, root: rootOf(now), slot: now } };
  },
});

const root: Maker = () => ({
  hear: (heard) =>
    heard.type === 'block' ? { method: 'rootNotification', result: rootOf(heard.block.slot) } : undefined,
});

function mentionOf(filter: unknown): string | undefined {
  if (filter === 'all' || filter === 'allWithVotes') return undefined;
  if (typeof filter !== 'object' || filter === null || !('mentions' in filter)) {
    throw invalidType(filter, 'a transaction logs filter');
  }
  const { mentions } = filter;
  if (!Array.isArray(mentions) || mentions.length !== 1) {
    throw invalidParams('Invalid Request: Only 1 address supported');
  }
  return checkedKey(mentions[0]);
}

const logs: Maker = (params, chain) => {
  const mention = mentionOf(params.atLeast(1).raw(0));
  params.config(1);
  return {
    hear: (heard) => {
      if (heard.type !== 'landed') return undefined;
      const { record } = heard;
      if (mention !== undefined && !record.keys.includes(mention)) return undefined;
      const value = { signature: record.signature, err: record.fault, logs: record.logs };
      return { method: 'logsNotification', result: framedIn(chain, value) };
    },
  };
};

const MAKERS: Readonly<Record<string, Maker>> = { account, program, signature, slot, root, logs };

/** What can be subscribed to, by the name before "Subscribe". */
export const SUBSCRIPTIONS: readonly string[] = Object.keys(MAKERS);

/** Of one socket. Another socket's numbers mean nothing here. */
export class Subscriptions {
  readonly #chain: Chain;
  readonly #send: (text: string) => void;
  readonly #own = new Map<number, Subscription>();

  constructor(chain: Chain, send: (text: string) => void) {
    this.#chain = chain;
    this.#send = send;
  }

  /** Whether a method is one of subscribing or ending it. */
  static knows(method: string): boolean {
    return Object.hasOwn(MAKERS, method.replace(/(?:Subscribe|Unsubscribe)$/, '')) && method.endsWith('ubscribe');
  }

  /** The result of a subscribing call; `after` is to run when the answer has been sent. */
  call(method: string, params: Params): { result: unknown; after?: () => void } {
    if (method.endsWith('Unsubscribe')) {
      const id = params.u64(0);
      if (!this.#own.delete(id)) throw new RpcError(CODES.invalidParams, 'Invalid subscription id.');
      return { result: true };
    }
    const maker = MAKERS[method.slice(0, -'Subscribe'.length)];
    if (maker === undefined) throw new RpcError(CODES.unknownMethod, 'Method not found');
    const subscription = maker(params, this.#chain);
    nextId += 1;
    const id = nextId;
    this.#own.set(id, subscription);
    const after = (): void => {
      const first = subscription.first?.();
      if (first !== undefined) this.#tell(id, subscription, first);
    };
    return { result: id, after };
  }

  #tell(id: number, subscription: Subscription, heard: Heard): void {
    const said = subscription.hear(heard);
    if (said === undefined) return;
    if (said.isLast === true) this.#own.delete(id);
    const params = { result: said.result, subscription: id };
    this.#send(toJson({ jsonrpc: '2.0', method: said.method, params }));
  }

  hear(heard: Heard): void {
    for (const [id, subscription] of [...this.#own]) this.#tell(id, subscription, heard);
  }
}
