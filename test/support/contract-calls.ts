/** One call of every command that passes, in an order in which each finds what it needs. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '#core/cli/connection.ts';
import { noticeCalls, populateNotices } from './notice-calls.ts';
import type { MadeNotices } from './notice-calls.ts';
import { populateReviews, reviewCalls } from './review-calls.ts';
import type { MadeReviews } from './review-calls.ts';
import { ADMIN, PASSPHRASE } from './workspace.ts';

/** Beyond 2^53 and beyond 2^64, odd in the last digit: any float on the way would change it. */
export const HUGE = '123456789012345678901234567';
export const BEYOND_DOUBLE = '9007199254740993';

/** What earlier calls made. */
export type Made = Readonly<{
  folder: string;
  customer: string;
  hold: string;
  spareHold: string;
  key: string;
  spareKey: string;
  grant: string;
  discount: string;
  draft: string;
  invoice: string;
  line: string;
  transaction: string;
  parked: string;
  operator: string;
}> &
  MadeNotices &
  MadeReviews;

const METER = 'api.requests';
const atMs = Date.UTC(2026, 0, 1);

export const event = (id: string, more: object = {}): Record<string, unknown> => ({
  source: 'test',
  id,
  customer: 'acme',
  meter: METER,
  quantity: '3',
  ...more,
});

/** Makes customers, money, usage, holds and invoices through the contract itself, as an admin. */
export async function populate(client: Client, folder: string): Promise<Made> {
  await client.session.signIn(ADMIN);
  const { id: customer } = await client.customers.create({ name: 'Acme', externalId: 'acme', plan: 'startup' });
  await client.customers.create({ name: 'Beta', externalId: 'beta', plan: 'growth' });
  const grant = await client.credits.grant({
    key: 'seed',
    customer: 'acme',
    asset: 'USDC/6',
    amountMinor: '900000000',
    source: 'prepaid',
  });
  const discount = await client.discounts.create({
    key: 'seed',
    kind: 'promotion',
    name: 'Ten off',
    asset: 'USDC/6',
    terms: { kind: 'percent', basisPoints: 1000 },
    fromMs: atMs,
  });
  await client.usage.record({ events: [event('e1'), event('e2'), event('p1', { meter: 'img.upscale' })] });
  await client.usage.record({ events: [event('b1', { customer: 'beta' })] });
  const hold = await client.holds.open({ key: 'h1', customer: 'acme', meter: METER, quantity: '2' });
  const spareHold = await client.holds.open({ key: 'h2', customer: 'acme', meter: METER, quantity: '2' });
  const { key } = await client.keys.create({ name: 'one', scopes: ['usage:write'] });
  const { key: spareKey } = await client.keys.create({ name: 'two', scopes: ['usage:write'] });
  const closed = await client.invoices.close({ customer: 'beta', early: true, finalize: true });
  const [invoice = ''] = closed.invoices;
  const { lines } = await client.invoices.get({ invoice });
  const {
    invoices: [draft = ''],
  } = await client.invoices.close({ customer: 'acme', early: true });
  const {
    items: [parked],
  } = await client.unrated.list({});
  const { id: operator } = await client.operators.create({ name: 'cid', role: 'billing', passphrase: PASSPHRASE });
  const {
    items: [entry],
  } = await client.ledger.entries({ customer: 'acme' });
  return {
    folder,
    customer,
    hold: hold.id,
    spareHold: spareHold.id,
    key: key.id,
    spareKey: spareKey.id,
    grant: grant.id,
    discount: discount.id,
    draft,
    invoice,
    line: lines[0]?.id ?? '',
    transaction: entry?.transaction ?? '',
    parked: parked?.id ?? '',
    operator,
    ...(await populateReviews(client, invoice)),
    ...(await populateNotices(client)),
  };
}

const rate = { amountMinor: BEYOND_DOUBLE, perUnits: '1' };
const tier = { upTo: null, rate, flatMinor: '0' };

/** Each call names another file. */
let backups = 0;

type Calls = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const page = { limit: 10 };
const spanned = () => ({ fromMs: atMs, toMs: Date.now() });
const instants = () => ({ asOfMs: atMs, knownAtMs: Date.now() });

