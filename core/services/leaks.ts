/** Leaks: hand on what is found, ranked; keep unit costs as records. */
import { LEAK_KINDS, LEAK_NEXT } from '#core/domain/leak.ts';
import type { Leak, UnitCostRecord } from '#core/domain/leak.ts';
import { refuse } from '#core/domain/refusal.ts';
import { unknownMeter } from '#core/domain/unknown.ts';
import { commitOne, os } from './base.ts';
import type { Core, RequestContext } from './core.ts';

const DAY_MS = 86_400_000;

/** With their places among those of their asset; they come ranked. */
function views(leaks: readonly Leak[]) {
  const places = new Map<string | null, number>();
  return leaks.map(({ amountMinor, evidence, ...leak }) => {
    const rank = (places.get(leak.asset) ?? 0) + 1;
    places.set(leak.asset, rank);
    const money = { amountMinor: amountMinor?.toString() ?? null };
    return { ...leak, ...money, rank, next: LEAK_NEXT[leak.kind], evidence: [...evidence] };
  });
}

export const leaks = {
  find: os.leaks.find.handler(async function* find({ input, context: { core }, signal }) {
    const nowMs = core.now();
    const order = { nowMs, fromMs: Math.max(0, nowMs - input.days * DAY_MS), idleMs: input.idleDays * DAY_MS };
    for await (const { done, check, checked, leaks: found, uncompared } of core.findLeaks(order, signal)) {
      const step = LEAK_KINDS.indexOf(check) + 1;
      const items = done ? views(found.slice(0, input.limit)) : null;
      const hidden = Math.max(0, found.length - input.limit);
      const progress = { done, check, step, steps: LEAK_KINDS.length, checked: String(checked) };
      // Assets were checked when they were written.
      yield { ...progress, items, hidden, uncompared: [...uncompared] } as never;
    }
  }),
};

type Cost = Omit<UnitCostRecord, 'removedMs'>;

async function keptCosts(core: Core): Promise<UnitCostRecord[]> {
  const rows = await core.reader.read('records', { kind: 'unit-cost' });
  return rows.map(({ body }) => body as UnitCostRecord);
}

const view = ({ meter, asset, amountMinor, perUnits }: Cost) => ({ meter, asset, amountMinor, perUnits });

async function write({ core, principal }: RequestContext, record: UnitCostRecord): Promise<void> {
  const { actor } = principal();
  await commitOne(core, { type: 'record.set', kind: 'unit-cost', id: record.meter, body: record, names: [], actor });
}

export const costs = {
  list: os.costs.list.handler(async ({ context: { core } }) => {
    const kept = await keptCosts(core);
    return { items: kept.filter(({ removedMs }) => removedMs === null).map(view) };
  }),
  set: os.costs.set.handler(async ({ input, context }) => {
    if (!context.core.snapshot().meters.has(input.meter)) refuse(unknownMeter(input.meter));
    await write(context, { ...input, removedMs: null });
    return view(input);
  }),
  remove: os.costs.remove.handler(async ({ input, context }) => {
    const kept = (await keptCosts(context.core)).find(({ meter }) => meter === input.meter);
    if (kept?.removedMs === null) await write(context, { ...kept, removedMs: context.core.now() });
    return { ok: true as const };
  }),
};
