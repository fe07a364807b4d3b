/** The gate over HTTP: check, hold, capture, release. Plain handlers on the contract's own schemas. */
import type { z } from 'zod';
import { contract } from '#core/contract/index.ts';
import { canonicalJson } from '#core/domain/canonical.ts';
import { parseQuantity } from '#core/domain/meter.ts';
import { RefusalError, invariant, refuse } from '#core/domain/refusal.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { planAt } from '#core/ledger/catalog.ts';
import type { CustomerRecord } from '#core/ledger/catalog.ts';
import type { Answer, Command } from '#core/ledger/port.ts';
import { JSON_LIMIT_BYTES } from '#core/domain/limits.ts';
import { requireOwn } from './auth.ts';
import type { Caller } from './auth.ts';
import { requireJson } from './http.ts';
import type { Asked, Gateway, Route } from './http.ts';
import { parseJson } from './ingest-answer.ts';
import type { Taken } from './limits.ts';
import { JSON_TYPE, invalid, problemReply, quoted } from './problem.ts';
import type { Reply } from './problem.ts';

/** The schema that the contract declares for a command's input. */
function inputOf<S extends z.ZodType>(procedure: { '~orpc': { inputSchema?: S | undefined } }): S {
  const schema = procedure['~orpc'].inputSchema;
  invariant(schema, 'every command of the contract has an input schema');
  return schema;
}

const CHECK = inputOf(contract.gate.check);
const OPEN = inputOf(contract.holds.open);
const CAPTURE = inputOf(contract.holds.capture);
const BY_ID = inputOf(contract.holds.get);

/** Whose a hold is and what it counts; neither ever changes. */
type Owner = Readonly<{ customer: string; meter: string }>;
const MOST_HOLDS_KEPT = 50_000;

/** Reads a body by a schema of the contract, or refuses it with the first thing that is wrong. */
export function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  return refuse(invalid(`${path === '' ? 'The body' : quoted(path)}: ${issue?.message ?? 'does not fit'}.`));
}

/** The body as an object; none is an empty one. */
function objectIn({ request, body }: Asked): Record<string, unknown> {
  if (body.length === 0) return {};
  requireJson(request);
  const value = parseJson(body);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return refuse(invalid('The body is not an object.'));
}

/** The idempotency key: the header, as a bare token or a quoted structured string; or the body's `key`. */
function keyIn({ request }: Asked, body: Record<string, unknown>): unknown {
  const header = request.headers['idempotency-key'];
  if (typeof header !== 'string') {
    return body['key'] ?? refuse(invalid('No idempotency key came.', 'Send one as the header Idempotency-Key.'));
  }
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (body['key'] !== undefined && body['key'] !== key) {
    refuse(invalid('The header and the body name different keys.', 'Send the key once.'));
  }
  return key;
}

async function commit<T>(gateway: Gateway, command: Command): Promise<T> {
  const [answer] = (await gateway.core.book.commit([command])) as Answer<T>[];
  if (answer?.ok) return answer.value;
  throw new RefusalError(
    answer?.refusal ?? { code: 'BUSY', detail: 'The books gave no answer.', fix: 'Send it again.' },
  );
}

const ok = (value: unknown, headers: Taken['headers'], status = 200): Reply => ({
  status,
  headers: { ...headers, 'content-type': JSON_TYPE, 'cache-control': 'no-store' },
  body: JSON.stringify(value),
});

function unitsOf(gateway: Gateway, key: string, quantity: string): bigint {
  const meter = gateway.core.snapshot().meters.get(key);
  if (!meter) {
    return refuse({
      code: 'METER_UNKNOWN',
      detail: `No meter has the key "${key}".`,
      fix: 'Define the meter first, or check the spelling.',
      values: { meter: key },
    });
  }
  const parsed = parseQuantity(quantity, meter.scale);
  if (parsed.ok) return parsed.units;
  return refuse({
    code: 'QUANTITY_INVALID',
    detail: parsed.reason,
    fix: `Send at most ${meter.scale} decimals of ${meter.unit}, not below zero.`,
    values: { meter: key, quantity },
  });
}

/** Checks that a key may act for a customer and takes one of the customer's requests. */
export function admit(gateway: Gateway, caller: Caller, ref: string): Taken | Promise<Taken> {
  const take = (customer: CustomerRecord | null): Taken => {
    requireOwn(caller, customer?.id ?? null, ref);
    if (!customer) return { headers: {}, refusal: null };
    const nowMs = gateway.core.now();
    const plan = planAt(customer, nowMs);
    return gateway.limits.take(customer.id, plan === null ? undefined : gateway.core.snapshot().plans.get(plan), nowMs);
  };
  const found = gateway.directory.find(ref);
  return found instanceof Promise ? found.then(take) : take(found);
}

