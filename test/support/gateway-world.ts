/** A real workspace with a real gateway on a free port; what is in it is made through the contract. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { expect } from 'vitest';
import { PERMISSIONS, SCOPES } from '#core/contract/permissions.ts';
import type { Scope } from '#core/contract/permissions.ts';
import { createGateway } from '#core/gateway/server.ts';
import type { GatewayOptions } from '#core/gateway/server.ts';
import { createFile } from '#core/ledger/open.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import type { Principal } from '#core/services/core.ts';
import { createRouter } from '#core/services/router.ts';

const OPERATOR: Principal = {
  kind: 'operator',
  id: 'opr_test0000',
  name: 'Test',
  role: 'admin',
  actor: 'opr_test0000',
  permissions: PERMISSIONS,
};
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

export type Problems = { event: string; facts: unknown }[];
export type Answer = Readonly<{ status: number; headers: Headers; body: Record<string, never>; text: string }>;

export type GatewayWorld = Awaited<ReturnType<typeof openGatewayWorld>>;

/**
 * Opens a world; `close` removes it. What the core logs as an error is kept in `errors`. A file that is given goes on
 * where it was left, and stays.
 */
export async function openGatewayWorld(options: Partial<GatewayOptions> = {}, kept?: string) {
  const folder = kept === undefined ? mkdtempSync(join(tmpdir(), 'tollkeeper-gateway-')) : null;
  const file = kept ?? join(folder ?? '', 'w.tollkeeper');
  if (!existsSync(file)) createFile(file);
  const errors: Problems = [];
  const log = { ...quiet, error: (event: string, facts?: unknown) => void errors.push({ event, facts }) };
  const handle: CoreHandle = await openCore(file, { log });
  const { core, book } = handle;
  const router = createRouter();
  const client = createRouterClient(router, { context: { core, principal: () => OPERATOR, session: null } });
  const gateway = await createGateway({
    core,
    ingestPort: book.ingestPort,
    router,
    host: '127.0.0.1',
    port: 0,
    ...options,
  });
  const key = async (scopes: readonly Scope[] = SCOPES, customer?: string): Promise<{ id: string; secret: string }> => {
    const made = await client.keys.create({
      name: 'test',
      scopes: [...scopes],
      ...(customer === undefined ? {} : { customer }),
    });
    return { id: made.key.id, secret: made.secret };
  };
  const { secret } = await key();
  return {
    file,
    core,
    book,
    client,
    gateway,
    url: gateway.url,
    secret,
    key,
    errors,
    ask: (path: string, init: Ask = {}) => ask(gateway.url, secret, path, init),
    close: async () => {
      await gateway.close();
      await handle.close();
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Ask = Readonly<{
  method?: string;
  /** Sent as JSON unless it is text or bytes. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** Null sends none. */
  secret?: string | null;
}>;

async function ask(url: string, known: string, path: string, init: Ask): Promise<Answer> {
  const secret = init.secret === undefined ? known : init.secret;
  const isRaw = typeof init.body === 'string' || init.body instanceof Uint8Array;
  const response = await fetch(`${url}${path}`, {
    method: init.method ?? (init.body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...init.headers,
    },
    ...(init.body === undefined ? {} : { body: isRaw ? (init.body as string) : JSON.stringify(init.body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (isJson ? JSON.parse(text) : {}) as Record<string, never>,
  };
}

/** A customer with credit, and a priced meter: one USDC a unit with three decimals. */
export async function seedTrade(world: GatewayWorld, options: { credit?: string; plan?: string } = {}) {
  const { client } = world;
  await client.meters.create({
    key: 'api.requests',
    aggregation: 'sum',
    scale: 3,
    unit: 'request',
    dimensions: { endpoint: '$.endpoint' },
  });
  await client.prices.publish({
    key: 'p1',
    meter: 'api.requests',
    asset: 'USDC/6',
    rounding: 'half-even',
    model: { kind: 'per-unit', rate: { amountMinor: '1000000', perUnits: '1000' } },
  });
  const customer = await client.customers.create({
    name: 'Acme',
    externalId: 'acme',
    subjects: ['acme-team'],
    ...(options.plan === undefined ? {} : { plan: options.plan }),
  });
  if (options.credit !== '0') {
    await client.credits.grant({
      key: 'g1',
      customer: customer.id,
      asset: 'USDC/6',
      amountMinor: options.credit ?? '100000000',
      source: 'prepaid',
    });
  }
  return customer;
}

/** Expects a refusal as RFC 9457 has it, with our code. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body['code'] }, answer.text).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    status,
    title: expect.any(String),
    detail: expect.any(String),
    fix: expect.any(String),
  });
  expect(answer.body['type']).toBe(`urn:tollkeeper:problem:${code.toLowerCase().replaceAll('_', '-')}`);
}