/** Sessions, operators, customers and keys. */
function peopleCalls(made: Made): Calls {
  return {
    'session.get': {},
    'session.signIn': ADMIN,
    'session.lock': {},
    'operators.list': {},
    'operators.sessions': {},
    'operators.create': { name: 'dora', role: 'viewer', passphrase: PASSPHRASE },
    'operators.setRole': { id: made.operator, role: 'viewer', disabled: false },
    'operators.changePassphrase': { current: PASSPHRASE, next: PASSPHRASE },
    'customers.list': { ...page, search: 'acme' },
    'customers.get': { customer: 'acme' },
    'customers.create': {
      name: 'Gamma',
      externalId: 'gamma',
      plan: 'growth',
      anchorDay: 31,
      timeZone: 'Europe/Berlin',
      subjects: ['g'],
    },
    'customers.update': { customer: 'acme', name: 'Acme 2', plan: 'growth', anchorDay: 3, timeZone: 'UTC' },
    'customers.setOverdraft': { customer: 'acme', asset: '0G/18', amountMinor: HUGE },
    'customers.linkAddress': { customer: 'acme', chain: 'evm', address: `0x${'a1'.repeat(20)}`, label: 'Main' },
    'customers.balances': { customer: 'acme', ...instants() },
    'keys.list': { customer: 'acme' },
    'keys.create': { name: 'three', customer: 'acme', scopes: ['usage:write', 'usage:read'] },
    'keys.rotate': { id: made.spareKey, overlapMs: 60_000 },
    'keys.revoke': { id: made.key },
  };
}

/** Meters, plans, prices and credit. */
function priceCalls(): Calls {
  return {
    'meters.list': {},
    'meters.create': {
      key: 'm1',
      name: 'Meter',
      eventType: 'm1',
      aggregation: 'sum',
      unit: 'unit',
      scale: 2,
      valuePath: '$.v',
      dimensions: { region: '$.region' },
      billable: true,
      overshoot: 'cap',
    },
    'meters.query': {
      meter: METER,
      fromMs: atMs,
      toMs: Date.now(),
      windowSize: 'DAY',
      timeZone: 'UTC',
      subjects: ['acme'],
      groupBy: ['endpoint'],
      filters: { endpoint: ['x'] },
    },
    'plans.list': {},
    'plans.create': {
      key: 'huge',
      name: 'Huge',
      asset: '0G/18',
      baseFeeMinor: HUGE,
      rateLimitPerMinute: 5,
      dailyLimit: 10,
    },
    'prices.list': { meter: METER, plan: 'growth', customer: 'acme' },
    'prices.publish': {
      key: 'price-1',
      meter: METER,
      plan: 'growth',
      customer: null,
      asset: 'USDC/6',
      chargedIn: null,
      model: { kind: 'graduated', tiers: [{ ...tier, upTo: HUGE }, tier] },
      rounding: 'half-even',
      minimumMinor: '0',
      effectiveFromMs: Date.now() + 3_600_000,
    },
  };
}

/** Discounts and credit. */
function creditCalls(made: Made): Calls {
  return {
    'rates.list': { ...page, from: 'USD/2', to: '0G/18' },
    'rates.record': { key: 'rte-1', from: 'USD/2', to: '0G/18', rate: '0.5', source: 'desk', observedMs: Date.now() },
    'discounts.list': { customer: 'acme' },
    'discounts.create': {
      key: 'dsc-1',
      kind: 'volume',
      name: 'Spring',
      customer: 'acme',
      plan: null,
      asset: '0G/18',
      meters: [METER],
      terms: { kind: 'steps', steps: [{ fromMinor: HUGE, basisPoints: 500 }] },
      mostMinor: HUGE,
      committedMinor: null,
      fromMs: atMs,
      untilMs: Date.now() + 86_400_000,
    },
    'discounts.end': { discount: made.discount, untilMs: Date.now() },
    'credits.grant': {
      key: 'grant-1',
      customer: 'acme',
      asset: '0G/18',
      amountMinor: HUGE,
      source: 'manual',
      note: 'n',
      priority: 5,
      expiresAtMs: Date.now() + 86_400_000,
    },
    'credits.clawBack': { key: 'claw-1', grant: made.grant, amountMinor: '1', reason: 'granted twice' },
    'credits.statement': { customer: 'acme', asset: 'USDC/6', fromMs: atMs, asOfMs: Date.now(), knownAtMs: Date.now() },
    'credits.list': { customer: 'acme', ...page },
    'credits.all': { source: 'prepaid', asset: 'USDC/6', state: 'open', customer: 'acme', ...page },
    'credits.totals': { source: 'prepaid', asset: 'USDC/6', state: 'open', customer: 'acme', expiringDays: 30 },
    'credits.burnDown': { asset: 'USDC/6', customer: 'acme', days: 30 },
    'credits.get': { grant: made.grant },
    'credits.moves': { grant: made.grant, ...page },
  };
}

