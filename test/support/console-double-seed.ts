/** Puts the double's world together from its parts. */
import {
  DAY,
  LINES,
  METERS,
  idOf,
  makeCustomers,
  makeEntries,
  makeEvents,
  makeInvoices,
  nextBelow,
} from './console-double-data.ts';
import type { World } from './console-double-world.ts';

const ALL_PERMISSIONS = [
  'books:read',
  'books:verify',
  'customers:read',
  'customers:write',
  'usage:read',
  'usage:write',
  'meters:read',
  'meters:write',
  'prices:read',
  'prices:write',
  'credits:write',
  'gate:write',
  'invoices:read',
  'invoices:write',
  'keys:write',
  'operators:write',
  'workspace:write',
] as const;

function makeNeeds(customers: World['customers']): World['overview']['needsYou'] {
  return [
    {
      kind: 'stuck-hold',
      severity: 'danger',
      title: 'A hold is open 40 min past its end',
      detail: 'Pelican AI; it frees itself when the core next sweeps',
      asset: 'USDC/6',
      amountMinor: '1840000',
      href: `/customers/${customers[2]?.customer.id ?? ''}?tab=holds`,
      action: 'Look',
    },
    {
      kind: 'unrated',
      severity: 'attention',
      title: '12 events name a customer nobody knows',
      detail: 'team-unknown',
      asset: null,
      amountMinor: null,
      href: '/usage?show=unrated',
      action: 'Assign',
    },
    {
      kind: 'low-balance',
      severity: 'attention',
      title: 'Halden Labs runs out in 2.3 days',
      detail: 'at the burn of the last 7 days',
      asset: 'USDC/6',
      amountMinor: '9420000',
      href: `/customers/${customers[0]?.customer.id ?? ''}`,
      action: 'Grant',
    },
    {
      kind: 'draft',
      severity: 'info',
      title: '7 drafts wait to be finalized',
      detail: 'October 2026',
      asset: 'USDC/6',
      amountMinor: '1482220000',
      href: '/invoices?state=draft',
      action: 'Review',
    },
  ];
}

const HELD: World['overview']['held'] = [
  {
    asset: 'USDC/6',
    walletMinor: '48210440000',
    heldMinor: '112500000',
    unbilledMinor: '-1482220114',
    receivableMinor: '-204500000',
    customers: 11,
  },
  {
    asset: '0G/18',
    walletMinor: '91204412000000000123',
    heldMinor: '3018000000000000001',
    unbilledMinor: '0',
    receivableMinor: '0',
    customers: 3,
  },
  {
    asset: 'CREDIT/0',
    walletMinor: '1204550',
    heldMinor: '8100',
    unbilledMinor: '-40210',
    receivableMinor: '0',
    customers: 6,
  },
];

function makeOverview(world: Pick<World, 'nowMs' | 'customers' | 'events'>): World['overview'] {
  const today = Math.floor(world.nowMs / DAY) * DAY;
  const sizes = [62_000, 38_000, 16_000];
  return {
    nowMs: world.nowMs,
    needsYou: makeNeeds(world.customers),
    held: [...HELD],
    today: {
      events: '4182907',
      eventsYesterdayByNow: '3946140',
      revenue: [{ asset: 'USDC/6', amountMinor: '1284170000', yesterdayByNowMinor: '1246770000' }],
      refused402: 318,
      refusedCustomers: 3,
    },
    days: Array.from({ length: 30 }, (_, index) => ({
      dayMs: today - (29 - index) * DAY,
      meters: METERS.map((meter, at) => {
        const weekend = index % 7 > 4 ? 0.55 : 1;
        const events = Math.round(
          (sizes[at] ?? 1) * weekend * (0.8 + nextBelow(450) / 1000) * (index === 29 ? 0.5 : 1),
        );
        return { meter, events: String(events), quantity: `${events * 12}.500000` };
      }),
    })),
    runsOut: world.customers.slice(0, 4).map((row, index) => ({
      customer: row.customer.id,
      name: row.customer.name,
      plan: row.customer.plan,
      asset: index === 1 ? '0G/18' : 'USDC/6',
      spendableMinor: index === 1 ? '1304000000000000777' : String(9_420_000 + index * 8_100_000),
      burnPerDayMinor: index === 1 ? '221000000000000001' : String(4_110_000 - index * 400_000),
      daysLeftTenths: [23, 59, 52, 140][index] ?? 200,
    })),
    recent: world.events.slice(0, 12).map((event) => ({
      source: event.source,
      id: event.id,
      subject: event.subject,
      customer: event.customer,
      customerName: world.customers.find((row) => row.customer.id === event.customer)?.customer.name ?? null,
      type: event.type,
      quantity: event.quantity,
      unit: event.unit,
      recordedMs: event.recordedMs,
      state: event.state,
    })),
  };
}

function makeSession(nowMs: number): World['session'] {
  return {
    operator: {
      id: 'opr_01kaaaaaaaa01',
      name: 'Mara Keller',
      role: 'admin',
      publicKey: 'c0ffee',
      createdMs: nowMs - 90 * DAY,
      lastSeenMs: nowMs,
      disabled: false,
    },
    locked: false,
    permissions: [...ALL_PERMISSIONS],
    workspaceName: 'Northwind APIs',
    sample: true,
    idleLockMs: 900_000,
    operatorNames: ['Mara Keller', 'Jo Lindqvist', 'Sam Okafor'],
  };
}

