import { connect } from 'node:net';
import { fc } from '@fast-check/vitest';
import { Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BASE_METHODS } from '#core/chain/local/solana/dispatch.ts';
import { WireError, parseTransaction } from '#core/chain/local/solana/wire.ts';
import { call, funded, openWorld } from '../support/solana.ts';
import type { World } from '../support/solana.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** What a node (Agave 2.3) answers, by its sources. */
const REFUSALS: readonly (readonly [string, unknown, number, string])[] = [
  ['getBalance', [], -32602, '`params` should have at least 1 argument(s)'],
  ['getBalance', ['abc'], -32602, 'Invalid param: WrongSize'],
  ['getBalance', ['0OIl'], -32602, 'Invalid param: Invalid'],
  ['getBalance', ['1'.repeat(33)], -32602, 'Invalid param: WrongSize'],
  ['getBalance', [7], -32602, 'Invalid params: invalid type: integer `7`, expected a string.'],
  ['getBalance', ['1'.repeat(32), 'finalized'], -32602, 'invalid type: string'],
  ['getBalance', ['1'.repeat(32), { commitment: 'soon' }], -32602, 'unknown variant `soon`'],
  ['getBalance', ['1'.repeat(32), { minContextSlot: 1e15 }], -32016, 'Minimum context slot has not been reached'],
  ['getBalance', { pubkey: 1 }, -32602, 'expected a sequence'],
  ['getAccountInfo', ['1'.repeat(32), { encoding: 'hex' }], -32602, 'unknown variant `hex`'],
  [
    'getAccountInfo',
    ['1'.repeat(32), { encoding: 'base64', dataSlice: { offset: -1, length: 1 } }],
    -32602,
    'integer `-1`',
  ],
  [
    'getMultipleAccounts',
    [Array.from({ length: 101 }, () => '1'.repeat(32))],
    -32602,
    'Too many inputs provided; max 100',
  ],
  [
    'getProgramAccounts',
    ['1'.repeat(32), { filters: [{ memcmp: { offset: 0, bytes: '0' } }] }],
    -32602,
    'bs58 decode error',
  ],
  ['getTokenAccountBalance', ['1'.repeat(31) + '2'], -32602, 'Invalid param: could not find account'],
  ['getTokenSupply', ['1'.repeat(31) + '2'], -32602, 'Invalid param: could not find account'],
  ['getTokenAccountsByOwner', ['1'.repeat(32), { programId: '1'.repeat(32) }], -32602, 'unrecognized Token program id'],
  ['getTransaction', ['abc'], -32602, 'Invalid param: WrongSize'],
  ['getSignatureStatuses', [['abc']], -32602, 'Invalid param: WrongSize'],
  ['getSignaturesForAddress', ['1'.repeat(32), { limit: 1001 }], -32602, 'Invalid limit; max 1000'],
  ['getBlock', [1], -32001, 'Block 1 cleaned up, does not exist on node.'],
  ['getBlock', [1e15], -32004, 'Block not available for slot 1000000000000000'],
  ['sendTransaction', ['!!', { encoding: 'base64' }], -32602, 'invalid base64 encoding'],
  ['sendTransaction', ['AAAA', { encoding: 'base64' }], -32602, 'failed to deserialize solana_transaction'],
  [
    'sendTransaction',
    ['A'.repeat(1648), { encoding: 'base64' }],
    -32602,
    'too large: 1648 bytes (max: encoded/raw 1644/1232)',
  ],
  ['sendTransaction', ['A', { encoding: 'json' }], -32602, 'unknown variant `json`'],
  ['getFeeForMessage', ['AAAA'], -32602, 'failed to deserialize solana_message'],
  ['requestAirdrop', ['1'.repeat(32), -1], -32602, 'integer `-1`'],
  ['requestAirdrop', ['1'.repeat(32), 1e20], -32602, 'expected u64'],
  ['requestAirdrop', ['1'.repeat(32), 1.5], -32602, 'floating point `1.5`, expected u64'],
  ['getHighestSnapshotSlot', [], -32008, 'No snapshot'],
  ['tollkeeper_advance', [{ blocks: 1e9 }], -32602, 'blocks may be at most'],
  ['constructor', [], -32601, 'Method not found'],
  ['nothing', [], -32601, 'Method not found'],
];

test.each(REFUSALS)('%s %j is refused as by a node', async (method, params, code, message) => {
  const answer = await call(world.chain.doors.rpc, method, params);
  expect(answer['error']).toMatchObject({ code, message: expect.stringContaining(message) });
});

test('base58 is refused for what is too long for it', async () => {
  const { error } = await call(world.chain.doors.rpc, 'getAccountInfo', [
    'SysvarS1otHashes111111111111111111111111111',
  ]);
  expect(error).toMatchObject({ code: -32600, message: expect.stringContaining('please use Base64') });
});