/** Usage, the unrated queue, the gate and holds. */
function usageCalls(made: Made): Calls {
  return {
    'usage.record': { events: [event('e3')] },
    'usage.list': { ...page, ...spanned(), beforeSequence: '99', customer: 'acme', subject: 'acme', meter: METER },
    'usage.get': { source: 'test', id: 'e1' },
    'usage.correct': { key: 'c1', source: 'test', id: 'e1', quantity: '5', reason: 'Miscounted', book: true },
    'usage.conflicts': page,
    'unrated.summary': {},
    'unrated.list': { ...page, reason: 'meter-unknown' },
    'unrated.assign': { ids: [made.parked], customer: 'acme', meter: METER },
    'gate.check': { customer: 'acme', meter: METER, quantity: '1' },
    'holds.open': { key: 'hold-1', customer: 'acme', meter: METER, quantity: '1', ttlMs: 60_000 },
    'holds.capture': { holdId: made.hold, quantity: '1', occurredAtMs: Date.now(), dimensions: { endpoint: 'x' } },
    'holds.release': { holdId: made.spareHold },
    'holds.get': { holdId: made.hold },
    'holds.list': { ...page, customer: 'acme', state: 'open' },
  };
}

/** Invoices, ledger and workspace. */
function bookCalls(made: Made): Calls {
  return {
    'invoices.list': { ...page, customer: 'acme', state: 'draft' },
    'invoices.get': { invoice: made.invoice },
    'invoices.close': { untilMs: atMs, customer: 'acme', finalize: false, early: false },
    'invoices.finalize': { invoice: made.draft },
    'invoices.document': { invoice: made.invoice },
    'invoices.explain': { id: 'e2', source: 'test', limit: 10 },
    'customers.notes': { ...page, customer: 'acme' },
    'customers.addNote': { key: 'contract-note', customer: 'acme', text: 'Called about the invoice.' },
    'ledger.entries': { ...page, customer: 'acme', account: undefined },
    'ledger.transaction': { id: made.transaction },
    'ledger.accounts': instants(),
    'ledger.diff': { ...page, customer: 'acme', asset: 'USDC/6', oldKnownAtMs: atMs, newAsOfMs: Date.now() },
    'ledger.verify': {},
    'workspace.info': {},
    'workspace.overview': {},
    'workspace.find': { text: 'acme' },
    'workspace.set': {
      unknownUsage: 'park',
      outage: { policy: 'allow', upTo: 3 },
      issuer: 'Issuer',
      dueDays: 14,
      idleLockMs: 3_600_000,
      maxFutureMs: 60_000,
      maxRateAgeMs: 60_000,
      noticesToLoopback: false,
    },
    'quotes.make': { customer: 'acme', items: [{ meter: METER, quantity: '3' }] },
    'quotes.whatIf': {
      from: '2026-03-01',
      to: '2026-04-01',
      meter: METER,
      asset: 'USDC/6',
      rounding: 'half-even',
      model: { kind: 'per-unit', rate: { amountMinor: '7', perUnits: '1' } },
    },
    'exports.lists': {},
    'imports.uploads': {},
    'imports.discard': { upload: `upl_${'0'.repeat(32)}` },
    'imports.preview': { path: usageFileOf(made) },
    'imports.previewFrom': { path: usageFileOf(made), from: 'openmeter' },
    'imports.runFrom': { path: usageFileOf(made), from: 'openmeter', book: false },
    'imports.run': { path: usageFileOf(made), mapping: USAGE_MAPPING, book: true },
    'workspace.backup': { file: join(made.folder, 'contract-backup.tollkeeper') },
    'backups.list': { limit: 10 },
    'backups.make': { file: join(made.folder, `contract-made-${(backups += 1)}.tollkeeper`) },
    'backups.drill': { file: join(made.folder, 'contract-backup.tollkeeper') },
    'workspace.create': {
      file: join(made.folder, 'contract-new.tollkeeper'),
      name: 'New',
      issuer: 'New Ltd',
      operator: 'nia',
      passphrase: PASSPHRASE,
    },
    'workspace.setLiveTraffic': { on: true },
    'workspace.changes': { after: '0' },
  };
}

