/** Every method of the local chain is asked wrongly in every way its arguments can be wrong: none is left out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BASE_METHODS } from '#core/chain/local/solana/dispatch.ts';
import { SUBSCRIPTIONS } from '#core/chain/local/solana/subscriptions.ts';
import { call, openWorld } from '../support/solana.ts';
import type { World } from '../support/solana.ts';

type Kind = 'key' | 'signature' | 'u64' | 'keys' | 'signatures' | 'text' | 'mint' | 'config';

const KEY = '1'.repeat(32);
const SIGNATURE = '1'.repeat(64);

/** A value of each kind that a node takes apart without complaint. */
const GOOD: Readonly<Record<Kind, unknown>> = {
  key: KEY,
  signature: SIGNATURE,
  u64: 1,
  keys: [KEY],
  signatures: [SIGNATURE],
  text: 'AAAA',
  mint: { mint: KEY },
  config: {},
};

type Bad = readonly [value: unknown, message: string];

const BAD_KEY: readonly Bad[] = [
  [7, 'invalid type: integer `7`, expected a string'],
  [null, 'invalid type: null, expected a string'],
  [{}, 'invalid type: map, expected a string'],
  ['', 'Invalid param: WrongSize'],
  ['0', 'Invalid param: Invalid'],
  ['1'.repeat(33), 'Invalid param: WrongSize'],
];

/** Wrong values of each kind with what a node (Agave 2.3, by its sources) complains of. */
const BAD: Readonly<Record<Kind, readonly Bad[]>> = {
  key: BAD_KEY,
  signature: [
    [7, 'expected a string'],
    ['abc', 'Invalid param: WrongSize'],
    ['0', 'Invalid param: Invalid'],
  ],
  u64: [
    ['1', 'invalid type: string "1", expected u64'],
    [-1, 'integer `-1`'],
    [1.5, 'floating point `1.5`, expected u64'],
    [1e20, 'expected u64'],
    [[], 'invalid type: sequence, expected u64'],
  ],
  keys: [
    ['x', 'expected a sequence'],
    [[7], 'expected a string'],
    [['abc'], 'Invalid param: WrongSize'],
  ],
  signatures: [
    ['x', 'expected a sequence'],
    [[7], 'expected a string'],
    [['abc'], 'Invalid param: WrongSize'],
  ],
  text: [
    [7, 'invalid type: integer `7`, expected a string'],
    [[], 'invalid type: sequence, expected a string'],
  ],
  mint: [
    [{ mint: '0' }, 'Invalid param: Invalid'],
    [{ programId: 'abc' }, 'Invalid param: WrongSize'],
  ],
  config: [
    [[], 'invalid type: sequence, expected a configuration object'],
    [7, 'invalid type: integer `7`, expected a configuration object'],
    [{ commitment: 'soon' }, 'unknown variant `soon`, expected one of `processed`, `confirmed`, `finalized`'],
    [{ commitment: 7 }, 'invalid type: integer `7`, expected string or map'],
  ],
};