async function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(world.chain.doors.rpc, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

test.each([
  ['{', -32700],
  [`${'['.repeat(200)}${']'.repeat(200)}`, -32700],
  [`{"jsonrpc":"2.0","id":1,"method":"getHealth","params":[${'['.repeat(20_000)}${']'.repeat(20_000)}]}`, -32700],
  ['null', -32600],
  ['[]', -32600],
  ['{"id":1,"method":"getHealth"}', -32600],
  ['{"jsonrpc":"2.0","id":{},"method":"getHealth"}', -32600],
])('the request %.40s is answered with %i', async (body, code) => {
  expect(await (await post(body)).json()).toMatchObject({ error: { code } });
});

test('a batch is answered call by call, and a notification not at all', async () => {
  const health = { jsonrpc: '2.0', method: 'getHealth' };
  const answers = await (await post(JSON.stringify([{ ...health, id: 1 }, health, 7]))).json();
  expect(answers).toEqual([
    { jsonrpc: '2.0', id: 1, result: 'ok' },
    { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Invalid request' } },
  ]);
});

test('a body that is too large or of another type is refused, and a page of the web may not move time', async () => {
  expect((await post('x'.repeat(60_000)).catch(() => ({ status: 413 }))).status).toBe(413);
  expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415);
  const advance = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tollkeeper_advance', params: [{ blocks: 1 }] });
  expect(await (await post(advance, { origin: 'https://example.org' })).json()).toMatchObject({
    error: { code: -32601 },
  });
  expect(await (await post(advance, { origin: 'http://localhost:5173' })).json()).toMatchObject({ result: {} });
});

test('null, text, binary and broken frames on a WebSocket end nothing', async () => {
  const socket = new WebSocket(world.chain.doors.ws);
  const heard: unknown[] = [];
  socket.addEventListener('message', ({ data }) => heard.push(JSON.parse(String(data))));
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  for (const text of ['null', 'x', '[]', '{"jsonrpc":"2.0","id":1,"method":"accountSubscribe","params":["x"]}'])
    socket.send(text);
  socket.send(new Uint8Array([1, 2, 3]));
  await expect.poll(() => heard).toHaveLength(5);
  socket.close();
  const raw = connect(Number(new URL(world.chain.doors.ws.replace('ws', 'http')).port), '127.0.0.1');
  raw.write(
    'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await new Promise((resolve) => raw.once('data', resolve));
  raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  await new Promise((resolve) => raw.once('close', resolve));
  expect(await world.connection.getSlot()).toBeGreaterThan(0);
});

const anything = fc.anything({ withBigInt: false, withDate: false, maxDepth: 2 });
const keyLike = fc.oneof(
  fc.uint8Array({ minLength: 30, maxLength: 34 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  fc.constantFrom(
    '1'.repeat(32),
    'So11111111111111111111111111111111111111112',
    'SysvarC1ock11111111111111111111111111111111',
  ),
  fc.base64String({ maxLength: 90 }),
);

test('whatever is asked of whichever method, the chain answers and lives on', { timeout: 60_000 }, async () => {
  const methods = Object.keys(BASE_METHODS).filter((name) => name !== 'tollkeeper_advance');
  const params = fc.array(fc.oneof(keyLike, fc.integer(), anything), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...methods), params, async (method, values) => {
      const answer = await call(world.chain.doors.rpc, method, JSON.parse(JSON.stringify(values)) as unknown);
      expect(answer['error'] === undefined || typeof (answer['error'] as { code: unknown }).code === 'number').toBe(
        true,
      );
      expect(JSON.stringify(answer['error'] ?? '')).not.toContain('Internal error');
    }),
    { numRuns: 1500 },
  );
});

test('a transaction with bytes changed is refused or fails, and the chain lives on', { timeout: 60_000 }, async () => {
  const { connection } = world;
  const payer = await funded(connection);
  const { blockhash } = await connection.getLatestBlockhash();
  const transaction = new Transaction({ feePayer: payer.publicKey, recentBlockhash: blockhash });
  const to = Keypair.generate().publicKey;
  transaction.add(SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: to, lamports: 1_000_000 }));
  transaction.sign(payer);
  const bytes = transaction.serialize();
  const change = fc.record({
    at: fc.nat({ max: bytes.length - 1 }),
    to: fc.nat({ max: 255 }),
    cut: fc.nat({ max: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), async (changes, skipPreflight) => {
      const copy = Buffer.from(bytes);
      for (const { at, to: byte } of changes) copy[at] = byte;
      const body = copy.subarray(0, copy.length - ((changes[0]?.cut ?? 0) > 15 ? 1 : 0)).toString('base64');
      if (copy.equals(bytes)) return; // A change to what was there already.
      const method = skipPreflight ? 'sendTransaction' : 'simulateTransaction';
      const config = { encoding: 'base64', skipPreflight, replaceRecentBlockhash: true };
      const answer = await call(world.chain.doors.rpc, method, [body, config]);
      expect(JSON.stringify(answer)).not.toContain('Internal error');
    }),
    { numRuns: 1000 },
  );
  expect(await connection.getBalance(to)).toBe(0);
});

test('bytes of a transaction are read or refused, never misread', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        parseTransaction(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    { numRuns: 2000 },
  );
});
