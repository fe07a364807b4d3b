/**
 * What one asset was worth in another, as somebody saw it: snapshots with source and time, and which of them counts at
 * an instant. Not for guessing: where none counts, there is no rate.
 */
import { scaleOf } from './money.ts';
import type { Asset } from './money.ts';
import type { Interval } from './period.ts';

/** `numerator / denominator` minor units of `to` for each minor unit of `from`; both above zero. */
export type Exchange = Readonly<{ numerator: bigint; denominator: bigint }>;

/** One observation of a rate, with who says so and when it was seen (UTC milliseconds). */
export type Snapshot = Exchange & Readonly<{ id: string; from: Asset; to: Asset; source: string; observedMs: number }>;

/** Digits of a rate before and after its point: more than any market quotes. */
const RATE = /^(\d{1,20})(?:\.(\d{1,20}))?$/;

/** Reads how many whole `to` one whole `from` is worth, as a plain decimal; null where it is none, or zero. */
export function parseExchange(text: string, from: Asset, to: Asset): Exchange | null {
  const match = RATE.exec(text);
  if (!match) return null;
  const [, whole = '', fraction = ''] = match;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return null;
  const numerator = digits * 10n ** BigInt(scaleOf(to));
  const denominator = 10n ** BigInt(fraction.length + scaleOf(from));
  const common = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / common, denominator: denominator / common };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

/**
 * The snapshot that counts at an instant and for how long: the last one seen by then, until the next one was seen or it
 * is older than `maxAgeMs`. Null where none is. `snapshots` are of one pair, by `observedMs` ascending.
 */
export function snapshotAt(
  snapshots: readonly Snapshot[],
  atMs: number,
  maxAgeMs: number,
): Readonly<{ snapshot: Snapshot; during: Interval }> | null {
  const index = snapshots.findLastIndex(({ observedMs }) => observedMs <= atMs);
  const snapshot = snapshots[index];
  if (!snapshot || atMs >= snapshot.observedMs + maxAgeMs) return null;
  const next = snapshots[index + 1]?.observedMs ?? Number.MAX_SAFE_INTEGER;
  return { snapshot, during: { startMs: snapshot.observedMs, endMs: Math.min(next, snapshot.observedMs + maxAgeMs) } };
}

/** A snapshot as it is stored: amounts in text. */
export function encodeSnapshot(snapshot: Snapshot): Readonly<Record<string, unknown>> {
  return { ...snapshot, numerator: snapshot.numerator.toString(), denominator: snapshot.denominator.toString() };
}

/** Reads what `encodeSnapshot` made, as text. */
export function decodeSnapshot(body: string): Snapshot {
  const stored = JSON.parse(body) as Omit<Snapshot, 'numerator' | 'denominator'> & Record<string, string>;
  return {
    ...stored,
    numerator: BigInt(stored['numerator'] ?? ''),
    denominator: BigInt(stored['denominator'] ?? ''),
  };
}