function makeInfo(nowMs: number): World['info'] {
  return {
    name: 'Northwind APIs',
    file: '/home/mk/northwind.tollkeeper',
    sample: true,
    network: 'local',
    version: '0.1.0',
    schemaVersion: 1,
    readOnly: false,
    gatewayUrl: 'http://127.0.0.1:4100',
    block: '18204',
    bookId: 'cd'.repeat(32),
    headHash: 'ab'.repeat(32),
    events: '482907',
    watermark: '482905',
    lastEventMs: nowMs - 400,
    fileBytes: '48210440',
    lastBackupMs: null,
    lastVerifyMs: nowMs - 4 * 60_000,
    lastVerifyOk: true,
    lastVerifyBlock: '18204',
    liveTraffic: true,
    curve: 'native libsecp256k1',
    settings: {
      unknownUsage: 'park',
      outage: { policy: 'deny', upTo: 0 },
      issuer: 'Northwind APIs Ltd',
      dueDays: 30,
      idleLockMs: 900_000,
      maxFutureMs: 300_000,
      maxRateAgeMs: 86_400_000,
      noticesToLoopback: false,
    },
  };
}

function makeGrants(nowMs: number): World['grants'] {
  return [
    {
      id: 'grt_01kaaaaaaaa01',
      customer: '',
      asset: 'USDC/6',
      source: 'promotional',
      note: 'Launch credit',
      priority: 10,
      grantedMinor: '25000000',
      consumedMinor: '21400000',
      expiredMinor: '0',
      clawedBackMinor: '0',
      remainingMinor: '3600000',
      createdMs: nowMs - 40 * DAY,
      expiresAtMs: nowMs + 12 * DAY,
      transaction: idOf('txn', 900),
    },
    {
      id: 'grt_01kaaaaaaaa02',
      customer: '',
      asset: 'USDC/6',
      source: 'prepaid',
      note: 'Bank transfer 4411',
      priority: 100,
      grantedMinor: '500000000',
      consumedMinor: '0',
      expiredMinor: '0',
      clawedBackMinor: '0',
      remainingMinor: '500000000',
      createdMs: nowMs - 9 * DAY,
      expiresAtMs: null,
      transaction: idOf('txn', 901),
    },
    {
      id: 'grt_01kaaaaaaaa03',
      customer: '',
      asset: 'USDC/6',
      source: 'sla',
      note: '',
      priority: 100,
      grantedMinor: '8000000',
      consumedMinor: '8000000',
      expiredMinor: '0',
      clawedBackMinor: '0',
      remainingMinor: '0',
      createdMs: nowMs - 90 * DAY,
      expiresAtMs: null,
      transaction: idOf('txn', 902),
    },
  ];
}

function makeHolds(nowMs: number): World['holds'] {
  return (['open', 'captured', 'released', 'expired', 'captured'] as const).map((state, index) => ({
    id: idOf('hld', index),
    state,
    customer: '',
    meter: 'llm.tokens',
    quantity: '1200',
    asset: 'USDC/6',
    amountMinor: '1200000',
    expiresAtMs: nowMs + 48_000 - index * DAY,
    openedMs: nowMs - 12_000 - index * DAY,
    capturedQuantity: state === 'captured' ? '910' : null,
    chargedMinor: state === 'captured' ? '910000' : null,
    overshootMinor: null,
    late: index === 4,
  }));
}

function makeKeys(nowMs: number): World['keys'] {
  return [
    {
      id: 'key_01kaaaaaaaa01',
      customer: null,
      name: 'Production server',
      prefix: 'tk_live_9fQ2',
      scopes: ['usage:write', 'gate:write'],
      createdMs: nowMs - 60 * DAY,
      lastUsedMs: nowMs - 2_400,
      endsMs: null,
      replacedBy: null,
    },
    {
      id: 'key_01kaaaaaaaa02',
      customer: null,
      name: 'Old server',
      prefix: 'tk_live_2aXk',
      scopes: ['usage:write'],
      createdMs: nowMs - 160 * DAY,
      lastUsedMs: nowMs - 3 * DAY,
      endsMs: nowMs + DAY,
      replacedBy: 'key_01kaaaaaaaa01',
    },
  ];
}

function makeParked(events: World['events']): World['parked'] {
  return events
    .filter((event) => event.state === 'parked')
    .slice(0, 12)
    .map((event, index) => ({
      id: idOf('prk', index),
      reason: 'customer-unknown' as const,
      detail: 'No customer has the subject team-unknown.',
      event,
      parkedMs: event.recordedMs,
    }));
}

const PLANS: World['plans'] = [
  {
    key: 'startup',
    name: 'Startup',
    asset: 'USDC/6',
    baseFeeMinor: '50000000',
    rateLimitPerMinute: 600,
    dailyLimit: null,
  },
  {
    key: 'scale',
    name: 'Scale',
    asset: 'USDC/6',
    baseFeeMinor: '250000000',
    rateLimitPerMinute: 6000,
    dailyLimit: null,
  },
];

export function seedWorld(): World {
  const nowMs = Date.now();
  const customers = makeCustomers(nowMs);
  const events = makeEvents({ nowMs, customers }, 640);
  const session = makeSession(nowMs);
  return {
    nowMs,
    session,
    signedOut: { ...session, operator: null, permissions: [] },
    passphrase: 'correct horse battery',
    info: makeInfo(nowMs),
    customers,
    events,
    overview: makeOverview({ nowMs, customers, events }),
    grants: makeGrants(nowMs),
    holds: makeHolds(nowMs),
    keys: makeKeys(nowMs),
    parked: makeParked(events),
    invoices: makeInvoices({ nowMs, customers }),
    lines: LINES,
    entries: makeEntries({ nowMs, customers }, 900),
    plans: [...PLANS],
    changes: [],
    faults: new Map(),
    stuck: new Set(),
    calls: [],
    verifyStepMs: 15,
  };
}
