/** What every instruction of `team-billing` costs. A figure that changes is changed here on purpose. */
import { expect, test } from 'vitest';
import { ASKS } from './asks.ts';

/** Compute units with the keys of the tests; opening an account depends on its bump by 1500 a try. */
const UNITS: Readonly<Record<string, bigint>> = {
  init_config: 3937n,
  set_revenue: 727n,
  propose_authority: 493n,
  accept_authority: 520n,
  create_team_account: 8391n,
  deposit_funds: 2856n,
  deduct_usage: 8052n,
  close_period: 1939n,
  update_tier: 878n,
  request_withdrawal: 604n,
  withdraw_unused: 2942n,
  withdraw_cosigned: 2847n,
  set_refund: 825n,
  close_team_account: 4185n,
  close_usage_record: 758n,
};

test.for(ASKS.map((ask) => [`${ask.name}${ask.skipped ?? ''}`, ask] as const))('%s', ([, ask], { skip }) => {
  skip((ask.skipped ?? '') !== '', ask.skipped);
  const answer = ask.world().do(ask.name, ask.args);
  expect({ [ask.name]: answer.units }).toEqual({ [ask.name]: UNITS[ask.name] });
});
