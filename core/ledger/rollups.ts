/** Hourly totals per meter and subject, kept by the poster so that screens never sum raw events. Provably the fold of the events. */
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import type { MeterRecord } from './catalog.ts';
import type { Desk } from './desk.ts';
import type { PendingEvent } from './poster.ts';
import type { RollupRow } from './rows.ts';

type Loaded = {
  meter: string; subject: string; hourMs: number; events: number; units: bigint; most: bigint | null;
  latest: bigint | null; latestMs: number | null; latestSeq: number | null; first: number; last: number;
};
const HOUR_MS = 3_600_000;

export class Rollups {
  readonly #desk: Desk;
  readonly #rows = new Map<string, Loaded>();
  readonly #dirty = new Set<Loaded>();

  constructor(desk: Desk) {
    this.#desk = desk;
    desk.onFlush(() => this.#flush());
    desk.onForget(() => {
      this.#rows.clear();
      this.#dirty.clear();
    });
  }

  /** Adds an event's quantity to its hour. */
  add(event: PendingEvent, meter: MeterRecord, units: bigint): void {
    const hourMs = Math.floor(event.occurredMs / HOUR_MS) * HOUR_MS;
    const key = `${meter.key}|${hourMs}|${event.subject}`;
    let row = this.#rows.get(key);
    if (!row) {
      row = this.#load(meter.key, event.subject, hourMs, event.seq);
      this.#rows.set(key, row);
    }
    row.events += 1;
    row.units += units;
    if (event.seq > row.last) row.last = event.seq;
    if (event.seq < row.first) row.first = event.seq;
    if (event.source !== CORRECTION_SOURCE) {
      if (row.most === null || units > row.most) row.most = units;
      if (row.latestMs === null || event.occurredMs >= row.latestMs) {
        row.latest = units;
        row.latestMs = event.occurredMs;
        row.latestSeq = event.seq;
      }
    }
    this.#dirty.add(row);
  }

  #load(meter: string, subject: string, hourMs: number, seq: number): Loaded {
    const row = this.#desk.store.get('rollup', meter, subject, hourMs);
    const big = (text: string | null | undefined): bigint | null => (text == null ? null : BigInt(text));
    return {
      meter, subject, hourMs, events: row?.events ?? 0, units: BigInt(row?.units ?? '0'), most: big(row?.most),
      latest: big(row?.latest), latestMs: row?.latest_ms ?? null, latestSeq: row?.latest_seq ?? null,
      first: row?.first_seq ?? seq, last: row?.last_seq ?? seq,
    };
  }

  #flush(): void {
    for (const one of this.#dirty) {
      const row: RollupRow = {
        meter: one.meter, subject: one.subject, hour_ms: one.hourMs, book: this.#desk.book.book, events: one.events,
        units: one.units.toString(), most: one.most?.toString() ?? null, latest: one.latest?.toString() ?? null,
        latest_ms: one.latestMs, latest_seq: one.latestSeq, first_seq: one.first, last_seq: one.last,
      };
      this.#desk.store.put('rollup', row);
    }
    this.#dirty.clear();
    if (this.#rows.size > 50_000) this.#rows.clear();
  }
}
