/** For every instruction of `usage-vault`: a world in which it is done when it is asked properly. */
import type { PublicKey } from '@solana/web3.js';
import type { Ask } from '../attacks.ts';
import { NO_DELEGATION } from '../delegation.ts';
import { TERMS, World } from './world.ts';

const exiting = (): World => {
  const world = new World().metered();
  world.track(20n);
  world.do('request_exit');
  world.chain.setTime(world.chain.now() + BigInt(TERMS.exit_delay_seconds));
  return world;
};

const tracked = (): World => {
  const world = new World().metered();
  world.track(60n);
  return world;
};

const withEarnings = (): World => {
  const world = tracked();
  world.do('charge_fee');
  return world;
};

const withProposal = (): World => {
  const world = new World().open();
  world.do('propose_authority', { role: 1, address: world.stranger.publicKey });
  return world;
};

const delegating = (): World => {
  const world = new World().metered();
  return world.withValidator();
};

const unopened = (): World => {
  const world = new World();
  world.do('init_system_vault', { operator: world.operator.publicKey, ...TERMS });
  return world;
};

const closed = (): World => {
  const world = new World().open();
  world.do('close_user_vault');
  return world;
};

const operator = (): PublicKey => new World().operator.publicKey;

export const ASKS: readonly Ask<World>[] = [
  { name: 'init_system_vault', args: { operator: operator(), ...TERMS }, world: () => new World() },
  { name: 'set_terms', args: TERMS, world: () => new World().open() },
  { name: 'propose_authority', args: { role: 0, address: operator() }, world: () => new World().open() },
  { name: 'accept_authority', args: { role: 1 }, world: withProposal },
  { name: 'init_user_vault', args: { terms_version: 1 }, world: unopened },
  { name: 'deposit', args: { lamports: 5n }, world: () => new World().open() },
  { name: 'init_usage_meter', args: { generation: 1n }, world: () => new World().open() },
  { name: 'delegate_user_vault', args: { validator: operator() }, world: delegating, skipped: NO_DELEGATION },
  { name: 'track_user_activity', args: { units: 5n, sequence: 1n }, world: () => new World().metered() },
  {
    name: 'commit_and_start_billing',
    args: { below_threshold: false, undelegate: false },
    world: () => tracked().withMagic(),
    skipped: NO_DELEGATION,
  },
  { name: 'charge_fee', args: {}, world: tracked },
  { name: 'set_price', args: { price_lamports: 7n }, world: () => new World().open() },
  { name: 'withdraw', args: { lamports: 5n }, world: tracked },
  { name: 'request_exit', args: {}, world: tracked },
  { name: 'cancel_exit', args: {}, world: exiting },
  { name: 'exit', args: {}, world: exiting },
  { name: 'close_user_vault', args: {}, world: () => new World().open() },
  { name: 'close_usage_meter', args: {}, world: tracked },
  { name: 'abandon_usage_meter', args: {}, world: tracked },
  { name: 'withdraw_earnings', args: { lamports: 5n }, world: withEarnings },
  { name: 'close_system_vault', args: {}, world: closed },
];
