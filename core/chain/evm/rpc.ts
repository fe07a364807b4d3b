/**
 * Asks EVM nodes: one of them where any answer will do, and several where money moves on it, whose answers must agree.
 * Knows JSON-RPC and no contract.
 */
import { ChainError, chainRefuses } from '../error.ts';

/** One node. `request` gives the result, or rejects with an `EndpointError`. */
export type Endpoint = Readonly<{
  url: string;
  request: (method: string, params: readonly unknown[]) => Promise<unknown>;
}>;

/** Why one node gave no result. `down`: whether it did what was asked is not known. `refused`: it did not. */
export class EndpointError extends Error {
  readonly kind: 'down' | 'refused';
  /** What came with a refusal: the revert data of a call, as a rule. */
  readonly data: unknown;
  constructor(kind: 'down' | 'refused', message: string, data?: unknown) {
    super(message);
    this.name = 'EndpointError';
    this.kind = kind;
    this.data = data;
  }
}

const TIMEOUT_MS = 10_000;

type Answer = { result?: unknown; error?: { code: number; message: string; data?: unknown } };

/** A node over HTTP. An answer that is not JSON-RPC counts as none. */
export function httpEndpoint(url: string, timeoutMs: number = TIMEOUT_MS): Endpoint {
  let id = 0;
  return {
    url,
    request: async (method, params) => {
      id += 1;
      let answer: Answer;
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
          signal: AbortSignal.timeout(timeoutMs),
        });
        answer = (await response.json()) as Answer;
      } catch (error) {
        throw new EndpointError('down', `${method}: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (answer.error !== undefined) throw new EndpointError('refused', answer.error.message, answer.error.data);
      if (!('result' in answer)) throw new EndpointError('down', `${method}: the answer is no JSON-RPC`);
      return answer.result;
    },
  };
}

/** The nodes of one network. */
export class Rpc {
  readonly endpoints: readonly Endpoint[];
  /** How many nodes must say the same. */
  readonly quorum: number;

  /** Two nodes must agree; of more, most. */
  constructor(endpoints: readonly Endpoint[], quorum: number = Math.floor(endpoints.length / 2) + 1) {
    if (endpoints.length === 0 || quorum < 1 || quorum > endpoints.length) {
      chainRefuses({
        code: 'STATE_FORBIDS',
        detail: `${quorum} of ${endpoints.length} endpoints cannot agree.`,
        fix: 'Name at least one endpoint, and a quorum of at most as many.',
      });
    }
    this.endpoints = endpoints;
    this.quorum = quorum;
  }

  /** The first answer there is; a node that is down gives way to the next. */
  async first(method: string, params: readonly unknown[] = []): Promise<unknown> {
    let last: unknown;
    for (const endpoint of this.endpoints) {
      try {
        return await endpoint.request(method, params);
      } catch (error) {
        if (!(error instanceof EndpointError) || error.kind === 'refused') throw error;
        last = error;
      }
    }
    return chainRefuses(allDown(method, this.endpoints), last);
  }

  /** Every node's answer or failure, in their order. */
  all(method: string, params: readonly unknown[] = []): Promise<PromiseSettledResult<unknown>[]> {
    return Promise.allSettled(this.endpoints.map((endpoint) => endpoint.request(method, params)));
  }

  /**
   * What a quorum of the nodes answers alike. `shape` picks what is compared, as nodes add fields of their own. A
   * refusal that a quorum gives alike is thrown as the one refusal it is. Rejects with RPC_DOWN where too few answered
   * and RPC_DISAGREES where they contradict each other.
   */
  async agreed<T>(method: string, params: readonly unknown[], shape: (result: unknown) => T): Promise<T> {
    const settled = await this.all(method, params);
    const voices = new Map<string, { count: number; say: () => T }>();
    let answered = 0;
    for (const one of settled) {
      const voice = voiceOf(one, shape);
      if (voice === undefined) continue;
      answered += 1;
      const known = voices.get(voice.key);
      voices.set(voice.key, { count: (known?.count ?? 0) + 1, say: voice.say });
    }
    const winner = [...voices.values()].find(({ count }) => count >= this.quorum);
    if (winner !== undefined) return winner.say();
    if (answered < this.quorum) return chainRefuses(allDown(method, this.endpoints), failureOf(settled));
    return chainRefuses({
      code: 'RPC_DISAGREES',
      detail: `The endpoints answer ${method} in ${voices.size} ways.`,
      fix: 'One of them lags or lies: compare them with a block explorer and remove the one that is wrong.',
      values: { method, endpoints: this.endpoints.map(({ url }) => url).join(', ') },
    });
  }

  /** The highest block that a quorum of the nodes has. */
  async head(): Promise<bigint> {
    const settled = await this.all('eth_blockNumber');
    const heights = settled.flatMap((one) => (one.status === 'fulfilled' ? [BigInt(one.value as string)] : []));
    const sorted = heights.toSorted((a, b) => (a < b ? 1 : -1));
    const height = sorted[this.quorum - 1];
    return height ?? chainRefuses(allDown('eth_blockNumber', this.endpoints), failureOf(settled));
  }
}

type Voice<T> = { key: string; say: () => T };

function voiceOf<T>(one: PromiseSettledResult<unknown>, shape: (result: unknown) => T): Voice<T> | undefined {
  if (one.status === 'fulfilled') {
    const value = shape(one.value);
    return { key: `= ${keyOf(value)}`, say: () => value };
  }
  const error: unknown = one.reason;
  if (!(error instanceof EndpointError)) throw error;
  if (error.kind === 'down') return undefined;
  const say = (): never => {
    throw error;
  };
  return { key: `! ${keyOf(error.data ?? error.message)}`, say };
}

/** Equal values have equal keys; amounts are bigints, which JSON has none of. */
function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one)) ?? 'undefined';
}

function failureOf(settled: readonly PromiseSettledResult<unknown>[]): unknown {
  return settled.find((one) => one.status === 'rejected')?.reason;
}

function allDown(method: string, endpoints: readonly Endpoint[]) {
  return {
    code: 'RPC_DOWN',
    detail: `Too few endpoints answered ${method}.`,
    fix: 'Check the network and the addresses of the endpoints; nothing was changed by asking.',
    values: { method, endpoints: endpoints.map(({ url }) => url).join(', ') },
  } as const;
}

/** Whether an error says that an answer may yet come: asking again is right. */
export function isPassing(error: unknown): boolean {
  if (error instanceof EndpointError) return error.kind === 'down';
  return error instanceof ChainError && (error.code === 'RPC_DOWN' || error.code === 'RPC_DISAGREES');
}
