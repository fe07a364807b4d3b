/** A row of the benchmark that holds when a figure stays under a limit. */
import type { Row } from './rows.ts';

type Figures = Readonly<{ ours: number; limit: number; goal: string; note: string }>;

export function under(name: string, unit: string, { ours, limit, goal, note }: Figures): Row {
  return { name, unit, ours, baseline: limit, ratio: ours / limit, goal, met: ours <= limit, note };
}
