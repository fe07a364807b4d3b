/** Windows and lines as the engine works with them: their amounts as integers, written back once a commit. */
import type { Window } from '#core/domain/meter.ts';
import type { LineRow } from './rows.ts';

/** A quota window as loaded: `amount` is what its quantity came to so far; `heldUnits` are promised by open holds. */
export type LoadedWindow = {
  customer: string;
  meter: string;
  price: string;
  month: string;
  state: Window;
  amount: bigint;
  heldUnits: bigint;
};
export type LoadedLine = { row: LineRow; units: bigint; amount: bigint; burned: bigint; waived: bigint };

export const loadLine = (row: LineRow): LoadedLine => ({
  row,
  units: BigInt(row.units),
  amount: BigInt(row.amount),
  burned: BigInt(row.burned),
  waived: BigInt(row.waived),
});
