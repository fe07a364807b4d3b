/**
 * The wall clock of a time zone, from the data of `Intl`, exact to the second and fast. A wall clock reading is written
 * as the UTC milliseconds that a clock in UTC would show it at. Not for calendars: `period.ts` has those.
 */
import { invariant } from './refusal.ts';

const DAY_MS = 86_400_000;
/**
 * Offsets are looked up at multiples of this and taken as constant between two that agree: no zone changes twice so
 * fast.
 */
const SLOT_MS = 6 * 3_600_000;
/** No zone was ever further from UTC than this (Manila until 1844, Alaska until 1867: just under 16 hours). */
const FARTHEST_MS = 16 * 3_600_000;
/** A zone forgets its slots at this many (27 years): what is known is bounded whatever clients ask for. */
const SLOTS_KEPT = 40_000;

/** The offset in `[slot, slot + SLOT_MS)`: `beforeMs` until `changeMs`, then `afterMs`. */
type Slot = Readonly<{ beforeMs: number; changeMs: number; afterMs: number }>;
/**
 * What is known of a zone: its formatter, offsets at slot starts, and slots. All of it can be forgotten and found
 * again.
 */
type Zone = Readonly<{ format: Intl.DateTimeFormat; starts: Map<number, number>; slots: Map<number, Slot> }>;

const zones = new Map<string, Zone>();

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const zone: Zone = { format, starts: new Map(), slots: new Map() };
  if (zones.size >= 700) zones.clear();
  zones.set(timeZone, zone);
  return zone;
}

/** Says whether this is the name of a time zone that is known here. */
export function isTimeZone(timeZone: string): boolean {
  if (timeZone === '') return false;
  try {
    zoneOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** What the zone's wall clock shows at an instant. */
export function localOf(timeZone: string, instantMs: number): number {
  return instantMs + offsetAt(timeZone, instantMs);
}

/** How far the zone's wall clock is ahead of UTC at an instant, in milliseconds. */
export function offsetAt(timeZone: string, instantMs: number): number {
  const slot = slotOf(zoneOf(timeZone), Math.floor(instantMs / SLOT_MS) * SLOT_MS);
  return instantMs < slot.changeMs ? slot.beforeMs : slot.afterMs;
}

/**
 * The offset at an instant and the interval around it in which it holds, looked at no farther than `reachMs` each way:
 * a bound beyond that is the bound of what was looked at.
 */
export function offsetSegment(
  timeZone: string,
  instantMs: number,
  reachMs: number,
): Readonly<{ offsetMs: number; startMs: number; endMs: number }> {
  invariant(reachMs <= SLOT_MS, 'a segment is looked for in its slot and the two beside it');
  const zone = zoneOf(timeZone);
  const slotMs = Math.floor(instantMs / SLOT_MS) * SLOT_MS;
  const offsetMs = offsetAt(timeZone, instantMs);
  let startMs = instantMs - reachMs;
  let endMs = instantMs + reachMs;
  for (let at = slotMs - SLOT_MS; at <= slotMs + SLOT_MS; at += SLOT_MS) {
    if (at + SLOT_MS <= startMs || at >= endMs) continue;
    const slot = slotOf(zone, at);
    if (slot.beforeMs === slot.afterMs) continue;
    if (slot.changeMs <= instantMs) startMs = Math.max(startMs, slot.changeMs);
    else endMs = Math.min(endMs, slot.changeMs);
  }
  return { offsetMs, startMs, endMs };
}

/**
 * The instant at which the wall clock shows a reading: the earlier where it shows it twice, and the first one after
 * the gap where it never does.
 */
export function instantOf(timeZone: string, localMs: number): number {
  const early = offsetAt(timeZone, localMs - FARTHEST_MS);
  const late = offsetAt(timeZone, localMs + FARTHEST_MS);
  if (early === late) return localMs - early;
  const candidates = [localMs - early, localMs - late].sort((a, b) => a - b);
  const shown = candidates.find((instantMs) => localOf(timeZone, instantMs) === localMs);
  if (shown !== undefined) return shown;
  const [from = localMs, to = localMs] = candidates;
  return firstChange((instantMs) => offsetAt(timeZone, instantMs), from, to);
}

/** The local day an instant lies in; a day that the zone skipped is in no list of days. */
export function dayOf(timeZone: string, instantMs: number): Readonly<{ startMs: number; endMs: number }> {
  let midnightMs = Math.floor(localOf(timeZone, instantMs) / DAY_MS) * DAY_MS;
  // Where the clock ran back over midnight, its date is one behind for a while: the day that has begun goes on.
  while (instantOf(timeZone, midnightMs) > instantMs) midnightMs -= DAY_MS;
  while (instantOf(timeZone, midnightMs + DAY_MS) <= instantMs) midnightMs += DAY_MS;
  return { startMs: instantOf(timeZone, midnightMs), endMs: instantOf(timeZone, midnightMs + DAY_MS) };
}

function slotOf(zone: Zone, slotMs: number): Slot {
  const known = zone.slots.get(slotMs);
  if (known !== undefined) return known;
  const beforeMs = offsetAtStart(zone, slotMs);
  const afterMs = offsetAtStart(zone, slotMs + SLOT_MS);
  const endMs = slotMs + SLOT_MS;
  const changeMs =
    beforeMs === afterMs ? endMs : firstChange((instantMs) => readOffset(zone.format, instantMs), slotMs, endMs);
  const slot: Slot = { beforeMs, changeMs, afterMs };
  if (zone.slots.size >= SLOTS_KEPT) zone.slots.clear();
  zone.slots.set(slotMs, slot);
  return slot;
}

function offsetAtStart(zone: Zone, slotMs: number): number {
  const known = zone.starts.get(slotMs);
  if (known !== undefined) return known;
  const offsetMs = readOffset(zone.format, slotMs);
  if (zone.starts.size >= SLOTS_KEPT) zone.starts.clear();
  zone.starts.set(slotMs, offsetMs);
  return offsetMs;
}

/**
 * The first instant after `fromMs`, and at most `toMs`, whose offset is no longer that of `fromMs`; zones change on
 * full seconds.
 */
function firstChange(offset: (instantMs: number) => number, fromMs: number, toMs: number): number {
  const first = offset(fromMs);
  let same = fromMs;
  let changed = toMs;
  while (changed - same > 1) {
    const middle = same + Math.floor((changed - same) / 2);
    if (offset(middle) === first) same = middle;
    else changed = middle;
  }
  return changed;
}

const READING = /^(\d+)\/(\d+)\/(\d+) ([AB])[^,]*, (\d+):(\d+):(\d+)$/;

/** Reads the offset from what the formatter writes, as `11/21/2026 A, 11:57:15`. Years before 1 are counted as BC. */
function readOffset(format: Intl.DateTimeFormat, instantMs: number): number {
  const secondMs = Math.floor(instantMs / 1000) * 1000;
  const match = READING.exec(format.format(secondMs));
  invariant(match !== null, 'the formatter writes a reading as month/day/year era, hour:minute:second');
  const [month = 0, day = 0, year = 0] = match.slice(1, 4).map(Number);
  const [hour = 0, minute = 0, second = 0] = match.slice(5, 8).map(Number);
  const local = new Date(0);
  local.setUTCFullYear(match[4] === 'A' ? year : 1 - year, month - 1, day);
  return local.setUTCHours(hour, minute, second) - secondMs;
}
