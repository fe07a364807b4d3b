/** What every instruction of `usage-vault` costs. A figure that changes is changed here on purpose. */
import { expect, test } from 'vitest';
import { ASKS } from './asks.ts';

/** Compute units with the keys of the tests; opening an account depends on its bump by 1500 a try. */
const UNITS: Readonly<Record<string, bigint>> = {
  init_system_vault: 3649n,
  set_terms: 532n,
  propose_authority: 510n,
  accept_authority: 537n,
  init_user_vault: 3788n,
  deposit: 2056n,
  init_usage_meter: 3723n,
  delegate_user_vault: 22666n,
  track_user_activity: 137n,
  commit_and_start_billing: 2391n,
  charge_fee: 1035n,
  set_price: 672n,
  withdraw: 1345n,
  request_exit: 611n,
  cancel_exit: 477n,
  exit: 1764n,
  close_user_vault: 844n,
  close_usage_meter: 1335n,
  abandon_usage_meter: 1243n,
  withdraw_earnings: 536n,
  close_system_vault: 550n,
};

test.for(ASKS.map((ask) => [`${ask.name}${ask.skipped ?? ''}`, ask] as const))('%s', ([, ask], { skip }) => {
  skip((ask.skipped ?? '') !== '', ask.skipped);
  const answer = ask.world().do(ask.name, ask.args, ask.bending);
  expect({ [ask.name]: answer.units }).toEqual({ [ask.name]: UNITS[ask.name] });
});
