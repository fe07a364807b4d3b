/**
 * The double's answers to the procedures that the console uses, checked by the contract's own schemas on the way out.
 */
import { ORPCError } from '@orpc/server';
import { invoicesPart, ledgerPart } from './console-double-billing.ts';
import { gate, missing, pageOf } from './console-double-gate.ts';
import type { Os } from './console-double-gate.ts';
import type { World } from './console-double-world.ts';

function sessionPart(os: Os, world: World) {
  return {
    get: os.session.get.handler(() => world.session),
    lock: os.session.lock.handler(() => (world.session = { ...world.session, locked: true })),
    signIn: os.session.signIn.handler(({ input }) => {
      if (input.passphrase !== world.passphrase) {
        throw new ORPCError('UNAUTHENTICATED', {
          status: 401,
          data: {
            detail: 'The name and passphrase do not belong together.',
            fix: 'Try again; five wrong ones in a minute make the next wait.',
          },
        });
      }
      world.session = { ...world.session, locked: false, operator: world.session.operator ?? null };
      return world.session;
    }),
  };
}

/** Customers by name, invoices by number and events by id; the rest is the core's to find. */
function found(world: World, text: string) {
  const lower = text.toLowerCase();
  const has = (name: string | null): boolean => name !== null && name.toLowerCase().includes(lower);
  return [
    ...world.customers
      .filter(({ customer }) => has(customer.name))
      .map(({ customer: { id, name } }) => ({ kind: 'customer' as const, id, title: name, detail: id, of: null })),
    ...world.invoices
      .filter(({ number }) => has(number))
      .map(({ id, number, customerName }) => {
        return { kind: 'invoice' as const, id, title: number ?? 'Draft', detail: customerName, of: null };
      }),
    ...world.events
      .filter(({ id }) => has(id))
      .map(({ id, source, subject }) => ({ kind: 'event' as const, id, title: id, detail: subject, of: source })),
  ];
}

