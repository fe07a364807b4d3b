/**
 * Turns checked events into slices for the writer and its letters into answers. The same code runs on the main thread
 * for small bodies and in the ingest worker for large ones; it reads no clock and touches no socket.
 */
import { hash } from 'node:crypto';
import type { Refusal } from '#core/domain/refusal.ts';
import type { MeterRecord } from '#core/ledger/catalog.ts';
import type { AcceptResult, AcceptUsage, Answer, CaptureEvent, Command } from '#core/ledger/port.ts';

/** Events in one slice: what the writer takes between two looks for gate calls. */
export const SLICE = 50;

/** What events are checked against. */
export type IngestTerms = Readonly<{
  actor: string;
  nowMs: number;
  maxFutureMs: number;
  refuseUnknown: boolean;
  meters: ReadonlyMap<string, Pick<MeterRecord, 'key' | 'scale' | 'aggregation' | 'unit'>>;
  /** The event types some meter listens to. */
  types: ReadonlySet<string>;
  /** What the customer of a bound key may be called; null for a key of the whole workspace. */
  refs: ReadonlySet<string> | null;
}>;

/** An event as the books take it; `units` is null where its meter reads `data`, `occurredMs` −1 where no time came. */
export type ReadyEvent = Readonly<{
  source: string;
  id: string;
  subject: string;
  type: string;
  meter: string | null;
  units: bigint | null;
  occurredMs: number;
  data: string;
}>;

/**
 * The fingerprint of an event: the RFC 9162 leaf hash of what its client sent. `terms` are the quantity as a plain
 * decimal without trailing zeros (null for CloudEvents) and the data that goes in: for our own API the dimensions
 * alone, so that defining an unknown meter later changes nothing. The text is that of `domain/event.ts`; JSON of an
 * array of texts, integers and nulls has one form, so the platform's own writer may be used.
 */
export function fingerprint(event: ReadyEvent, terms: FingerprintTerms): Buffer {
  return hash('sha256', `\0${fingerprintOf(event, terms)}`, 'buffer');
}
export type FingerprintTerms = Readonly<{ quantity: string | null; data: string; holdId: string | null }>;

export function fingerprintOf(event: ReadyEvent, { quantity, data, holdId }: FingerprintTerms): string {
  const { source, id, subject, type, meter, occurredMs } = event;
  return JSON.stringify([source, id, subject, type, meter, quantity, occurredMs < 0 ? null : occurredMs, data, holdId]);
}

/** Events in columns, as the writer takes them. `at` is each event's place in its request. */
export class Columns {
  readonly at: number[] = [];
  readonly source: string[] = [];
  readonly id: string[] = [];
  readonly subject: string[] = [];
  readonly kind: string[] = [];
  readonly meter: (string | null)[] = [];
  readonly units: (bigint | null)[] = [];
  readonly occurredMs: number[] = [];
  readonly data: string[] = [];
  readonly prints: Uint8Array[] = [];

  get size(): number {
    return this.id.length;
  }

  push(at: number, event: ReadyEvent, print: Uint8Array): void {
    this.at.push(at);
    this.source.push(event.source);
    this.id.push(event.id);
    this.subject.push(event.subject);
    this.kind.push(event.type);
    this.meter.push(event.meter);
    this.units.push(event.units);
    this.occurredMs.push(event.occurredMs);
    this.data.push(event.data);
    this.prints.push(print);
  }

  /** Appends another's events; their places stay those of their own request. */
  append(other: Columns): void {
    this.at.push(...other.at);
    this.source.push(...other.source);
    this.id.push(...other.id);
    this.subject.push(...other.subject);
    this.kind.push(...other.kind);
    this.meter.push(...other.meter);
    this.units.push(...other.units);
    this.occurredMs.push(...other.occurredMs);
    this.data.push(...other.data);
    this.prints.push(...other.prints);
  }

