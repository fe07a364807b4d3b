/** A usage event as it is kept, and the fingerprint that tells a repeat from a conflict. */
import { canonicalJson } from './canonical.ts';
import { formatMinor } from './money.ts';
import { trimmed } from './words.ts';

/**
 * What a client sent, normalised. With `meter` the event names its meter and carries `units`; without, every meter that
 * listens to `type` reads its own value from `data` (canonical JSON text). `holdId` captures that hold.
 */
export type AcceptedEvent = Readonly<{
  source: string;
  id: string;
  subject: string;
  type: string;
  meter: string | null;
  units: bigint | null;
  occurredMs: number;
  data: string;
  holdId: string | null;
}>;

/** The reserved sources of events that the books make themselves. */
export const GATE_SOURCE = 'gate';
export const CORRECTION_SOURCE = 'correction';

/** What the text of an event depends on beside the event: whether the client sent a time, and its meter's scale. */
export type FingerprintTerms = Readonly<{ timeGiven: boolean; scale: number | null }>;

/**
 * The text whose RFC 9162 leaf hash is the event's fingerprint: the fields the client sent. The quantity is written
 * as a
 * decimal without trailing zeros, so that `1`, `1.0` and "1.00" are one event and a stored row gives the text again.
 * When the client did not say when the event happened, the instant of arrival is left out: the same body is a repeat.
 * An event whose meter was not known keeps its quantity in `data`; it is taken out of there, so that the same event is
 * a repeat after its meter was defined as well.
 */
export function fingerprintText(event: AcceptedEvent, terms: FingerprintTerms): string {
  const [quantity, data] = quantityAndData(event, terms.scale);
  // Texts, an integer and nothing else: JSON of these has one form, the canonical one.
  return JSON.stringify([
    event.source,
    event.id,
    event.subject,
    event.type,
    event.meter,
    quantity,
    terms.timeGiven ? event.occurredMs : null,
    data,
    event.holdId,
  ]);
}

function quantityAndData({ meter, units, data }: AcceptedEvent, scale: number | null): [string | null, string] {
  if (meter === null) return [null, data];
  if (units !== null) return [scale === null ? null : trimmed(formatMinor(units, scale)), data];
  const { quantity, ...dimensions } = JSON.parse(data) as Readonly<Record<string, string>>;
  return [quantity ?? null, canonicalJson(dimensions)];
}