function workspacePart(os: Os, world: World) {
  return {
    info: os.workspace.info.handler(() => world.info),
    overview: os.workspace.overview.handler(() => world.overview),
    create: os.workspace.create.handler(({ input }) => ({
      file: input.file,
      command: `npm start -- --workspace ${input.file}`,
    })),
    find: os.workspace.find.handler(({ input }) => ({ items: found(world, input.text).slice(0, input.limit) })),
    setLiveTraffic: os.workspace.setLiveTraffic.handler(({ input }) => {
      world.info = { ...world.info, liveTraffic: input.on };
      return { on: input.on };
    }),
    changes: os.workspace.changes.handler(async function* changes({ input, signal }) {
      let after = BigInt(input.after ?? '0');
      for (;;) {
        if (signal?.aborted === true) return;
        for (const change of world.changes.filter((candidate) => BigInt(candidate.sequence) > after)) {
          after = BigInt(change.sequence);
          yield change;
        }
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    }),
  };
}

function customersPart(os: Os, world: World) {
  const find = (id: string) => {
    const row = world.customers.find(({ customer }) => customer.id === id || customer.externalId === id);
    if (!row) throw missing('CUSTOMER_UNKNOWN', `No customer has the id ${id}.`);
    return row;
  };
  return {
    list: os.customers.list.handler(({ input }) => {
      const search = input.search?.toLowerCase() ?? '';
      return pageOf(
        world.customers.filter(({ customer }) => customer.name.toLowerCase().includes(search)),
        input,
      );
    }),
    get: os.customers.get.handler(({ input }) => find(input.customer).customer),
    balances: os.customers.balances.handler(({ input }) => ({
      items: find(input.customer).balances,
      watermark: world.info.watermark,
    })),
    create: os.customers.create.handler(({ input }) => {
      const customer = {
        id: `cus_01knew${String(world.customers.length).padStart(6, '0')}`,
        externalId: input.externalId ?? null,
        name: input.name,
        plan: input.plan,
        anchorDay: input.anchorDay,
        timeZone: input.timeZone,
        overdrafts: [],
        subjects: [],
        addresses: [],
        createdMs: world.nowMs,
      };
      world.customers.push({ customer, balances: [], lastUsedMs: null });
      return customer;
    }),
    notes: os.customers.notes.handler(() => ({ items: [], nextCursor: null })),
    linkAddress: os.customers.linkAddress.handler(({ input }) => {
      const row = find(input.customer);
      row.customer.addresses.push({ chain: input.chain, address: input.address, label: input.label });
      return row.customer;
    }),
  };
}

function keysPart(os: Os, world: World) {
  const made = (name: string) => {
    const key = {
      id: `key_01knew${String(world.keys.length).padStart(6, '0')}`,
      customer: null,
      name,
      prefix: 'tk_live_n3wK',
      scopes: ['usage:write' as const],
      createdMs: world.nowMs,
      lastUsedMs: null,
      endsMs: null,
      replacedBy: null,
    };
    world.keys.push(key);
    return { key, secret: 'tk_live_n3wK_not-a-real-secret-only-a-double' };
  };
  return {
    list: os.keys.list.handler(() => ({ items: world.keys })),
    create: os.keys.create.handler(({ input }) => made(input.name)),
    rotate: os.keys.rotate.handler(() => made('Successor')),
    revoke: os.keys.revoke.handler(({ input }) => {
      world.keys = world.keys.map((key) => (key.id === input.id ? { ...key, endsMs: world.nowMs } : key));
      return { ok: true as const };
    }),
  };
}

function usagePart(os: Os, world: World) {
  return {
    list: os.usage.list.handler(({ input }) =>
      pageOf(
        world.events
          .filter((event) => input.customer === undefined || event.customer === input.customer)
          .filter(({ sequence }) => BigInt(sequence) < BigInt(input.beforeSequence ?? world.events.length + 1)),
        input,
      ),
    ),
    get: os.usage.get.handler(({ input }) => {
      const event = world.events.find((candidate) => candidate.source === input.source && candidate.id === input.id);
      if (!event) throw missing('NOT_FOUND', `No event ${input.id} came from ${input.source}.`);
      return event;
    }),
  };
}

function unratedPart(os: Os, world: World) {
  return {
    summary: os.unrated.summary.handler(() => ({
      total: world.parked.length,
      groups:
        world.parked.length === 0
          ? []
          : [
              {
                reason: 'customer-unknown' as const,
                type: 'api.calls',
                subject: 'team-unknown',
                count: world.parked.length,
                firstMs: world.nowMs,
              },
            ],
    })),
    list: os.unrated.list.handler(({ input }) => pageOf(world.parked, input)),
    assign: os.unrated.assign.handler(({ input }) => {
      world.parked = world.parked.filter((parked) => !input.ids.includes(parked.id));
      return {
        rated: input.dismiss === undefined ? input.ids.length : 0,
        dismissed: input.dismiss === undefined ? 0 : input.ids.length,
        stillParked: 0,
      };
    }),
  };
}

function creditsPart(os: Os, world: World) {
  return {
    list: os.credits.list.handler(({ input }) => pageOf(world.grants, input)),
    grant: os.credits.grant.handler(({ input }) => {
      const grant = {
        id: `grt_01knew${String(world.grants.length).padStart(6, '0')}`,
        customer: input.customer,
        asset: input.asset,
        source: input.source,
        note: input.note,
        priority: input.priority,
        grantedMinor: input.amountMinor,
        consumedMinor: '0',
        expiredMinor: '0',
        clawedBackMinor: '0',
        remainingMinor: input.amountMinor,
        createdMs: world.nowMs,
        expiresAtMs: input.expiresAtMs,
        transaction: 'txn_01kaaaaaaaa99',
      };
      world.grants.push(grant);
      return grant;
    }),
  };
}

/** Only what the console calls; the rest of the contract is the core's to answer. */
export function doubleRouter(world: World) {
  const os = gate(world);
  return {
    session: sessionPart(os, world),
    workspace: workspacePart(os, world),
    customers: customersPart(os, world),
    keys: keysPart(os, world),
    credits: creditsPart(os, world),
    holds: { list: os.holds.list.handler(({ input }) => pageOf(world.holds, input)) },
    usage: usagePart(os, world),
    unrated: unratedPart(os, world),
    invoices: invoicesPart(os, world),
    // Reviews are tried on the real core; here nothing was reviewed.
    reviews: { list: os.reviews.list.handler(() => ({ items: [], nextCursor: null })) },
    ledger: ledgerPart(os, world),
    plans: { list: os.plans.list.handler(() => ({ items: world.plans })) },
    meters: { list: os.meters.list.handler(() => ({ items: [] })) },
    prices: { list: os.prices.list.handler(() => ({ items: [] })) },
  };
}
