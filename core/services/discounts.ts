/** Discounts: name the rule, check it, set it as a record. */
import { canonicalJson } from '#core/domain/canonical.ts';
import { checkDiscount, decodeDiscount, encodeDiscount, stackingOrder } from '#core/domain/discount.ts';
import type { DiscountRule, DiscountTerms } from '#core/domain/discount.ts';
import { refuse } from '#core/domain/refusal.ts';
import { unknownMeter } from '#core/domain/unknown.ts';
import type { Instant } from '#core/domain/instant.ts';
import { commitOne, minor, os } from './base.ts';
import type { Core, RequestContext } from './core.ts';
import { settledBy } from './instant.ts';

type Create = Parameters<Parameters<typeof os.discounts.create.handler>[0]>[0]['input'];
type WireTerms = Create['terms'];
type Stored = Readonly<{ body: unknown; tx: number }>;

function readTerms(terms: WireTerms): DiscountTerms {
  switch (terms.kind) {
    case 'percent':
      return terms;
    case 'amount':
      return { kind: terms.kind, amountMinor: minor(terms.amountMinor) };
    case 'steps':
      return {
        kind: terms.kind,
        steps: terms.steps.map(({ fromMinor, basisPoints }) => ({ fromMinor: minor(fromMinor), basisPoints })),
      };
  }
}

const minorOr = (text: string | null): bigint | null => (text === null ? null : minor(text));
/** The wire's form is the stored one: amounts in text. */
const view = (rule: DiscountRule) => encodeDiscount(rule) as never;
const ruleOf = ({ body }: Pick<Stored, 'body'>): DiscountRule => decodeDiscount(JSON.stringify(body));

async function ruleFrom(input: Create, { core }: RequestContext): Promise<DiscountRule> {
  for (const meter of input.meters ?? []) if (!core.snapshot().meters.has(meter)) refuse(unknownMeter(meter));
  if (input.plan !== null && !core.snapshot().plans.has(input.plan)) {
    refuse({ code: 'NOT_FOUND', detail: `There is no plan "${input.plan}".`, fix: 'Create the plan first.' });
  }
  const customer =
    input.customer === null ? null : (await core.reader.read('customerRecord', { customer: input.customer })).body.id;
  const rule: DiscountRule = {
    id: core.newId('dsc'),
    kind: input.kind,
    name: input.name,
    customer,
    plan: customer === null ? input.plan : null,
    asset: input.asset as DiscountRule['asset'],
    meters: input.meters,
    terms: readTerms(input.terms),
    mostMinor: minorOr(input.mostMinor),
    committedMinor: minorOr(input.committedMinor),
    fromMs: input.fromMs ?? core.now(),
    untilMs: input.untilMs,
  };
  const problem = checkDiscount(rule);
  return problem ? refuse(problem) : rule;
}

async function allRules(
  core: Core,
  instant: Instant = {},
): Promise<readonly Readonly<{ rule: DiscountRule; tx: number }>[]> {
  const rows = await core.reader.read('records', { kind: 'discount', ...settledBy(instant) });
  return rows.map((row) => ({ rule: ruleOf(row), tx: row.tx })).sort((a, b) => stackingOrder(a.rule, b.rule));
}

export const discounts = {
  list: os.discounts.list.handler(async ({ input, context: { core } }) => {
    const rules = (await allRules(core, input)).map(({ rule }) => rule);
    if (input.customer === undefined) return { items: rules.map(view) };
    const { body } = await core.reader.read('customerRecord', { customer: input.customer, ...settledBy(input) });
    const plans = new Set(body.terms.map(({ plan }) => plan));
    const mayCount = (rule: DiscountRule): boolean =>
      rule.customer === null ? rule.plan === null || plans.has(rule.plan) : rule.customer === body.id;
    return { items: rules.filter(mayCount).map(view) };
  }),
  create: os.discounts.create.handler(async ({ input, context }) => {
    const { key, ...request } = input;
    const rule = await ruleFrom(input, context);
    const written = await commitOne<Stored>(context.core, {
      type: 'record.set',
      kind: 'discount',
      id: rule.id,
      body: encodeDiscount(rule),
      names: [],
      actor: context.principal().actor,
      key: `discounts.create:${key}`,
      request: canonicalJson(request),
    });
    return view(ruleOf(written));
  }),
  end: os.discounts.end.handler(async ({ input, context }) => {
    const { core } = context;
    const found = (await allRules(core)).find(({ rule }) => rule.id === input.discount);
    if (!found) {
      return refuse({ code: 'NOT_FOUND', detail: `There is no discount ${input.discount}.`, fix: 'List them.' });
    }
    const untilMs = input.untilMs ?? core.now();
    if (found.rule.untilMs !== null && found.rule.untilMs <= untilMs) return view(found.rule);
    if (untilMs <= found.rule.fromMs) {
      refuse({
        code: 'STATE_FORBIDS',
        detail: 'A discount cannot end before it begins.',
        fix: `Choose an instant after ${new Date(found.rule.fromMs).toISOString()}.`,
      });
    }
    const rule = { ...found.rule, untilMs };
    await commitOne(core, {
      type: 'record.set',
      kind: 'discount',
      id: rule.id,
      body: encodeDiscount(rule),
      names: [],
      expect: found.tx,
      actor: context.principal().actor,
    });
    return view(rule);
  }),
};
