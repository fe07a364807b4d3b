/**
 * The double's answers to the procedures that the console uses, checked by the contract's own schemas on the way out.
 */
import { ORPCError, implement } from '@orpc/server';
import { contract } from '#core/contract/index.ts';
import type { World } from './console-double-world.ts';

type Paged = { limit: number; cursor?: string | undefined };

function pageOf<Item>(items: readonly Item[], { limit, cursor }: Paged): { items: Item[]; nextCursor: string | null } {
  const from = cursor === undefined ? 0 : Number.parseInt(cursor, 10);
  const to = from + limit;
  return { items: items.slice(from, to), nextCursor: to < items.length ? String(to) : null };
}

function missing(code: string, detail: string): ORPCError<string, unknown> {
  return new ORPCError(code, { status: 404, data: { detail, fix: 'Look at the list for what there is.' } });
}

function gate(world: World) {
  return implement(contract).use(async ({ next, path }, input) => {
    const name = path.join('.');
    world.calls.push({ path: name, input });
    const fault = world.faults.get(name);
    if (fault) throw new ORPCError(fault.code, { status: 500, data: { detail: fault.detail, fix: fault.fix } });
    if (world.stuck.has(name)) await new Promise<never>(() => undefined);
    if (world.session.locked && !name.startsWith('session.')) {
      throw new ORPCError('LOCKED', { status: 401, data: { detail: 'The session is locked.', fix: 'Unlock it.' } });
    }
    return next();
  });
}

type Os = ReturnType<typeof gate>;

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

