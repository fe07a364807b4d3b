/** Meters, plans and the price book. */
import { checkMeter } from '#core/domain/meter.ts';
import type { Meter } from '#core/domain/meter.ts';
import { canonicalJson } from '#core/domain/canonical.ts';
import { refuse } from '#core/domain/refusal.ts';
import { checkModel, decodeModel, encodeModel } from '#core/domain/price.ts';
import type { PriceModel, Ratio } from '#core/domain/price.ts';
import { priceScope } from '#core/domain/price-scope.ts';
import { unknownMeter } from '#core/domain/unknown.ts';
import type { MeterRecord, PlanRecord, PriceRecord } from '#core/ledger/catalog.ts';
import type { Instant } from '#core/domain/instant.ts';
import { commitOne, minor, os } from './base.ts';
import type { Core, RequestContext } from './core.ts';
import { settled, settledBy } from './instant.ts';

const meterView = (meter: MeterRecord) => {
  const { key, name, eventType, aggregation, unit, scale, valuePath, dimensions, billable, overshoot, createdMs } =
    meter;
  return {
    key,
    name,
    eventType,
    aggregation,
    unit,
    scale,
    valuePath,
    dimensions: { ...dimensions },
    billable,
    overshoot,
    createdMs,
  };
};

/** Whether two definitions mean the same meter, whenever they were made. */
const sameMeter = (a: MeterRecord, b: MeterRecord): boolean =>
  canonicalJson({ ...a, createdMs: 0 }) === canonicalJson({ ...b, createdMs: 0 });

/** Defines a meter, or answers the one that is defined just so. Used by the contract and by the gateway's dialects. */
export async function defineMeter(core: Core, meter: MeterRecord, actor: string): Promise<MeterRecord> {
  const domain: Meter = meter;
  const problem = checkMeter(domain);
  if (problem) refuse(problem);
  const known = core.snapshot().meters.get(meter.key);
  if (known && sameMeter(known, meter)) return known;
  if (known) {
    refuse({
      code: 'CONFLICT',
      detail: `The meter ${meter.key} is defined differently.`,
      fix: 'A meter never changes what it counted; define a new one under another key.',
    });
  }
  await commitOne(core, { type: 'record.set', kind: 'meter', id: meter.key, body: meter, names: [], actor, expect: 0 });
  await core.refresh();
  return meter;
}

export const meters = {
  list: os.meters.list.handler(async ({ input, context: { core } }) => ({
    items: (await settled(core, 'meter', input, () => core.snapshot().meters.values())).map(meterView),
  })),
  create: os.meters.create.handler(async ({ input, context }) => {
    const counts = input.aggregation === 'count';
    const meter: MeterRecord = {
      key: input.key,
      name: input.name ?? input.key,
      eventType: input.eventType ?? input.key,
      aggregation: input.aggregation,
      unit: input.unit,
      scale: input.scale,
      valuePath: input.valuePath === undefined ? (counts ? null : '$.value') : input.valuePath,
      dimensions: input.dimensions,
      billable: input.billable,
      overshoot: input.overshoot,
      window: 'month',
      createdMs: context.core.now(),
    };
    return meterView(await defineMeter(context.core, meter, context.principal().actor));
  }),
  query: os.meters.query.handler(async ({ input, context: { core }, signal }) => {
    const { items, watermark } = await core.reader.read('meterQuery', input, signal);
    return { items, watermark };
  }),
};

const ratioView = ({ amountMinor, perUnits }: Ratio) => ({ amountMinor: `${amountMinor}`, perUnits: `${perUnits}` });
type WireModel = ReturnType<typeof modelView>;

function modelView(model: PriceModel) {
  switch (model.kind) {
    case 'per-unit':
      return { kind: model.kind, rate: ratioView(model.rate) };
    case 'package':
      return { kind: model.kind, sizeUnits: `${model.sizeUnits}`, amountMinor: `${model.amountMinor}` };
    case 'quota':
      return { kind: model.kind, quotaUnits: model.quotaUnits?.toString() ?? null, overage: ratioView(model.overage) };
    case 'graduated':
    case 'volume':
      return {
        kind: model.kind,
        tiers: model.tiers.map((tier) => ({
          upTo: tier.upTo?.toString() ?? null,
          rate: ratioView(tier.rate),
          flatMinor: `${tier.flatMinor}`,
        })),
      };
  }
}

const readRatio = (rate: { amountMinor: string; perUnits: string }): Ratio => ({
  amountMinor: minor(rate.amountMinor),
  perUnits: minor(rate.perUnits),
});

export function readModel(model: WireModel): PriceModel {
  switch (model.kind) {
    case 'per-unit':
      return { kind: model.kind, rate: readRatio(model.rate) };
    case 'package':
      return { kind: model.kind, sizeUnits: minor(model.sizeUnits), amountMinor: minor(model.amountMinor) };
    case 'quota':
      return {
        kind: model.kind,
        quotaUnits: model.quotaUnits === null ? null : minor(model.quotaUnits),
        overage: readRatio(model.overage),
      };
    case 'graduated':
    case 'volume':
      return {
        kind: model.kind,
        tiers: model.tiers.map((tier) => ({
          upTo: tier.upTo === null ? null : minor(tier.upTo),
          rate: readRatio(tier.rate),
          flatMinor: minor(tier.flatMinor),
        })),
      };
  }
}

