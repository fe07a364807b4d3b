/** The double's invoices, explanations and ledger. */
import type { InferContractRouterOutputs } from '@orpc/contract';
import type { Contract } from '#core/contract/index.ts';
import { missing, pageOf } from './console-double-gate.ts';
import type { Os } from './console-double-gate.ts';
import type { World } from './console-double-world.ts';

type Verify = InferContractRouterOutputs<Contract>['ledger']['verify'];
type Progress = Verify extends AsyncIterable<infer Step> ? Step : never;

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
        text: 'of plan Startup, price version 7, in force since 1 Oct; reached on 27 Oct 09:14:02 UTC by 01934f…c2a1',
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

export function invoicesPart(os: Os, world: World) {
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

async function* verify(world: World): AsyncGenerator<Progress> {
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
}

export function ledgerPart(os: Os, world: World) {
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
    verify: os.ledger.verify.handler(() => verify(world)),
  };
}