function workspacePart(os: Os, world: World) {
  return {
    info: os.workspace.info.handler(() => world.info),
    overview: os.workspace.overview.handler(() => world.overview),
    setLiveTraffic: os.workspace.setLiveTraffic.handler(({ input }) => {
      world.info = { ...world.info, liveTraffic: input.on };
      return { on: input.on };
    }),
    changes: os.workspace.changes.handler(async function* changes({ input, signal }) {
      let after = BigInt(input.after ?? '0');
      while (signal?.aborted !== true) {
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

function explanation(world: World, kind: 'line' | 'event', id: string, cursor: string | undefined, limit: number) {
  const invoice = world.invoices[2] ?? null;
  const events = world.events.map((event) => ({
    source: event.source,
    id: event.id,
    occurredAtMs: event.occurredAtMs,
    quantity: event.quantity ?? '0',
    sequence: event.sequence,
    holdId: null,
  }));
  const paged = pageOf(events, { limit, cursor });
  const entry = {
    transaction: 'txn_01kaaaaaaaa77',
    asset: 'USDC/6',
    grant: null,
    block: '18122',
    recordedMs: world.nowMs,
  };
  return {
    subject: { kind, id, title: kind === 'line' ? 'Requests above quota' : 'Why this event cost 0.01 USDC' },
    invoice,
    line: world.lines[1] ?? null,
    steps: [
      {
        title: '11 240 requests',
        text: 'between 1 and 31 Oct UTC; largest: POST /v1/verify 7 902, GET /v1/agents 2 338',
        arithmetic: '7 902 + 2 338 + 1 000 = 11 240',
        ok: true,
      },
      {
        title: 'Quota 10 000',
        text: 'of plan Startup, price version 7, in force since 1 Oct; reached on 27 Oct 09:14:02 UTC by event 01934f…c2a1',
        arithmetic: '11 240 − 10 000 = 1 240',
        ok: true,
      },
      {
        title: '10 000 µUSDC a call',
        text: 'above the quota, rounded half to even once per line; nothing was rounded here',
        arithmetic: '1 240 × 10 000 µUSDC = 12 400 000 µUSDC = 12.40 USDC',
        ok: true,
      },
    ],
    eventCount: '11240',
    sources: [
      { source: 'gw-1', count: '8120' },
      { source: 'https://edge.example/eu', count: '3120' },
    ],
    events: paged.items,
    nextEventCursor: paged.nextCursor,
    entries: [
      { ...entry, account: 'customer/unbilled', label: 'Halden Labs · unbilled', amountMinor: '-12400000' },
      { ...entry, account: 'revenue/usage', label: 'Revenue · usage', amountMinor: '12400000' },
    ],
    entryCount: '2',
    firstBlock: '17990',
    lastBlock: '18122',
    agrees: true,
  };
}

function invoicesPart(os: Os, world: World) {
  const detail = (id: string) => {
    const invoice = world.invoices.find((candidate) => candidate.id === id || candidate.number === id);
    if (!invoice) throw missing('NOT_FOUND', `No invoice has the id ${id}.`);
    return { invoice, lines: world.lines };
  };
  return {
    list: os.invoices.list.handler(({ input }) =>
      pageOf(
        world.invoices.filter(
          (row) =>
            (input.state === undefined || row.state === input.state) &&
            (input.customer === undefined || row.customer === input.customer),
        ),
        input,
      ),
    ),
    get: os.invoices.get.handler(({ input }) => detail(input.invoice)),
    close: os.invoices.close.handler(() => ({
      drafts: 1,
      finalized: 0,
      unchanged: 10,
      invoices: world.invoices.slice(0, 1).map((invoice) => invoice.id),
    })),
    finalize: os.invoices.finalize.handler(({ input }) => {
      const { invoice, lines } = detail(input.invoice);
      const final = {
        ...invoice,
        state: 'finalized' as const,
        number: '2026-001205',
        finalizedMs: world.nowMs,
        dueMs: world.nowMs + 2_592_000_000,
        sha256: 'ab'.repeat(32),
      };
      world.invoices = world.invoices.map((row) => (row.id === invoice.id ? final : row));
      return { invoice: final, lines };
    }),
    document: os.invoices.document.handler(() => ({ bytes: '{"number":"2026-001202"}', sha256: 'ab'.repeat(32) })),
    explain: os.invoices.explain.handler(({ input }) => {
      const known = input.source !== undefined || world.lines.some((line) => line.id === input.id);
      if (!known) throw missing('NOT_FOUND', `There is nothing under ${input.id}.`);
      return explanation(world, input.source === undefined ? 'line' : 'event', input.id, input.cursor, input.limit);
    }),
  };
}

function ledgerPart(os: Os, world: World) {
  return {
    entries: os.ledger.entries.handler(({ input }) => pageOf(world.entries, input)),
    transaction: os.ledger.transaction.handler(({ input }) => {
      const entry = world.entries.find((candidate) => candidate.transaction === input.id);
      if (!entry) throw missing('NOT_FOUND', `There is no transaction ${input.id}.`);
      const other = {
        ...entry,
        account: 'revenue/usage',
        label: 'Revenue · usage',
        amountMinor: String(-BigInt(entry.amountMinor)),
        balanceMinor: '1284170000',
      };
      return {
        id: entry.transaction,
        kind: entry.kind,
        sequence: '81204',
        block: entry.block,
        hash: 'cd'.repeat(32),
        happenedMs: entry.happenedMs,
        recordedMs: entry.recordedMs,
        by: entry.by,
        entries: [entry, other],
        body: '{"type":"usage.posted"}',
      };
    }),
    accounts: os.ledger.accounts.handler(() => ({
      items:
        world.entries.length === 0
          ? []
          : [
              {
                account: 'customers/wallet',
                label: 'Customers · wallet',
                asset: 'USDC/6',
                balanceMinor: '-48210440000',
              },
              {
                account: 'customers/unbilled',
                label: 'Customers · unbilled',
                asset: 'USDC/6',
                balanceMinor: '1482220114',
              },
              { account: 'revenue/usage', label: 'Revenue · usage', asset: 'USDC/6', balanceMinor: '46728219886' },
            ],
      sums: world.entries.length === 0 ? [] : [{ asset: 'USDC/6', sumMinor: '0' }],
    })),
    verify: os.ledger.verify.handler(async function* verify() {
      const total = 482_907;
      const checks = ['blocks', 'sums', 'balances', 'holds', 'grants', 'invoices'];
      for (let step = 1; step <= 24; step += 1) {
        yield {
          done: false,
          check: checks[Math.floor((step - 1) / 4)] ?? 'blocks',
          checked: String(Math.floor((total * step) / 24)),
          total: String(total),
          ok: null,
          problem: null,
          block: '18204',
          finishedMs: null,
        };
        await new Promise((resolve) => setTimeout(resolve, world.verifyStepMs));
      }
      world.info = { ...world.info, lastVerifyMs: Date.now(), lastVerifyOk: true, lastVerifyBlock: '18204' };
      yield {
        done: true,
        check: 'invoices',
        checked: String(total),
        total: String(total),
        ok: true,
        problem: null,
        block: '18204',
        finishedMs: Date.now(),
      };
    }),
  };
}

function usagePart(os: Os, world: World) {
  return {
    list: os.usage.list.handler(({ input }) =>
      pageOf(
        world.events.filter((event) => input.customer === undefined || event.customer === input.customer),
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
    ledger: ledgerPart(os, world),
    plans: { list: os.plans.list.handler(() => ({ items: world.plans })) },
    meters: { list: os.meters.list.handler(() => ({ items: [] })) },
  };
}