const priceView = (record: PriceRecord) => ({
  ...record,
  chargedIn: record.chargedIn ?? null,
  model: modelView(decodeModel(record.model)),
});

async function allPrices(core: Core, instant: Instant = {}): Promise<PriceRecord[]> {
  return (await core.reader.read('records', { kind: 'price', ...settledBy(instant) })).map(
    ({ body }) => body as PriceRecord,
  );
}

type Publish = Parameters<Parameters<typeof os.prices.publish.handler>[0]>[0]['input'];

async function publish(input: Publish, context: RequestContext): Promise<PriceRecord> {
  const { core } = context;
  const { meter, plan, asset, rounding, minimumMinor } = input;
  if (!core.snapshot().meters.has(meter)) refuse(unknownMeter(meter));
  if (plan !== null && !core.snapshot().plans.has(plan)) {
    refuse({ code: 'NOT_FOUND', detail: `There is no plan "${plan}".`, fix: 'Create the plan first.' });
  }
  const customer =
    input.customer === null
      ? null
      : (await core.reader.read('customer', { customer: input.customer, nowMs: core.now() })).id;
  const model = readModel(input.model);
  const problem = checkModel(model);
  if (problem) refuse(problem);
  if (input.chargedIn !== null && minor(minimumMinor) !== 0n) {
    refuse({
      code: 'INPUT_INVALID',
      detail: 'A price that is charged in another asset has no minimum: no single rate would turn a month of it.',
      fix: 'State the price in the asset it is charged in, or commit the customer to a minimum in that asset.',
    });
  }
  const scope = priceScope(meter, { customer, plan });
  const before = (await allPrices(core)).filter((one) => priceScope(one.meter, one) === scope);
  const nowMs = core.now();
  return {
    id: core.newId('prc'),
    version: before.length + 1,
    meter,
    plan: customer === null ? plan : null,
    customer,
    asset: asset as PriceRecord['asset'],
    chargedIn: input.chargedIn as PriceRecord['asset'] | null,
    model: encodeModel(model),
    rounding,
    minimumMinor: minor(minimumMinor).toString(),
    effectiveFromMs: input.effectiveFromMs ?? nowMs,
    createdMs: nowMs,
    createdBy: context.principal().actor,
  };
}

/** A price may begin in the past, as for usage that is imported, where nothing it would have rated was rated since. */
async function refuseRated(core: Core, { meter, customer, plan, effectiveFromMs: fromMs }: PriceRecord): Promise<void> {
  if (fromMs >= core.now() - 60_000) return;
  if (!(await core.reader.read('ratedSince', { meter, customer, plan, fromMs }))) return;
  refuse({
    code: 'STATE_FORBIDS',
    detail: `Usage of ${meter} was rated since then, and rated usage keeps its price.`,
    fix: 'Publish it from now on and correct past usage, or choose a later instant.',
  });
}

export const prices = {
  list: os.prices.list.handler(async ({ input, context: { core } }) => {
    const customer =
      input.customer === undefined
        ? undefined
        : (await core.reader.read('customerRecord', { customer: input.customer, ...settledBy(input) })).body.id;
    const items = (await allPrices(core, input))
      .filter((one) => input.meter === undefined || one.meter === input.meter)
      .filter((one) => input.plan === undefined || one.plan === input.plan)
      .filter((one) => customer === undefined || one.customer === customer)
      .sort((a, b) => (a.meter < b.meter ? -1 : a.meter > b.meter ? 1 : b.effectiveFromMs - a.effectiveFromMs));
    return { items: items.map(priceView) };
  }),
  publish: os.prices.publish.handler(async ({ input, context }) => {
    const { core } = context;
    const { key, ...request } = input;
    const record = await publish(input, context);
    // A repeat is answered as it was, though usage was rated by it since.
    if (!(await core.reader.read('isKeyKnown', { key: `prices.publish:${key}` }))) await refuseRated(core, record);
    const written = await commitOne<{ body: PriceRecord }>(core, {
      type: 'record.set',
      kind: 'price',
      id: record.id,
      body: record,
      names: [],
      actor: context.principal().actor,
      key: `prices.publish:${key}`,
      request: canonicalJson(request),
    });
    return priceView(written.body);
  }),
};

export const plans = {
  list: os.plans.list.handler(async ({ input, context: { core } }) => ({
    items: await settled(core, 'plan', input, () => core.snapshot().plans.values()),
  })),
  create: os.plans.create.handler(async ({ input, context }) => {
    const body = input as PlanRecord;
    await commitOne(context.core, {
      type: 'record.set',
      kind: 'plan',
      id: body.key,
      body,
      names: [],
      actor: context.principal().actor,
    });
    await context.core.refresh();
    return body;
  }),
};
