/** What the on-chain programs cost: compute units of every instruction, and the size of what is deployed. */
import { statSync } from 'node:fs';
import { ARTIFACTS, PROGRAMS, filesOf } from '../../build/programs/manifest.ts';
import type { Ask, Askable } from '../programs/attacks.ts';
import { ASKS as TEAM_BILLING } from '../programs/team-billing/asks.ts';
import { ASKS as USAGE_VAULT } from '../programs/usage-vault/asks.ts';
import type { Row } from './rows.ts';

/**
 * Beside ours stands a bare program on the same crates with a vault that is opened, filled, tracked and delegated, and
 * has neither caps, terms, debts nor events. The public sample is built with Anchor, which no toolchain here compiles.
 */
const BARE: Readonly<Record<string, number>> = {
  init_user_vault: 2952,
  deposit: 1251,
  track_user_activity: 148,
  delegate_user_vault: 30_265,
};

/** Size of that program. */
const BARE_BYTES = 21_168;

const TRACK_GOAL = 250;

function unitsRow<World extends Askable>(program: string, ask: Ask<World>): Row | undefined {
  if ((ask.skipped ?? '') !== '') return undefined;
  const ours = Number(ask.world().do(ask.name, ask.args).units);
  const baseline = BARE[ask.name] ?? ours;
  const isTrack = ask.name === 'track_user_activity';
  return {
    name: `${program} ${ask.name}`,
    unit: 'CU',
    ours,
    baseline,
    ratio: ours / baseline,
    goal: isTrack ? `≤ ${TRACK_GOAL}` : 'pinned by a test',
    met: !isTrack || ours <= TRACK_GOAL,
    note: ask.name in BARE ? '' : 'no baseline',
  };
}

/** Compute units of one instruction of usage-vault, as its test pins them. */
export function unitsOf(name: string): number {
  const ask = USAGE_VAULT.find((one) => one.name === name);
  if (ask === undefined) throw new Error(`usage-vault has no ${name}.`);
  return Number(ask.world().do(ask.name, ask.args).units);
}

function sizeRow(program: (typeof PROGRAMS)[number]): Row {
  const ours = statSync(`${ARTIFACTS}/${filesOf(program).so}`).size;
  const shape = { goal: 'pinned by its hash', met: true, note: 'beside a bare program of six instructions' };
  return { name: `${program}.so`, unit: 'bytes', ours, baseline: BARE_BYTES, ratio: ours / BARE_BYTES, ...shape };
}

export function programs(): Promise<Row[]> {
  const rows = [
    ...USAGE_VAULT.map((ask) => unitsRow('usage-vault', ask)),
    ...TEAM_BILLING.map((ask) => unitsRow('team-billing', ask)),
  ];
  return Promise.resolve([...rows.filter((row) => row !== undefined), ...PROGRAMS.map(sizeRow)]);
}
