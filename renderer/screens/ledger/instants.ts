/** The instants that the slider of the time machine walks. */

export const SPANS = ['day', 'month', 'year'] as const;
export type Span = (typeof SPANS)[number];
/** Whether what had happened by the instant counts, or what was known by then. */
export const BY = ['happened', 'known'] as const;
export type By = (typeof BY)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TERMS: Readonly<Record<Span, { lengthMs: number; stepMs: number }>> = {
  day: { lengthMs: DAY_MS, stepMs: MINUTE_MS },
  month: { lengthMs: 30 * DAY_MS, stepMs: HOUR_MS },
  year: { lengthMs: 365 * DAY_MS, stepMs: DAY_MS },
};

/** Where the slider begins and ends, and how far one press of an arrow goes; all on whole steps. */
export function rangeOf(span: Span, nowMs: number): { fromMs: number; toMs: number; stepMs: number } {
  const { lengthMs, stepMs } = TERMS[span];
  const toMs = Math.ceil(nowMs / stepMs) * stepMs;
  return { fromMs: toMs - lengthMs, toMs, stepMs };
}

/** The instant as reads take it. */
export const instantOf = (by: By, atMs: number): { asOfMs: number } | { knownAtMs: number } =>
  by === 'happened' ? { asOfMs: atMs } : { knownAtMs: atMs };

/** The old side of a comparison; the new one is now. */
export const oldSideOf = (by: By, atMs: number): { oldAsOfMs: number } | { oldKnownAtMs: number } =>
  by === 'happened' ? { oldAsOfMs: atMs } : { oldKnownAtMs: atMs };
