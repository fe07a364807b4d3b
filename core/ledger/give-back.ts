/** Which grants get something back when an amount is given back: those that paid it, found in the journal. */
import { giveBack } from '#core/domain/credit.ts';
import type { Burn, Paid } from '#core/domain/credit.ts';
import type { Desk } from './desk.ts';
import { loadLine } from './loaded.ts';
import type { LoadedLine, LoadedWindow } from './loaded.ts';
import type { Rater } from './rater.ts';
import type { Store } from './store.ts';

/** What grants paid for usage lines and got back, newest first. */
export function* movesOf(lines: readonly LoadedLine[], store: Store): Generator<Paid> {
  for (const { row } of lines) {
    for (const { grant_id: grant, amount } of store.burnsOf(row.id)) {
      if (grant !== null) yield { grantId: grant, amountMinor: BigInt(amount) };
    }
  }
}

/** Every line of a window, newest first; those that are open as they stand in this commit. */
function linesOf(rater: Rater, store: Store, window: LoadedWindow): LoadedLine[] {
  const found = new Map(store.linesOfWindow(window).map((row) => [row.id, loadLine(row)]));
  for (const line of rater.openLines(window.customer)) {
    const { id, kind, meter, price, month } = line.row;
    const isOfWindow = meter === window.meter && price === window.price && month === window.month;
    if (kind === 'usage' && isOfWindow) found.set(id, line);
  }
  return [...found.values()].sort((a, b) => (a.row.id < b.row.id ? 1 : -1));
}

/**
 * What of a give-back returns to grants. Debt is taken back first: credit keeps paying as much of what the window
 * comes to now as it did before, and only what it paid beyond that returns, to the grant that was burnt last.
 * `amountMinor` is below zero.
 */
export function refundsOf(rater: Rater, desk: Desk, window: LoadedWindow, amountMinor: bigint): readonly Burn[] {
  const lines = linesOf(rater, desk.store, window);
  const burnedMinor = lines.reduce((sum, line) => sum + line.burned, 0n);
  const stays = window.amount + amountMinor;
  const excess = burnedMinor - (stays > 0n ? stays : 0n);
  const wanted = excess < -amountMinor ? excess : -amountMinor;
  // Read before anything else is asked: nothing else may run while a statement is walked.
  return giveBack([...movesOf(lines, desk.store)], wanted, (id) => desk.consumedOf(id));
}
