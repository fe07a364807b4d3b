/** By which rates a line was charged that is priced in another asset. */
import { divide, formatAmount, scaleOf, symbolOf } from '#core/domain/money.ts';
import type { LineRow, SliceRow } from '../rows.ts';
import type { Step } from './explain-view.ts';
import type { ReadSession } from './session.ts';

const date = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 16);

/** The rates by which a line was charged in another asset: who saw them when, and that they counted. */
export function rateSteps(session: ReadSession, row: LineRow, slices: readonly SliceRow[]): Step[] {
  const ids = new Set(slices.flatMap(({ rate: id }) => (id === null ? [] : [id])));
  return [...ids].map((id) => {
    const snapshot = session.catalog.price(row.price ?? '', id)?.snapshot;
    if (!snapshot) return { title: 'Rate', text: `The rate ${id} is not in the books.`, arithmetic: null, ok: false };
    const { from, to, source, observedMs, numerator, denominator } = snapshot;
    const one = 10n ** BigInt(scaleOf(from));
    return {
      title: `Rate of ${symbolOf(from)} in ${symbolOf(to)}`,
      text: `seen ${date(observedMs)} UTC, says ${source}; usage from then on is charged by it until the next`,
      arithmetic: `${formatAmount(one, from)} = ${formatAmount(divide(one * numerator, denominator, 'half-even'), to)}`,
      ok: slices.every((slice) => slice.rate !== id || slice.happened_ms >= observedMs),
    };
  });
}