/** Runs a request of a customer within its limits; a refusal of the books carries the limits' headers too. */
async function limited(gateway: Gateway, asked: Asked, ref: string, act: () => Promise<Reply>): Promise<Reply> {
  const admitted = admit(gateway, asked.caller, ref);
  const { headers, refusal } = admitted instanceof Promise ? await admitted : admitted;
  if (refusal) return problemReply(refusal, { headers });
  try {
    const reply = await act();
    return { ...reply, headers: { ...reply.headers, ...headers } };
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    return problemReply(error.refusal, { headers });
  }
}

/** Whose holds are, remembered for those that this gateway opened: a capture then needs no read before it. */
class HeldBy {
  readonly #gateway: Gateway;
  readonly #known = new Map<string, Owner>();

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  remember(holdId: string, { customer, meter }: Owner): void {
    if (this.#known.size >= MOST_HOLDS_KEPT) this.#known.clear();
    this.#known.set(holdId, { customer, meter });
  }

  /** The hold's customer and meter; refuses a key that may not see them. */
  async find(caller: Caller, holdId: string): Promise<Owner> {
    const known = this.#known.get(holdId) ?? (await this.#gateway.core.reader.read('hold', { holdId }));
    const owner = known ?? refuse(unknown(holdId));
    requireOwn(caller, owner.customer, holdId);
    return owner;
  }
}

export function gateRoutes(gateway: Gateway): Route[] {
  const held = new HeldBy(gateway);
  const write = { method: 'POST', scopes: ['gate:write'], bodyLimit: JSON_LIMIT_BYTES } as const;
  const hold = '/v1/holds/:holdId';
  return [
    { ...write, url: '/v1/gate/check', answer: (asked) => check(gateway, asked) },
    { ...write, url: '/v1/holds', answer: (asked) => open(gateway, held, asked) },
    { ...write, url: `${hold}/capture`, answer: (asked) => capture(gateway, held, asked) },
    { ...write, url: `${hold}/release`, answer: (asked) => release(gateway, held, asked) },
    { method: 'GET', url: hold, scopes: ['customers:read', 'gate:write'], answer: (asked) => get(gateway, asked) },
  ];
}

function check(gateway: Gateway, asked: Asked): Promise<Reply> {
  const { customer, meter, quantity } = read(CHECK, objectIn(asked));
  return limited(gateway, asked, customer, async () => {
    const units = unitsOf(gateway, meter, quantity);
    return ok(await commit(gateway, { type: 'gate.check', actor: asked.caller.actor, customer, meter, units }), {});
  });
}

function open(gateway: Gateway, held: HeldBy, asked: Asked): Promise<Reply> {
  const body = objectIn(asked);
  const { key, ...wanted } = read(OPEN, { ...body, key: keyIn(asked, body) });
  const { customer, meter, ttlMs } = wanted;
  return limited(gateway, asked, customer, async () => {
    const units = unitsOf(gateway, meter, wanted.quantity);
    const [id, request] = [gateway.core.newId('hld'), canonicalJson(wanted)];
    const { actor } = asked.caller;
    const view = await commit<Owner & { id: string }>(gateway, {
      type: 'hold.open',
      actor,
      key,
      request,
      id,
      customer,
      meter,
      units,
      ttlMs,
    });
    held.remember(view.id, view);
    return ok(view, {}, 201);
  });
}

async function capture(gateway: Gateway, held: HeldBy, asked: Asked): Promise<Reply> {
  const input = read(CAPTURE, { ...objectIn(asked), holdId: asked.params['holdId'] });
  const { meter } = await held.find(asked.caller, input.holdId);
  const units = input.quantity === undefined ? null : unitsOf(gateway, meter, input.quantity);
  const occurredMs = input.occurredAtMs ?? null;
  const event = { source: '', id: '', occurredMs, data: canonicalJson(input.dimensions), fingerprint: null, units };
  return ok(await commit(gateway, { type: 'hold.capture', actor: asked.caller.actor, id: input.holdId, event }), {});
}

async function release(gateway: Gateway, held: HeldBy, asked: Asked): Promise<Reply> {
  const { holdId } = read(BY_ID, { ...objectIn(asked), holdId: asked.params['holdId'] });
  if (asked.caller.customer !== null) await held.find(asked.caller, holdId);
  return ok(await commit(gateway, { type: 'hold.release', actor: asked.caller.actor, id: holdId }), {});
}

async function get({ core }: Gateway, asked: Asked): Promise<Reply> {
  const { holdId } = read(BY_ID, { holdId: asked.params['holdId'] });
  const view = (await core.reader.read('hold', { holdId })) ?? refuse(unknown(holdId));
  requireOwn(asked.caller, view.customer, holdId);
  return ok(view, {});
}

function unknown(holdId: string): Refusal {
  return { code: 'HOLD_UNKNOWN', detail: `There is no hold ${holdId}.`, fix: 'Check the id, or open a hold first.' };
}
