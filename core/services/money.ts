/** Credit, the gate and holds, invoices: name the command, commit it, shape the answer. */
import { canonicalJson } from '#core/domain/canonical.ts';
import { parseQuantity } from '#core/domain/meter.ts';
import { refuse } from '#core/domain/refusal.ts';
import { unknownMeter } from '#core/domain/unknown.ts';
import { commitOne, minor, os } from './base.ts';
import type { Core, RequestContext } from './core.ts';
import { clockOf } from './instant.ts';

/** A quantity in the meter's smallest units, or a refusal. */
export function unitsOf(core: Core, meterKey: string, quantity: string): bigint {
  const meter = core.snapshot().meters.get(meterKey) ?? refuse(unknownMeter(meterKey));
  const parsed = parseQuantity(quantity, meter.scale);
  if (parsed.ok) return parsed.units;
  return refuse({
    code: 'QUANTITY_INVALID',
    detail: parsed.reason,
    fix: `Send at most ${meter.scale} decimals of ${meter.unit}, not below zero.`,
    values: { meter: meter.key, quantity },
  });
}

const actor = (context: RequestContext): string => context.principal().actor;

export const credits = {
  grant: os.credits.grant.handler(({ input, context }) => {
    const { key, ...request } = input;
    return commitOne<never>(context.core, {
      type: 'credit.grant',
      actor: actor(context),
      key,
      request: canonicalJson(request),
      id: context.core.newId('grt'),
      customer: input.customer,
      asset: input.asset,
      amountMinor: minor(input.amountMinor),
      source: input.source,
      note: input.note,
      priority: input.priority,
      expiresAtMs: input.expiresAtMs,
    });
  }),
  clawBack: os.credits.clawBack.handler(({ input, context }) => {
    const { key, ...request } = input;
    return commitOne<never>(context.core, {
      type: 'credit.claw-back',
      actor: actor(context),
      key,
      request: canonicalJson(request),
      grant: input.grant,
      amountMinor: input.amountMinor === undefined ? null : minor(input.amountMinor),
      reason: input.reason,
    });
  }),
  statement: os.credits.statement.handler(
    ({ input, context: { core } }) => core.reader.read('statement', input) as never,
  ),
  list: os.credits.list.handler(({ input, context: { core } }) => core.reader.read('grants', input) as never),
  all: os.credits.all.handler(
    ({ input, context: { core }, signal }) =>
      core.reader.read('allGrants', { ...input, nowMs: clockOf(core, input) }, signal) as never,
  ),
  totals: os.credits.totals.handler(
    ({ input, context: { core }, signal }) =>
      core.reader.read('creditTotals', { ...input, nowMs: clockOf(core, input) }, signal) as never,
  ),
  burnDown: os.credits.burnDown.handler(
    ({ input, context: { core }, signal }) =>
      core.reader.read('burnDown', { ...input, nowMs: clockOf(core, input) }, signal) as never,
  ),
  get: os.credits.get.handler(({ input, context: { core } }) => core.reader.read('grant', input) as never),
  moves: os.credits.moves.handler(({ input, context: { core } }) => core.reader.read('grantMoves', input) as never),
};

export const gate = {
  check: os.gate.check.handler(({ input, context }) =>
    commitOne<never>(context.core, {
      type: 'gate.check',
      actor: actor(context),
      customer: input.customer,
      meter: input.meter,
      units: unitsOf(context.core, input.meter, input.quantity),
    }),
  ),
};