/** Arguments in their order; those after a question mark may be left out. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  getAccountInfo: 'key ? config',
  getBalance: 'key ? config',
  getBlock: 'u64',
  getBlockCommitment: 'u64',
  getBlockHeight: '? config',
  getBlockProduction: '',
  getBlockTime: 'u64',
  getBlocks: 'u64',
  getBlocksWithLimit: 'u64 u64',
  getClusterNodes: '',
  getEpochInfo: '? config',
  getEpochSchedule: '',
  getFeeForMessage: 'text ? config',
  getFirstAvailableBlock: '',
  getGenesisHash: '',
  getHealth: '',
  getHighestSnapshotSlot: '',
  getIdentity: '',
  getInflationGovernor: '',
  getInflationRate: '',
  getLargestAccounts: '',
  getLatestBlockhash: '? config',
  getLeaderSchedule: '',
  getMaxRetransmitSlot: '',
  getMaxShredInsertSlot: '',
  getMinimumBalanceForRentExemption: 'u64',
  getMultipleAccounts: 'keys ? config',
  getProgramAccounts: 'key ? config',
  getRecentPerformanceSamples: '',
  getRecentPrioritizationFees: '? keys',
  getSignatureStatuses: 'signatures',
  getSignaturesForAddress: 'key ? config',
  getSlot: '? config',
  getSlotLeader: '',
  getSlotLeaders: 'u64 u64',
  getStakeMinimumDelegation: '',
  getSupply: '',
  getTokenAccountBalance: 'key',
  getTokenAccountsByDelegate: 'key mint',
  getTokenAccountsByOwner: 'key mint',
  getTokenLargestAccounts: 'key',
  getTokenSupply: 'key',
  getTransaction: 'signature ? config',
  getTransactionCount: '? config',
  getVersion: '',
  getVoteAccounts: '',
  isBlockhashValid: 'key ? config',
  minimumLedgerSlot: '',
  requestAirdrop: 'key u64',
  sendTransaction: 'text ? config',
  simulateTransaction: 'text ? config',
  tollkeeper_advance: '? config',
  tollkeeper_airdropTestUsdc: 'key text',
  tollkeeper_facts: '',
  tollkeeper_stopRollup: '',
};

const SUBSCRIBING: Readonly<Record<string, string>> = {
  account: 'key ? config',
  program: 'key ? config',
  signature: 'signature ? config',
  slot: '',
  root: '',
  logs: '',
};

type Asked = Readonly<{ method: string; params: unknown; message: string }>;

/** Every way in which a method of these arguments can be asked wrongly. */
function wrongCalls(method: string, described: string): Asked[] {
  const [required = '', optional = ''] = described.split('?');
  const kinds = (text: string): Kind[] => text.split(' ').filter((word): word is Kind => word !== '');
  const [needed, all] = [kinds(required), [...kinds(required), ...kinds(optional)]];
  const good = all.map((kind) => GOOD[kind]);
  const asMap = { method, params: { key: KEY }, message: 'expected a sequence' };
  const tooFew = needed.map((_, count) => ({
    method,
    params: good.slice(0, count),
    message: `\`params\` should have at least ${needed.length} argument(s)`,
  }));
  // A call with too few arguments is refused for that, before any of them is looked at.
  const given = (index: number): number => Math.max(index + 1, needed.length);
  const wrong = all.flatMap((kind, index) =>
    BAD[kind].map(([value, message]) => ({ method, params: good.with(index, value).slice(0, given(index)), message })),
  );
  return [asMap, ...tooFew, ...wrong];
}

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test('the tables name every method and every subscription that there is', () => {
  expect(Object.keys(ARGUMENTS).toSorted()).toEqual(Object.keys(BASE_METHODS).toSorted());
  expect(Object.keys(SUBSCRIBING).toSorted()).toEqual(SUBSCRIPTIONS.toSorted());
});

describe('over HTTP', () => {
  const calls = Object.entries(ARGUMENTS).flatMap(([method, described]) => wrongCalls(method, described));

  test.each(calls)('$method refuses $params', async ({ method, params, message }) => {
    const { error } = await call(world.chain.doors.rpc, method, params);
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(message) });
  });
});

describe('over a WebSocket', () => {
  const subscribing = Object.entries(SUBSCRIBING).flatMap(([name, described]) =>
    wrongCalls(`${name}Subscribe`, described),
  );
  const ending = Object.keys(SUBSCRIBING).flatMap((name) => [
    ...wrongCalls(`${name}Unsubscribe`, 'u64'),
    { method: `${name}Unsubscribe`, params: [2 ** 40], message: 'Invalid subscription id.' },
  ]);
  const logs: readonly Bad[] = [
    ['everything', 'invalid type: string "everything", expected a transaction logs filter'],
    [{ mentions: [KEY, KEY] }, 'Only 1 address supported'],
    [{ mentions: ['0'] }, 'Invalid param: Invalid'],
  ];
  const filters = logs.map(([value, message]) => ({ method: 'logsSubscribe', params: [value], message }));

  test.each([...subscribing, ...ending, ...filters])('$method refuses $params', async ({ method, params, message }) => {
    const socket = new WebSocket(world.chain.doors.ws);
    const answer = Promise.withResolvers<unknown>();
    socket.addEventListener('message', ({ data }) => answer.resolve(JSON.parse(String(data))));
    socket.addEventListener('open', () => socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })));
    expect(await answer.promise).toMatchObject({
      id: 1,
      error: { code: -32602, message: expect.stringContaining(message) },
    });
    socket.close();
  });
});
