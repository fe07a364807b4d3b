/**
 * The sample workspace: customers that do not exist, whose traffic really went through the gateway. Labelled as a
 * sample everywhere.
 */
import { createRouterClient } from '@orpc/server';
import { formatMinor } from '#core/domain/money.ts';
import type { CustomerRecord } from '#core/ledger/catalog.ts';
import type { Command } from '#core/ledger/port.ts';
import type { Core, Principal } from '#core/services/core.ts';
import { ROLE_PERMISSIONS, SCOPES } from '#core/contract/permissions.ts';
import { newSecret } from '#core/services/key-ring.ts';
import type { KeyRecord } from '#core/services/key-ring.ts';
import type { Router } from '#core/services/router.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { SEED_ACTOR, commitAll, seedWorkspace } from './seed.ts';

/** The published way into a sample workspace; it holds nobody's money. */
export const SAMPLE_OPERATOR = { name: 'sample', passphrase: 'sample workspace' } as const;
const SEED = 20_261_121;
const DAY_MS = 86_400_000;
const DAYS = 36;
const BATCH = 500;

type Persona = Readonly<{
  ref: string;
  name: string;
  plan: string;
  meter: string;
  perDay: number;
  most: number;
  credit: string;
  asset: string;
  overdraft?: string;
}>;

const USDC = 'USDC/6';
const CREDIT = 'CREDIT/0';
const REQUESTS = 'api.requests';
const TOKENS = 'llm.output.gpt-4o-mini';
const CPU = 'compute.cpu-hours';

/** Who the sample's customers are: enough kinds that every screen has something to say. */
const PERSONAS: readonly Persona[] = [
  {
    ref: 'halden',
    name: 'Halden Labs',
    plan: 'startup',
    meter: REQUESTS,
    perDay: 14,
    most: 120,
    credit: '160',
    asset: USDC,
  },
  {
    ref: 'orbit',
    name: 'Orbit Co',
    plan: 'growth',
    meter: REQUESTS,
    perDay: 40,
    most: 420,
    credit: '680',
    asset: USDC,
  },
  {
    ref: 'northgate',
    name: 'Northgate',
    plan: 'growth',
    meter: REQUESTS,
    perDay: 30,
    most: 90,
    credit: '0',
    asset: USDC,
    overdraft: '1000',
  },
  {
    ref: 'pelican',
    name: 'Pelican AI',
    plan: 'enterprise',
    meter: REQUESTS,
    perDay: 60,
    most: 900,
    credit: '4200',
    asset: USDC,
  },
  {
    ref: 'meridian',
    name: 'Meridian Maps',
    plan: 'startup',
    meter: REQUESTS,
    perDay: 12,
    most: 130,
    credit: '62',
    asset: USDC,
  },
  { ref: 'tern', name: 'Tern & Sons', plan: 'startup', meter: REQUESTS, perDay: 6, most: 20, credit: '5', asset: USDC },
  {
    ref: 'kestrel',
    name: 'Kestrel',
    plan: 'credits-pro',
    meter: TOKENS,
    perDay: 50,
    most: 90_000,
    credit: '18000',
    asset: CREDIT,
  },
  {
    ref: 'basalt',
    name: 'Basalt Studio',
    plan: 'credits-standard',
    meter: TOKENS,
    perDay: 25,
    most: 60_000,
    credit: '2500',
    asset: CREDIT,
  },
  {
    ref: 'quill',
    name: 'Quill Notes',
    plan: 'credits-free',
    meter: TOKENS,
    perDay: 8,
    most: 900_000,
    credit: '300',
    asset: CREDIT,
  },
  {
    ref: 'arbor',
    name: 'Arbor Sandboxes',
    plan: 'credits-pro',
    meter: CPU,
    perDay: 24,
    most: 4_000_000,
    credit: '8200',
    asset: CREDIT,
  },
  {
    ref: 'dune',
    name: 'Dune Render',
    plan: 'credits-standard',
    meter: CPU,
    perDay: 14,
    most: 3_000_000,
    credit: '2900',
    asset: CREDIT,
  },
];
const ENDPOINTS = ['POST /v1/verify', 'GET /v1/agents/:address/score', 'POST /v1/batch/verify'];

type SampleEvent = Record<string, unknown>;

function quantityOf(core: Core, random: Random, persona: Persona): string {
  const scale = core.snapshot().meters.get(persona.meter)?.scale ?? 0;
  return formatMinor(BigInt(1 + Math.floor(random() ** 2 * persona.most)), scale);
}