const LOCAL_EVM = { network: 'local-evm', unit: 'serving' } as const;
const SOMEBODY = `0x${'a1'.repeat(20)}`;

/** Deployments and local chains; none runs here, and each says so. */
function chainCalls(): Calls {
  const order = {
    ...LOCAL_EVM,
    action: 'deploy',
    account: SOMEBODY,
    to: SOMEBODY,
    issuer: SOMEBODY,
    stakeMinor: '5',
    feeLimitMinor: '5',
    priceMicroLamports: '5',
  };
  return {
    'deployments.list': {},
    'deployments.get': LOCAL_EVM,
    'deployments.money': { network: 'local-evm', proxy: SOMEBODY, account: SOMEBODY, provider: SOMEBODY },
    'deployments.plan': order,
    'deployments.start': { key: 'deploy-1', ...order, confirm: 'yes', confirmAgain: 'yes' },
    'deployments.jobs': LOCAL_EVM,
    'deployments.watch': { job: 'job_00000000' },
    'deployments.resume': { job: 'job_00000000' },
    'deployments.cancel': { job: 'job_00000000' },
    'localChain.list': {},
    'localChain.get': { chain: 'evm' },
    'localChain.fund': { chain: 'evm', address: SOMEBODY, amountMinor: HUGE, asset: '0G/18' },
    'localChain.travel': { chain: 'evm', seconds: 60 },
    'localChain.restart': { chain: 'solana' },
    'localChain.reset': { chain: 'evm', confirm: 'evm' },
  };
}

/** A valid input of every command, with every field given. */
const USAGE_MAPPING = {
  source: { value: 'file' },
  id: { column: 'id' },
  customer: { column: 'customer' },
  meter: { value: METER },
};

/** A file of usage beside the workspace. */
function usageFileOf({ folder }: Made): string {
  const path = join(folder, 'usage.csv');
  if (!existsSync(path)) writeFileSync(path, 'id,customer\nf1,acme\n');
  return path;
}

export function validCalls(made: Made): Calls {
  const money = { ...priceCalls(), ...creditCalls(made), ...usageCalls(made), ...bookCalls(made) };
  return {
    ...peopleCalls(made),
    ...money,
    ...reviewCalls(made, { ...page, knownAtMs: Date.now() }),
    ...chainCalls(),
    ...noticeCalls(made, page),
  };
}

/** Commands that a valid call cannot pass here, and the refusal it meets. */
export const REFUSED_HERE: Readonly<Record<string, string>> = {
  'workspace.setLiveTraffic': 'STATE_FORBIDS',
  'imports.discard': 'NOT_FOUND',
  'deployments.get': 'STATE_FORBIDS',
  'deployments.money': 'STATE_FORBIDS',
  'deployments.plan': 'STATE_FORBIDS',
  'deployments.start': 'STATE_FORBIDS',
  'deployments.watch': 'NOT_FOUND',
  'deployments.resume': 'NOT_FOUND',
  'deployments.cancel': 'NOT_FOUND',
  'localChain.get': 'STATE_FORBIDS',
  'localChain.fund': 'STATE_FORBIDS',
  'localChain.travel': 'STATE_FORBIDS',
  'localChain.restart': 'STATE_FORBIDS',
  'localChain.reset': 'STATE_FORBIDS',
};
