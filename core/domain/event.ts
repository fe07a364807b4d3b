/** A usage event as it is kept, and the fingerprint that tells a repeat from a conflict. */
import { canonicalJson } from './canonical.ts';

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

/**
 * The text whose RFC 9162 leaf hash is the event's fingerprint: the fields the client sent. When it did not say when the
 * event happened, the instant of arrival is left out, so that the same body again is a repeat.
 */
export function fingerprintText(event: AcceptedEvent, timeGiven: boolean): string {
  return canonicalJson([
    event.source,
    event.id,
    event.subject,
    event.type,
    event.meter,
    event.units === null ? null : event.units.toString(),
    timeGiven ? event.occurredMs : null,
    event.data,
    event.holdId,
  ]);
}
