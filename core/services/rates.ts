/** Rates between assets: read the decimal, keep it as an exact ratio. */
import { canonicalJson } from '#core/domain/canonical.ts';
import { decodeSnapshot, encodeSnapshot, parseExchange } from '#core/domain/exchange.ts';
import type { Snapshot } from '#core/domain/exchange.ts';
import type { Asset } from '#core/domain/money.ts';
import { refuse } from '#core/domain/refusal.ts';
import type { SettingsRecord } from '#core/ledger/catalog.ts';
import type { Instant } from '#core/domain/instant.ts';
import { commitOne, os } from './base.ts';
import type { Core } from './core.ts';
import { settled, settledBy } from './instant.ts';

type Record = Parameters<Parameters<typeof os.rates.record.handler>[0]>[0]['input'];

/** Every snapshot with when it stops to count, the last seen first. */
async function allRates(
  core: Core,
  instant: Instant = {},
): Promise<readonly Readonly<{ snapshot: Snapshot; untilMs: number }>[]> {
  const settings = () => [core.snapshot().settings];
  const [known] = await settled<Partial<SettingsRecord>>(core, 'settings', instant, settings);
  const { maxRateAgeMs } = { ...core.snapshot().settings, ...known };
  const rows = await core.reader.read('records', { kind: 'rate', ...settledBy(instant) });
  const snapshots = rows.map(({ body }) => decodeSnapshot(JSON.stringify(body)));
  snapshots.sort((a, b) => b.observedMs - a.observedMs || (a.id < b.id ? 1 : -1));
  const next = new Map<string, number>();
  return snapshots.map((snapshot) => {
    const pair = `${snapshot.from}>${snapshot.to}`;
    const untilMs = Math.min(next.get(pair) ?? Infinity, snapshot.observedMs + maxRateAgeMs);
    next.set(pair, snapshot.observedMs);
    return { snapshot, untilMs };
  });
}

const view = (snapshot: Snapshot, untilMs: number) => ({ ...encodeSnapshot(snapshot), untilMs }) as never;

function snapshotOf(core: Core, input: Record, last: Snapshot | undefined): Snapshot {
  const [from, to] = [input.from as Asset, input.to as Asset];
  const exchange = from === to ? null : parseExchange(input.rate, from, to);
  if (exchange === null) {
    const detail = from === to ? 'An asset has no rate in itself.' : `A rate of ${input.rate} is no rate.`;
    return refuse({ code: 'INPUT_INVALID', detail, fix: 'Send two assets, and a decimal above zero.' });
  }
  const observedMs = input.observedMs ?? core.now();
  if (observedMs > core.now() + 60_000) {
    refuse({ code: 'STATE_FORBIDS', detail: 'It was seen in the future.', fix: 'Check the clock of the source.' });
  }
  // Usage after the last one was charged by it already; one in between would make two rates true of one instant.
  if (last && observedMs <= last.observedMs) {
    refuse({
      code: 'STATE_FORBIDS',
      detail: `A rate of this pair was seen later, at ${new Date(last.observedMs).toISOString()}.`,
      fix: 'Record rates in the order they are seen.',
    });
  }
  return { id: core.newId('rte'), from, to, ...exchange, source: input.source, observedMs };
}

export const rates = {
  list: os.rates.list.handler(async ({ input, context: { core } }) => {
    const all = (await allRates(core, input)).filter(
      ({ snapshot: { from, to } }) => from === (input.from ?? from) && to === (input.to ?? to),
    );
    const start = input.cursor === undefined ? 0 : all.findIndex(({ snapshot }) => snapshot.id === input.cursor) + 1;
    const items = all.slice(start, start + input.limit);
    const isMore = start + input.limit < all.length;
    return {
      items: items.map(({ snapshot, untilMs }) => view(snapshot, untilMs)),
      nextCursor: isMore ? (items.at(-1)?.snapshot.id ?? null) : null,
    };
  }),
  record: os.rates.record.handler(async ({ input, context }) => {
    const { core } = context;
    const { key, ...request } = input;
    const isRepeat = await core.reader.read('isKeyKnown', { key: `rates.record:${key}` });
    const last = (await allRates(core)).find(({ snapshot: one }) => one.from === input.from && one.to === input.to);
    // A repeat is answered as it was, though its own rate is now the last of the pair.
    const snapshot = snapshotOf(core, input, isRepeat ? undefined : last?.snapshot);
    const written = await commitOne<{ body: unknown }>(core, {
      type: 'record.set',
      kind: 'rate',
      id: snapshot.id,
      body: encodeSnapshot(snapshot),
      names: [],
      actor: context.principal().actor,
      key: `rates.record:${key}`,
      request: canonicalJson(request),
    });
    const made = decodeSnapshot(JSON.stringify(written.body));
    return view(made, made.observedMs + core.snapshot().settings.maxRateAgeMs);
  }),
};