export const holds = {
  open: os.holds.open.handler(({ input, context }) => {
    const { key, ...request } = input;
    return commitOne<never>(context.core, {
      type: 'hold.open',
      actor: actor(context),
      key,
      request: canonicalJson(request),
      id: context.core.newId('hld'),
      customer: input.customer,
      meter: input.meter,
      units: unitsOf(context.core, input.meter, input.quantity),
      ttlMs: input.ttlMs,
    });
  }),
  capture: os.holds.capture.handler(async ({ input, context }) => {
    const { core } = context;
    const held = await core.reader.read('hold', { holdId: input.holdId });
    const units = held === null || input.quantity === undefined ? null : unitsOf(core, held.meter, input.quantity);
    return commitOne<never>(core, {
      type: 'hold.capture',
      actor: actor(context),
      id: input.holdId,
      event: {
        source: '',
        id: '',
        occurredMs: input.occurredAtMs ?? null,
        data: canonicalJson(input.dimensions),
        fingerprint: null,
        units,
      },
    });
  }),
  release: os.holds.release.handler(({ input, context }) =>
    commitOne<never>(context.core, { type: 'hold.release', actor: actor(context), id: input.holdId }),
  ),
  get: os.holds.get.handler(async ({ input, context: { core } }) => {
    const held = await core.reader.read('hold', input);
    const refusal = {
      code: 'HOLD_UNKNOWN',
      detail: `There is no hold ${input.holdId}.`,
      fix: 'Check the id.',
    } as const;
    return (held ?? refuse(refusal)) as never;
  }),
  list: os.holds.list.handler(({ input, context: { core } }) => core.reader.read('holds', input) as never),
};

/** Customers are closed in slices, so that a long run never keeps the gate waiting for more than a few milliseconds. */
const CUSTOMERS_A_COMMIT = 25;
const INVOICES_A_COMMIT = 25;

type Close = { drafts: number; unchanged: number; invoices: string[] };

async function closePeriods(
  context: RequestContext,
  input: { untilMs?: number | undefined; customer?: string | undefined; early: boolean },
): Promise<Close> {
  const { core } = context;
  const nowMs = core.now();
  const untilMs = input.untilMs ?? nowMs;
  if (untilMs > nowMs) {
    refuse({
      code: 'STATE_FORBIDS',
      detail: 'A period cannot be closed before it ends.',
      fix: 'Choose an instant that has passed.',
    });
  }
  if (input.early && input.customer === undefined) {
    refuse({
      code: 'STATE_FORBIDS',
      detail: "Only one customer's period can be ended early.",
      fix: 'Name the customer.',
    });
  }
  const ids =
    input.customer === undefined
      ? await core.reader.read('customerIds', {})
      : [(await core.reader.read('customer', { customer: input.customer, nowMs })).id];
  const done: Close = { drafts: 0, unchanged: 0, invoices: [] };
  for (let at = 0; at < ids.length; at += CUSTOMERS_A_COMMIT) {
    const part = await commitOne<Close>(core, {
      type: 'invoice.close',
      actor: actor(context),
      customers: ids.slice(at, at + CUSTOMERS_A_COMMIT),
      untilMs,
      early: input.early,
    });
    done.drafts += part.drafts;
    done.unchanged += part.unchanged;
    done.invoices.push(...part.invoices);
  }
  return done;
}

async function finalizeAll(context: RequestContext, ids: readonly string[]): Promise<number> {
  let finalized = 0;
  for (let at = 0; at < ids.length; at += INVOICES_A_COMMIT) {
    const part = await commitOne<{ finalized: number }>(context.core, {
      type: 'invoice.finalize',
      actor: actor(context),
      invoices: ids.slice(at, at + INVOICES_A_COMMIT),
    });
    finalized += part.finalized;
  }
  return finalized;
}

export const invoices = {
  list: os.invoices.list.handler(({ input, context: { core } }) => core.reader.read('invoices', input) as never),
  get: os.invoices.get.handler(({ input, context: { core } }) => core.reader.read('invoice', input) as never),
  close: os.invoices.close.handler(async ({ input, context }) => {
    const closed = await closePeriods(context, input);
    const drafts = input.finalize ? closed.invoices : [];
    const finalized = await finalizeAll(context, drafts);
    return { drafts: closed.drafts, finalized, unchanged: closed.unchanged, invoices: closed.invoices.slice(0, 1000) };
  }),
  finalize: os.invoices.finalize.handler(async ({ input, context }) => {
    await finalizeAll(context, [input.invoice]);
    return (await context.core.reader.read('invoice', { invoice: input.invoice })) as never;
  }),
  document: os.invoices.document.handler(async ({ input, context: { core } }) => {
    const document = await core.reader.read('invoiceDocument', input);
    const refusal = {
      code: 'STATE_FORBIDS',
      detail: 'A draft has no frozen bytes.',
      fix: 'Finalize it first.',
    } as const;
    return document ?? refuse(refusal);
  }),
  explain: os.invoices.explain.handler(({ input, context: { core } }) => core.reader.read('explain', input) as never),
};
