/** What every instruction of `usage-vault` costs. A figure that changes is changed here on purpose. */
import { expect, test } from 'vitest';
import { ASKS } from './asks.ts';

/** Compute units with the keys of the tests; opening an account depends on its bump by 1500 a try. */
const UNITS: Readonly<Record<string, bigint>> = {
  init_system_vault: 3654n,
  set_terms: 532n,
  propose_authority: 510n,
  accept_authority: 537n,
  init_user_vault: 3793n,
  deposit: 2054n,
  init_usage_meter: 3728n,
  delegate_user_vault: 22666n,
  track_user_activity: 137n,
  commit_and_start_billing: 2391n,
  charge_fee: 1035n,
  set_price: 672n,
  withdraw: 1340n,
  request_exit: 611n,
  cancel_exit: 477n,
  exit: 1757n,
  close_user_vault: 839n,
  close_usage_meter: 1330n,
  abandon_usage_meter: 1243n,
  withdraw_earnings: 534n,
  close_system_vault: 547n,
};

test.for(ASKS.map((ask) => [`${ask.name}${ask.skipped ?? ''}`, ask] as const))('%s', ([, ask], { skip }) => {
  skip((ask.skipped ?? '') !== '', ask.skipped);
  const answer = ask.world().do(ask.name, ask.args);
  expect({ [ask.name]: answer.units }).toEqual({ [ask.name]: UNITS[ask.name] });
});
