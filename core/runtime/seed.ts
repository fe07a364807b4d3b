/** What a new workspace begins with: settings, an operator, the shipped meters, plans and prices. */
import { SHIPPED_METERS, SHIPPED_PLANS } from '#core/domain/plans.ts';
import { encodeModel } from '#core/domain/price.ts';
import { DEFAULT_SETTINGS } from '#core/ledger/catalog.ts';
import type { MeterRecord, PlanRecord, PriceRecord, SettingsRecord } from '#core/ledger/catalog.ts';
import type { Book, Command } from '#core/ledger/port.ts';
import { RefusalError } from '#core/domain/refusal.ts';
import { newOperator } from '#core/services/operators.ts';
import type { Core } from '#core/services/core.ts';

/** Who writes the first documents. */
export const SEED_ACTOR = 'init';

/** Commits commands and stops at the first refusal: a seed is ours, so a refusal is a defect. */
export async function commitAll(book: Pick<Book, 'commit'>, commands: readonly Command[]): Promise<void> {
  for (let at = 0; at < commands.length; at += 200) {
    for (const answer of await book.commit(commands.slice(at, at + 200))) {
      if (!answer.ok) throw new RefusalError(answer.refusal);
    }
  }
}

export function setRecord(kind: string, id: string, body: object): Command {
  return { type: 'record.set', actor: SEED_ACTOR, kind, id, body: body as Record<string, unknown>, names: [] };
}

const NAMES: Readonly<Record<string, string>> = {
  'api.requests': 'API requests',
  'api.calls': 'API calls',
  'compute.cpu-hours': 'CPU hours',
  'compute.memory-gb-hours': 'Memory GB-hours',
};

/** A meter's name for people: `llm.output.gpt-4o` reads "gpt-4o output tokens". */
function nameOf(key: string): string {
  const [, side, model] = /^llm\.(input|output)\.(.+)$/.exec(key) ?? [];
  return side === undefined ? (NAMES[key] ?? key) : `${model} ${side} tokens`;
}

/** The shipped meters, plans and prices as commands. Prices hold from the beginning of time. */
export function catalogCommands(core: Pick<Core, 'newId' | 'now'>): Command[] {
  const createdMs = core.now();
  const meters = SHIPPED_METERS.map((meter) => {
    const record: MeterRecord = { ...meter, name: nameOf(meter.key), overshoot: 'debt', createdMs };
    return setRecord('meter', meter.key, record);
  });
  const plans = SHIPPED_PLANS.map((plan) => {
    const { key, name, asset, baseFeeMinor, rateLimitPerMinute, dailyLimit } = plan;
    const record: PlanRecord = {
      key,
      name,
      asset,
      baseFeeMinor: baseFeeMinor.toString(),
      rateLimitPerMinute,
      dailyLimit,
    };
    return setRecord('plan', key, record);
  });
  const prices = SHIPPED_PLANS.flatMap((plan) =>
    plan.prices.map(({ meterKey, price }) => {
      const record: PriceRecord = {
        id: core.newId('prc'),
        version: 1,
        meter: meterKey,
        plan: plan.key,
        customer: null,
        asset: plan.asset,
        model: encodeModel(price.model),
        rounding: price.rounding,
        minimumMinor: price.minimumMinor.toString(),
        effectiveFromMs: 0,
        createdMs,
        createdBy: SEED_ACTOR,
      };
      return setRecord('price', record.id, record);
    }),
  );
  return [...meters, ...plans, ...prices];
}

/** Writes settings, catalogue and the first admin into a workspace that has none. */
export async function seedWorkspace(
  core: Core,
  given: Readonly<{ settings: Partial<SettingsRecord>; operator: { name: string; passphrase: string } }>,
): Promise<void> {
  const operator = await newOperator(core, { ...given.operator, role: 'admin' });
  await commitAll(core.book, [
    setRecord('settings', 'workspace', { ...DEFAULT_SETTINGS, ...given.settings }),
    {
      type: 'record.set',
      actor: SEED_ACTOR,
      kind: 'operator',
      id: operator.id,
      body: operator,
      names: [{ kind: 'operator', name: operator.name }],
    },
    ...catalogCommands(core),
  ]);
  await core.refresh();
}
