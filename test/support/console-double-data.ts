/** Generated customers, events, invoices and entries for the double: the same each time, unlike real books. */
import type { World } from './console-double-world.ts';

export const DAY = 86_400_000;
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
export const METERS = ['api.calls', 'llm.tokens', 'sandbox.cpu'] as const;

/** Park and Miller's generator: enough for pictures, and the same on every machine. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 16_807) % 2_147_483_647;
    return state % below;
  };
}

export function idOf(prefix: string, index: number): string {
  const body = ((index + 7) * 2_654_435_761).toString(36).padStart(10, '0').slice(-10);
  return `${prefix}_01k${body}${String(index).padStart(4, '0')}`;
}

export const nextBelow = generator(20_261_121);

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
    receivableMinor: String(-receivable),
  };
}

export function makeCustomers(nowMs: number): World['customers'] {
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

export function makeEvents(world: Pick<World, 'nowMs' | 'customers'>, count: number): World['events'] {
  return Array.from({ length: count }, (_, index) => {
    const row = world.customers[index % 9];
    const meter = METERS[index % 3] ?? 'api.calls';
    const parked = index % 23 === 5;
    const quantity = String(meter === 'api.calls' ? 1 : 40 + nextBelow(9_000));
    return {
      sequence: String(count - index),
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

export function makeInvoices(world: Pick<World, 'nowMs' | 'customers'>): World['invoices'] {
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

export const LINES: World['lines'] = [
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

export function makeEntries(world: Pick<World, 'nowMs' | 'customers'>, count: number): World['entries'] {
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
