/** Seeded data for the console's double: generated, the same each time, and unlike anyone's real books. */
import type { InferContractRouterOutputs } from '@orpc/contract';
import type { Contract } from '#core/contract/index.ts';

type Outputs = InferContractRouterOutputs<Contract>;
export type Fault = Readonly<{ code: string; detail: string; fix: string }>;

/** What a test may change: the session, the data, and which calls fail, wait for ever or take long. */
export type World = {
  nowMs: number;
  session: Outputs['session']['get'];
  signedOut: Outputs['session']['get'];
  passphrase: string;
  info: Outputs['workspace']['info'];
  overview: Outputs['workspace']['overview'];
  customers: Outputs['customers']['list']['items'];
  grants: Outputs['credits']['list']['items'];
  holds: Outputs['holds']['list']['items'];
  keys: Outputs['keys']['list']['items'];
  events: Outputs['usage']['list']['items'];
  parked: Outputs['unrated']['list']['items'];
  invoices: Outputs['invoices']['list']['items'];
  lines: Outputs['invoices']['get']['lines'];
  entries: Outputs['ledger']['entries']['items'];
  plans: Outputs['plans']['list']['items'];
  changes: Outputs['workspace']['changes'] extends AsyncIterable<infer C> ? C[] : never;
  /** Calls by path, as `customers.list`, that fail with this refusal. */
  faults: Map<string, Fault>;
  /** Calls by path that never answer. */
  stuck: Set<string>;
  /** Every call in order, with its input, for a test to look at. */
  calls: { path: string; input: unknown }[];
  verifyStepMs: number;
};

const DAY = 86_400_000;
const NAMES = [
  'Halden Labs',
  'Orbit Co',
  'Pelican AI',
  'Kestrel',
  'Northgate Data',
  'Fernhill Robotics',
  'Sable Systems',
  'Juniper & Daughters',
  'Quarry Street',
  'Marlow Analytics',
  'Ostrich Works',
  'Tidewater',
];
const METERS = ['api.calls', 'llm.tokens', 'sandbox.cpu'] as const;
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