function dimensionsOf(random: Random, persona: Persona): Record<string, string> {
  if (persona.meter === REQUESTS) return { endpoint: ENDPOINTS[Math.floor(random() ** 2 * 3)] ?? '' };
  return persona.meter === TOKENS ? { provider: 'openai', model: 'gpt-4o-mini' } : {};
}

/** Thirty-six days of usage up to now, busier on weekdays and by day, in order of time. */
function pastEvents(core: Core, random: Random): SampleEvent[] {
  const nowMs = core.now();
  const events: { at: number; event: SampleEvent }[] = [];
  for (let day = DAYS; day >= 0; day -= 1) {
    const startMs = Math.floor(nowMs / DAY_MS) * DAY_MS - day * DAY_MS;
    const weekday = new Date(startMs).getUTCDay();
    const busy = weekday === 0 || weekday === 6 ? 0.55 : 1;
    for (const persona of PERSONAS) {
      const count = Math.round(persona.perDay * busy * (0.8 + random() * 0.45));
      for (let index = 0; index < count; index += 1) {
        const at = startMs + Math.floor((0.25 + (0.6 * (random() + random())) / 2) * DAY_MS);
        const id = `${persona.ref}-${day}-${index}`;
        const event = {
          source: 'gw-1',
          id,
          customer: persona.ref,
          meter: persona.meter,
          quantity: quantityOf(core, random, persona),
          occurredAt: at,
          dimensions: dimensionsOf(random, persona),
        };
        if (at < nowMs) events.push({ at, event });
      }
    }
  }
  return events.sort((a, b) => a.at - b.at).map(({ event }) => event);
}

/** What needs a person: usage that names a meter nobody priced, and one event that came twice with different bodies. */
function oddEvents(core: Core): SampleEvent[] {
  const at = core.now() - 2 * 3_600_000;
  const unpriced = Array.from({ length: 12 }, (_, index) => ({
    source: 'gw-1',
    id: `upscale-${index}`,
    customer: 'pelican',
    meter: 'img.upscale',
    quantity: '4',
    occurredAt: at + index,
  }));
  const conflict = { source: 'gw-1', id: 'orbit-0-conflict', customer: 'orbit', meter: REQUESTS, occurredAt: at };
  return [...unpriced, { ...conflict, quantity: '10' }, { ...conflict, quantity: '12' }];
}

