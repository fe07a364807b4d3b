/** How far a backup or a drill is, in words and for its bar. */
import { groupDecimal } from './money.ts';
import { perMille } from './plot.ts';
import type { CopyProgress } from './shapes.ts';
import { sizeText } from './size.ts';
import { spanText } from './time.ts';

/** A step, with when its phase began and when it came, by a clock that never runs back. */
export type Counted = Readonly<{ step: CopyProgress; startedMs: number; atMs: number }>;

export const PHASES: Readonly<Record<CopyProgress['phase'], string>> = {
  'proving-backup': 'Proving the backup',
  copying: 'Copying',
  'proving-copy': 'Proving the copy',
};

/** How much of a phase is done, how fast that goes and how long the rest takes at that rate. */
export function copyText({ step, startedMs, atMs }: Counted): string {
  const [at, total] = [BigInt(step.at), BigInt(step.total)];
  const isBytes = step.phase === 'copying';
  const amount = (of: bigint): string => (isBytes ? sizeText(of.toString()) : groupDecimal(of.toString()));
  const took = BigInt(Math.max(1, Math.round(atMs - startedMs)));
  const rate = (at * 1000n) / took;
  const done = `${amount(at)} of ${amount(total)}${isBytes ? '' : ' rows'}`;
  if (rate === 0n) return done;
  const left = ((total - at) * 1000n) / rate;
  return `${done} · ${amount(rate)} a second · ${spanText(Number(left))} left`;
}

export function copyPerMille({ step }: Counted): number {
  return perMille(BigInt(step.at), BigInt(step.total));
}