  /** The slices of at most 50 events that hold them all, in order. */
  slices(actor: string): AcceptUsage[] {
    const made: AcceptUsage[] = [];
    for (let from = 0; from < this.size; from += SLICE) made.push(this.#slice(actor, from, from + SLICE));
    return made;
  }

  /** All events in one slice, for a request that is taken whole or not at all. */
  whole(actor: string): AcceptUsage {
    return this.#slice(actor, 0, this.size);
  }

  #slice(actor: string, from: number, to: number): AcceptUsage {
    const all = from === 0 && to >= this.size;
    const part = <T>(column: T[]): T[] => (all ? column : column.slice(from, to));
    const prints = part(this.prints);
    const fingerprints = new Uint8Array(prints.length * 32);
    for (let index = 0; index < prints.length; index += 1)
      fingerprints.set(prints[index] ?? prints[0] ?? [], index * 32);
    return {
      type: 'usage.accept',
      actor,
      source: part(this.source),
      id: part(this.id),
      subject: part(this.subject),
      kind: part(this.kind),
      meter: part(this.meter),
      units: part(this.units),
      occurredMs: part(this.occurredMs),
      data: part(this.data),
      fingerprints,
      root: sliceRoot(fingerprints),
    };
  }
}

const node = new Uint8Array(65);
node[0] = 1;

/** The RFC 9162 Merkle root over leaf hashes of 32 bytes each: the domain's, with one buffer for all nodes. */
export function sliceRoot(leaves: Uint8Array): Uint8Array {
  let level = leaves;
  let count = leaves.length / 32;
  while (count > 1) {
    // Pairs from the left with an odd last node carried up give the same tree as the split at a power of two.
    const half = Math.ceil(count / 2);
    const next = new Uint8Array(half * 32);
    for (let pair = 0; pair < count >> 1; pair += 1) {
      node.set(level.subarray(pair * 64, pair * 64 + 64), 1);
      next.set(hash('sha256', node, 'buffer'), pair * 32);
    }
    if (count % 2 === 1) next.set(level.subarray((count - 1) * 32, count * 32), (half - 1) * 32);
    level = next;
    count = half;
  }
  return count === 1 ? level.slice(0, 32) : hash('sha256', '', 'buffer');
}

/** An event that captures a hold, in its place. */
export type Capture = Readonly<{ at: number; holdId: string; event: CaptureEvent }>;

/** A request after its check: what goes to the writer, and what is refused already. */
export type Checked = Readonly<{
  count: number;
  columns: Columns;
  captures: readonly Capture[];
  /** Refusals by place. */
  refused: ReadonlyMap<number, Refusal>;
}>;

/** Sends commands to the books, each call applied together. The main thread and the worker each have their own way. */
export type Commit = (commands: readonly Command[]) => Promise<Answer[]>;

/** What became of each event, by place: a letter, or why it was refused. */
export type Outcome = Readonly<{ letters: string[]; refused: Map<number, Refusal> }>;

/** Books what was checked. Each slice and each capture is its own call, so that the gate never waits behind a batch. */
export async function book(checked: Checked, actor: string, commit: Commit): Promise<Outcome> {
  const { columns, captures } = checked;
  const slices = columns.slices(actor).map((slice) => commit([slice]));
  const captured = captures.map(({ holdId, event }) => commit([{ type: 'hold.capture', id: holdId, event, actor }]));
  const outcome: Outcome = { letters: [], refused: new Map(checked.refused) };
  for (const [part, [answer]] of (await Promise.all(slices)).entries()) {
    const letters = answer?.ok ? (answer.value as AcceptResult).results : '';
    for (let index = 0; index < letters.length; index += 1) {
      outcome.letters[columns.at[part * SLICE + index] ?? 0] = letters[index] ?? '';
    }
  }
  for (const [index, [answer]] of (await Promise.all(captured)).entries()) {
    const at = captures[index]?.at ?? 0;
    if (answer?.ok) outcome.letters[at] = (answer.value as { repeated?: boolean }).repeated ? 'd' : 'a';
    else if (answer) outcome.refused.set(at, answer.refusal);
  }
  return outcome;
}