async function post(
  url: string,
  key: string,
  path: string,
  body: unknown,
  more: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}`, ...more },
  });
}

async function sendEvents(url: string, key: string, events: readonly SampleEvent[]): Promise<void> {
  for (let at = 0; at < events.length; at += BATCH) {
    const response = await post(url, key, '/v1/usage', { events: events.slice(at, at + BATCH) });
    await response.arrayBuffer();
  }
}

/** Ids made at once, in order: what goes by id, as a close of the month does, meets the same customer each time. */
const idsFor = (core: Core, prefix: string, count: number): string[] =>
  Array.from({ length: count }, () => core.newId(prefix)).toSorted();

function customerCommands(core: Core): Command[] {
  const createdMs = core.now() - (DAYS + 1) * DAY_MS;
  const ids = idsFor(core, 'cus', PERSONAS.length);
  return PERSONAS.map((persona, index) => {
    const overdrafts = persona.overdraft === undefined ? {} : { [persona.asset]: `${persona.overdraft}000000` };
    const body: CustomerRecord = {
      id: ids[index] ?? core.newId('cus'),
      externalId: persona.ref,
      name: persona.name,
      terms: [{ fromMs: 0, plan: persona.plan }],
      anchorDay: 1,
      timeZone: 'UTC',
      overdrafts,
      subjects: [],
      addresses: [],
      createdMs,
    };
    return {
      type: 'record.set',
      actor: SEED_ACTOR,
      kind: 'customer',
      id: body.id,
      body: { ...body },
      names: [{ kind: 'customer', name: persona.ref }],
    };
  });
}

function grantCommands(core: Core): Command[] {
  const owners = PERSONAS.filter(({ credit }) => credit !== '0');
  const ids = idsFor(core, 'grt', owners.length);
  return owners.map((persona, index) => ({
    type: 'credit.grant',
    actor: SEED_ACTOR,
    key: `sample-${persona.ref}`,
    request: persona.ref,
    id: ids[index] ?? core.newId('grt'),
    customer: persona.ref,
    asset: persona.asset,
    source: 'prepaid',
    note: 'First purchase',
    priority: 100,
    amountMinor: BigInt(persona.credit) * (persona.asset === USDC ? 1_000_000n : 1n),
    expiresAtMs: null,
  }));
}

/** A key for whoever tries the sample out; its secret is kept in the settings, which no real workspace does. */
function sampleKey(core: Core): { secret: string; command: Command } {
  const { secret, prefix, hash } = newSecret();
  const key: KeyRecord = {
    id: core.newId('key'),
    customer: null,
    name: 'Sample key',
    prefix,
    hash,
    scopes: SCOPES,
    createdMs: core.now(),
    endsMs: null,
    replacedBy: null,
  };
  const command: Command = {
    type: 'record.set',
    actor: SEED_ACTOR,
    kind: 'key',
    id: key.id,
    body: { ...key },
    names: [{ kind: 'key', name: hash }],
  };
  return { secret, command };
}

async function gateTraffic(url: string, key: string): Promise<void> {
  const open = async (customer: string, meter: string, quantity: string, name: string) => {
    const body = { customer, meter, quantity, ttlMs: 600_000 };
    const response = await post(url, key, '/v1/holds', body, { 'Idempotency-Key': `sample-${name}` });
    return { ok: response.ok, hold: (await response.json()) as { id: string } };
  };
  for (let index = 0; index < 8; index += 1) {
    const { ok, hold } = await open('kestrel', TOKENS, '50000', `kestrel-${index}`);
    if (ok && index < 6)
      await (await post(url, key, `/v1/holds/${hold.id}/capture`, { quantity: '41250' })).arrayBuffer();
  }
  for (let index = 0; index < 5; index += 1) await open('quill', TOKENS, '90000000', `quill-${index}`);
}

/** The sample's own operator, as whom the sample is built and its first browser comes in. */
export async function sampleOperator(core: Core): Promise<Principal> {
  const rows = await core.reader.read('records', { kind: 'operator' });
  const operator = rows
    .map(({ body }) => body as { id: string; name: string })
    .find(({ name }) => name === SAMPLE_OPERATOR.name);
  const id = operator?.id ?? 'opr_sample00000';
  return {
    kind: 'operator',
    id,
    name: SAMPLE_OPERATOR.name,
    role: 'admin',
    actor: id,
    permissions: ROLE_PERMISSIONS.admin,
  };
}

/** Last month's invoices: drafted, and all but the last two finalized. */
async function invoiceTraffic(core: Core, router: Router): Promise<void> {
  const principal = await sampleOperator(core);
  const client = createRouterClient(router, { context: { core, principal: () => principal, session: null } });
  const { invoices } = await client.invoices.close({});
  for (const invoice of invoices.slice(0, Math.max(0, invoices.length - 2)))
    await client.invoices.finalize({ invoice });
}

/** Fills an empty workspace by traffic through the gateway at `url`. Answers the sample's key. */
export async function buildSample(core: Core, options: Readonly<{ url: string; router: Router }>): Promise<string> {
  const { secret, command } = sampleKey(core);
  await seedWorkspace(core, {
    operator: SAMPLE_OPERATOR,
    settings: { name: 'Northwind APIs', sample: true, issuer: 'Northwind APIs Ltd (sample)', sampleKey: secret },
  });
  await commitAll(core.book, [command, ...customerCommands(core), ...grantCommands(core)]);
  const random = createRandom(SEED);
  await sendEvents(options.url, secret, pastEvents(core, random));
  await sendEvents(options.url, secret, oddEvents(core));
  await gateTraffic(options.url, secret);
  await invoiceTraffic(core, options.router);
  return secret;
}

/** The key of a sample workspace, or null in a real one. */
export function sampleKeyOf(core: Core): string | null {
  return core.snapshot().settings.sampleKey ?? null;
}

/** Simulated customers that go on calling the real gateway while the switch is on. */
export function createLiveTraffic(core: Core, url: string) {
  const random = createRandom(SEED + 1);
  let timer: NodeJS.Timeout | null = null;
  const call = async (): Promise<void> => {
    const persona = PERSONAS[Math.floor(random() * PERSONAS.length)];
    const key = sampleKeyOf(core);
    if (!persona || key === null) return;
    const events = Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({
      source: 'gw-live',
      id: core.newId('evt'),
      customer: persona.ref,
      meter: persona.meter,
      quantity: quantityOf(core, random, persona),
      dimensions: dimensionsOf(random, persona),
    }));
    try {
      await (await post(url, key, '/v1/usage', { events })).arrayBuffer();
    } catch (error) {
      core.log.warn('live traffic failed', { error });
    }
  };
  const set = (on: boolean): void => {
    if (timer) clearInterval(timer);
    timer = on ? setInterval(() => void call(), 500) : null;
    timer?.unref();
  };
  return { isOn: () => timer !== null, set };
}
