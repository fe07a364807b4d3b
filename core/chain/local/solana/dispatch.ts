/** JSON-RPC 2.0: one call or a batch in, answers out. Whatever comes in, something well-formed goes out. */
import type { Chain, Methods } from './methods.ts';
import { Params } from './params.ts';
import { CODES, RpcError } from './rpc-error.ts';
import { accountMethods } from './rpc-accounts.ts';
import { blockMethods } from './rpc-blocks.ts';
import { clusterMethods } from './rpc-cluster.ts';
import { localMethods } from './rpc-local.ts';
import { tokenMethods } from './rpc-tokens.ts';
import { transactionMethods } from './rpc-transactions.ts';
import { fromJson, toJson } from './json-text.ts';

export const BASE_METHODS: Methods = {
  ...clusterMethods,
  ...accountMethods,
  ...tokenMethods,
  ...transactionMethods,
  ...blockMethods,
  ...localMethods,
};

type Id = string | number | null;
type Answer = Readonly<{ jsonrpc: '2.0'; id: Id } & ({ result: unknown } | { error: unknown })>;
export type Call = Readonly<{ id: Id; method: string; params: unknown; isNotification: boolean }>;

/** How many calls one batch may hold; beyond it a client is answered with an error rather than with minutes of work. */
const MAX_BATCH = 1000;

function errorBody({ code, message, data }: Readonly<{ code: number; message: string; data?: unknown }>): unknown {
  return { code, message, ...(data === undefined ? {} : { data }) };
}

const INVALID: Answer = {
  jsonrpc: '2.0',
  id: null,
  error: { code: CODES.invalidRequest, message: 'Invalid request' },
};

/** A call as the protocol defines it, or undefined. */
export function callOf(value: unknown): Call | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { jsonrpc, id, method, params } = value as Record<string, unknown>;
  if (jsonrpc !== '2.0' || typeof method !== 'string') return undefined;
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number') return undefined;
  return { id: id ?? null, method, params, isNotification: id === undefined };
}

/** Runs something that may refuse; a defect becomes an internal error of this one call and ends nothing. */
export function answerOf({ id }: Call, run: () => unknown): Answer {
  try {
    return { jsonrpc: '2.0', id, result: run() };
  } catch (error) {
    if (error instanceof RpcError) return { jsonrpc: '2.0', id, error: errorBody(error) };
    const message = `Internal error: ${error instanceof Error ? error.message : String(error)}`;
    return { jsonrpc: '2.0', id, error: errorBody({ code: CODES.internal, message }) };
  }
}

export class Dispatcher {
  readonly #methods: Methods;
  readonly #chain: Chain;

  constructor(chain: Chain, methods: Methods) {
    this.#chain = chain;
    this.#methods = methods;
  }

  call(call: Call): Answer {
    const method = Object.hasOwn(this.#methods, call.method) ? this.#methods[call.method] : undefined;
    return answerOf(call, () => {
      if (method === undefined) throw new RpcError(CODES.unknownMethod, 'Method not found');
      return method(new Params(call.params), this.#chain) ?? null;
    });
  }

  #one(value: unknown): Answer | undefined {
    const call = callOf(value);
    if (call === undefined) return INVALID;
    const answer = this.call(call);
    return call.isNotification ? undefined : answer;
  }

  /** The text of the answer to a request's text; empty when everything in it was a notification. */
  answer(text: string): string {
    const read = fromJson(text);
    if (read === undefined) {
      return toJson({ jsonrpc: '2.0', id: null, error: { code: CODES.parse, message: 'Parse error' } });
    }
    if (!Array.isArray(read.value)) return textOf(this.#one(read.value));
    if (read.value.length === 0 || read.value.length > MAX_BATCH) return toJson(INVALID);
    const answers = read.value.flatMap((each: unknown) => this.#one(each) ?? []);
    return answers.length === 0 ? '' : toJson(answers);
  }
}

function textOf(answer: Answer | undefined): string {
  return answer === undefined ? '' : toJson(answer);
}
