/**
 * Hourly totals per meter and subject, kept by the poster so that screens never sum raw events. Provably the fold of
 * the events.
 */
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import type { MeterRecord } from './catalog.ts';
import type { Desk } from './desk.ts';
import type { PendingEvent } from './pending-event.ts';

/** What an hour gained since it was last written. */
type Gain = {
  meter: string;
  subject: string;
  hourMs: number;
  events: number;
  units: bigint;
  most: bigint | null;
  latest: bigint | null;
  latestMs: number | null;
  latestSeq: number | null;
  first: number;
  last: number;
};
const HOUR_MS = 3_600_000;

export class Rollups {
  readonly #desk: Desk;
  #gains = new Map<string, Gain>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Adds an event's quantity to its hour; written when the chunk it is in is posted. */
  add(event: PendingEvent, meter: MeterRecord, units: bigint): void {
    const hourMs = Math.floor(event.occurredMs / HOUR_MS) * HOUR_MS;
    const key = `${meter.key}|${hourMs}|${event.subject}`;
    let gain = this.#gains.get(key);
    if (!gain) {
      gain = newGain(meter.key, event.subject, hourMs, event.seq);
      this.#gains.set(key, gain);
    }
    addEvent(gain, event, units);
  }

  /** Adds an event to its hour and writes it, for an event that is posted by itself. */
  addNow(event: PendingEvent, meter: MeterRecord, units: bigint): void {
    const hourMs = Math.floor(event.occurredMs / HOUR_MS) * HOUR_MS;
    const gain = newGain(meter.key, event.subject, hourMs, event.seq);
    addEvent(gain, event, units);
    this.#write(gain);
  }

  /** Writes what was gained. */
  settle(): void {
    for (const gain of this.#gains.values()) this.#write(gain);
    this.#gains = new Map();
  }

  /** Forgets what was gained and not written. */
  clear(): void {
    this.#gains = new Map();
  }

  #write(gain: Gain): void {
    const { meter, subject, hourMs } = gain;
    const row = this.#desk.store.get('rollup', meter, subject, hourMs);
    const most = row?.most == null ? null : BigInt(row.most);
    const raised = gain.most !== null && (most === null || gain.most > most) ? gain.most : most;
    const isNewer = gain.latestMs !== null && (row?.latest_ms == null || gain.latestMs >= row.latest_ms);
    this.#desk.store.put('rollup', {
      meter,
      subject,
      hour_ms: hourMs,
      book: this.#desk.book.book,
      events: (row?.events ?? 0) + gain.events,
      units: (BigInt(row?.units ?? '0') + gain.units).toString(),
      most: raised?.toString() ?? null,
      latest: isNewer ? (gain.latest?.toString() ?? null) : (row?.latest ?? null),
      latest_ms: isNewer ? gain.latestMs : (row?.latest_ms ?? null),
      latest_seq: isNewer ? gain.latestSeq : (row?.latest_seq ?? null),
      first_seq: Math.min(row?.first_seq ?? gain.first, gain.first),
      last_seq: Math.max(row?.last_seq ?? gain.last, gain.last),
    });
  }
}

function newGain(meter: string, subject: string, hourMs: number, seq: number): Gain {
  return {
    meter,
    subject,
    hourMs,
    events: 0,
    units: 0n,
    most: null,
    latest: null,
    latestMs: null,
    latestSeq: null,
    first: seq,
    last: seq,
  };
}

function addEvent(gain: Gain, event: PendingEvent, units: bigint): void {
  gain.events += 1;
  gain.units += units;
  gain.last = event.seq;
  if (event.source === CORRECTION_SOURCE) return;
  if (gain.most === null || units > gain.most) gain.most = units;
  if (gain.latestMs !== null && event.occurredMs < gain.latestMs) return;
  gain.latest = units;
  gain.latestMs = event.occurredMs;
  gain.latestSeq = event.seq;
}