/** Park and Miller's generator: enough for pictures, and the same on every machine. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 16_807) % 2_147_483_647;
    return state % below;
  };
}

function idOf(prefix: string, index: number): string {
  const body = ((index + 7) * 2_654_435_761).toString(36).padStart(10, '0').slice(-10);
  return `${prefix}_01k${body}${String(index).padStart(4, '0')}`;
}

const nextBelow = generator(20_261_121);

function balance(asset: string, wallet: number, unbilled: number, held: number, receivable: number) {
  const posted = BigInt(wallet) - BigInt(unbilled);
  return {
    asset,
    postedMinor: String(posted),
    heldMinor: String(held),
    pendingMinor: String((held / 10) | 0),
    overdraftMinor: '0',
    spendableMinor: String(posted - BigInt(held) - BigInt((held / 10) | 0)),
    walletMinor: String(wallet),
    unbilledMinor: String(-unbilled),
    receivableMinor: String(receivable),
  };
}

function makeCustomers(nowMs: number): World['customers'] {
  return NAMES.map((name, index) => ({
    customer: {
      id: idOf('cus', index),
      externalId: index % 4 === 3 ? null : name.toLowerCase().replaceAll(/[^a-z]+/g, '-'),
      name,
      plan: ['startup', 'scale', 'payg', null][index % 4] ?? null,
      anchorDay: 1,
      timeZone: index % 3 === 0 ? 'Europe/London' : 'UTC',
      overdrafts: index === 1 ? [{ asset: 'USDC/6', amountMinor: '5000000' }] : [],
      subjects: [`team-${index + 1}`],
      addresses:
        index === 0
          ? [{ chain: 'solana', address: '7hQeV9xP2mKd4sTzFgAa1nLwRb8cYuJp3oEi6u2Kd', label: 'Treasury' }]
          : [],
      createdMs: nowMs - (200 - index) * DAY,
    },
    balances:
      index === 11
        ? []
        : [
            balance(
              'USDC/6',
              9_420_000 + nextBelow(900_000_000),
              index === 2 ? 990_000_000 : 4_110_000 + nextBelow(8_000_000),
              nextBelow(2_000_000),
              nextBelow(40_000_000),
            ),
            ...(index % 5 === 1
              ? [
                  {
                    ...balance('0G/18', 0, 0, 0, 0),
                    walletMinor: '91204412000000000123',
                    postedMinor: '91204412000000000123',
                    spendableMinor: '91204412000000000123',
                  },
                ]
              : []),
          ],
    lastUsedMs: index === 11 ? null : nowMs - index * index * 61_000,
  }));
}

function makeEvents(world: Pick<World, 'nowMs' | 'customers'>, count: number): World['events'] {
  return Array.from({ length: count }, (_, index) => {
    const row = world.customers[index % 9];
    const meter = METERS[index % 3] ?? 'api.calls';
    const parked = index % 23 === 5;
    const quantity = String(meter === 'api.calls' ? 1 : 40 + nextBelow(9_000));
    return {
      sequence: String(482_907 - index),
      source: index % 2 === 0 ? 'gw-1' : 'https://edge.example/eu',
      id: `01934f${(index * 7_919 + 4_096).toString(16).padStart(8, '0')}c2a1`,
      subject: parked ? 'team-unknown' : `team-${(index % 9) + 1}`,
      customer: parked ? null : (row?.customer.id ?? null),
      type: meter,
      meter: parked ? null : meter,
      quantity,
      unit: { 'api.calls': 'call', 'llm.tokens': 'token', 'sandbox.cpu': 's' }[meter],
      occurredAtMs: world.nowMs - index * 2_700 - 400,
      recordedMs: world.nowMs - index * 2_700,
      block: String(18_204 - (index >> 3)),
      data: JSON.stringify({ model: 'small-2', quantity, route: '/v1/verify' }),
      holdId: null,
      state: parked ? ('parked' as const) : index < 2 ? ('waiting' as const) : ('rated' as const),
      reason: parked ? 'customer-unknown' : null,
    };
  });
}

function makeInvoices(world: Pick<World, 'nowMs' | 'customers'>): World['invoices'] {
  const states = ['draft', 'draft', 'finalized', 'overdue', 'paid', 'finalized', 'paid', 'paid'] as const;
  return Array.from({ length: 28 }, (_, index) => {
    const state = states[index % states.length] ?? 'paid';
    const row = world.customers[index % NAMES.length];
    const total = index === 2 ? 62_400_000 : 20_000_000 + nextBelow(400_000_000);
    const credit = state === 'overdue' ? 0 : Math.min(total, nextBelow(60_000_000));
    return {
      id: idOf('inv', index),
      number: state === 'draft' ? null : `2026-${String(1_204 - index).padStart(6, '0')}`,
      kind: 'usage' as const,
      state,
      customer: row?.customer.id ?? '',
      customerName: row?.customer.name ?? '',
      asset: 'USDC/6',
      periodStartMs: Date.UTC(2026, 9, 1),
      periodEndMs: Date.UTC(2026, 10, 1),
      createdMs: world.nowMs - index * DAY,
      finalizedMs: state === 'draft' ? null : world.nowMs - index * DAY,
      dueMs: state === 'draft' ? null : world.nowMs + (state === 'overdue' ? -6 : 24 - index) * DAY,
      totalMinor: String(total),
      paidFromCreditMinor: String(credit),
      dueMinor: state === 'paid' ? '0' : String(total - credit),
      sha256: state === 'draft' ? null : '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    };
  });
}

const LINES: World['lines'] = [
  {
    id: 'lin_01kaaaaaaaa0001',
    kind: 'base-fee',
    description: 'Startup, monthly',
    meter: null,
    month: '2026-10',
    price: null,
    priceVersion: null,
    quantity: '1',
    unit: 'month',
    rate: '50.00 USDC a month',
    amountMinor: '50000000',
  },
  {
    id: 'lin_01kaaaaaaaa0002',
    kind: 'usage',
    description: 'Requests above quota',
    meter: 'api.calls',
    month: '2026-10',
    price: 'prc_01kaaaaaaaa01',
    priceVersion: 7,
    quantity: '1240',
    unit: 'call',
    rate: '10 000 µUSDC a call above 10 000',
    amountMinor: '12400000',
  },
  {
    id: 'lin_01kaaaaaaaa0003',
    kind: 'usage',
    description: 'Requests in quota',
    meter: 'api.calls',
    month: '2026-10',
    price: 'prc_01kaaaaaaaa01',
    priceVersion: 7,
    quantity: '10000',
    unit: 'call',
    rate: 'in the plan',
    amountMinor: '0',
  },
];

function makeEntries(world: Pick<World, 'nowMs' | 'customers'>, count: number): World['entries'] {
  let balanceMinor = 9_420_000n;
  return Array.from({ length: count }, (_, index) => {
    const amount = index % 40 === 39 ? 25_000_000n : -BigInt(1_000 + nextBelow(90_000));
    const entry = {
      transaction: idOf('txn', index),
      kind: amount > 0n ? 'grant' : 'usage',
      account: `customer/${world.customers[0]?.customer.id ?? ''}/${amount > 0n ? 'wallet' : 'unbilled'}`,
      label: amount > 0n ? 'Halden Labs · wallet' : 'Halden Labs · unbilled',
      asset: 'USDC/6',
      amountMinor: String(amount),
      balanceMinor: String(balanceMinor),
      grant: null,
      happenedMs: world.nowMs - index * 190_000,
      recordedMs: world.nowMs - index * 190_000 + 900,
      block: String(18_204 - index),
      by: 'gateway',
      memo: amount > 0n ? 'Prepaid, bank transfer' : 'Usage of api.calls',
    };
    balanceMinor -= amount;
    return entry;
  });
}

function makeOverview(world: Pick<World, 'nowMs' | 'customers' | 'events'>): World['overview'] {
  const today = Math.floor(world.nowMs / DAY) * DAY;
  const sizes = [62_000, 38_000, 16_000];
  return {
    nowMs: world.nowMs,
    needsYou: [
      {
        kind: 'stuck-hold',
        severity: 'danger',
        title: 'A hold is open 40 min past its end',
        detail: 'Pelican AI; it frees itself when the core next sweeps',
        asset: 'USDC/6',
        amountMinor: '1840000',
        href: `/customers/${world.customers[2]?.customer.id ?? ''}?tab=holds`,
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
        href: `/customers/${world.customers[0]?.customer.id ?? ''}`,
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
    ],
    held: [
      {
        asset: 'USDC/6',
        walletMinor: '48210440000',
        heldMinor: '112500000',
        unbilledMinor: '-1482220114',
        receivableMinor: '204500000',
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
    ],
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
    settings: {
      unknownUsage: 'park',
      outage: { policy: 'deny', upTo: 0 },
      issuer: 'Northwind APIs Ltd',
      dueDays: 30,
      idleLockMs: 900_000,
      maxFutureMs: 300_000,
    },
  };
}

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
    grants: [
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
        remainingMinor: '0',
        createdMs: nowMs - 90 * DAY,
        expiresAtMs: null,
        transaction: idOf('txn', 902),
      },
    ],
    holds: (['open', 'captured', 'released', 'expired', 'captured'] as const).map((state, index) => ({
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
    })),
    keys: [
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
    ],
    parked: events
      .filter((event) => event.state === 'parked')
      .slice(0, 12)
      .map((event, index) => ({
        id: idOf('prk', index),
        reason: 'customer-unknown' as const,
        detail: 'No customer has the subject team-unknown.',
        event,
        parkedMs: event.recordedMs,
      })),
    invoices: makeInvoices({ nowMs, customers }),
    lines: LINES,
    entries: makeEntries({ nowMs, customers }, 900),
    plans: [
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
    ],
    changes: [],
    faults: new Map(),
    stuck: new Set(),
    calls: [],
    verifyStepMs: 15,
  };
}

/** Takes everything away, as in a workspace of one minute. */
export function emptyWorld(world: World): void {
  for (const list of [
    world.customers,
    world.grants,
    world.holds,
    world.keys,
    world.events,
    world.parked,
    world.invoices,
    world.entries,
  ])
    list.length = 0;
  world.overview = {
    ...world.overview,
    needsYou: [],
    held: [],
    runsOut: [],
    recent: [],
    days: world.overview.days.map((day) => ({ ...day, meters: [] })),
    today: { events: '0', eventsYesterdayByNow: '0', revenue: [], refused402: 0, refusedCustomers: 0 },
  };
  world.info = {
    ...world.info,
    events: '0',
    lastEventMs: null,
    lastVerifyMs: null,
    lastVerifyOk: null,
    lastVerifyBlock: null,
  };
}
