/** For every instruction of `team-billing`: a world in which it is done when it is asked properly. */
import type { Ask } from '../attacks.ts';
import { DAY, RULES, USDC, World } from './world.ts';

const opened = (): World => new World().open();

const withRules = (): World => {
  const world = new World();
  world.do('init_config', { operator: world.operator.publicKey, ...RULES });
  return world;
};

const withProposal = (): World => {
  const world = opened();
  world.do('propose_authority', { role: 1, address: world.stranger.publicKey });
  return world;
};

const used = (): World => {
  const world = opened();
  world.use(10_500n);
  return world;
};

const ended = (): World => {
  const world = used();
  world.wait(40n * DAY);
  return world;
};

const closed = (): World => {
  const world = used();
  const { record } = world;
  world.endMonth();
  Object.defineProperty(world, 'record', { value: record });
  return world;
};

const asked = (amount: bigint) => (): World => {
  const world = used();
  world.do('request_withdrawal', { amount });
  world.wait(DAY);
  return world;
};

const { operator } = new World();
const capture = { request_count: 10_001n, sequence: 1n, usage_hash: Buffer.alloc(32, 1) };

export const ASKS: readonly Ask<World>[] = [
  { name: 'init_config', args: { operator: operator.publicKey, ...RULES }, world: () => new World() },
  { name: 'set_revenue', args: {}, world: opened },
  { name: 'propose_authority', args: { role: 0, address: operator.publicKey }, world: opened },
  { name: 'accept_authority', args: { role: 1 }, world: withProposal },
  { name: 'create_team_account', args: { tier: 0 }, world: withRules },
  { name: 'deposit_funds', args: { amount: 5n }, world: opened },
  { name: 'deduct_usage', args: capture, world: opened },
  { name: 'close_period', args: {}, world: ended },
  { name: 'update_tier', args: { new_tier: 1, at_once: true }, world: opened },
  { name: 'request_withdrawal', args: { amount: 5n }, world: opened },
  { name: 'withdraw_unused', args: { amount: 5n }, world: asked(USDC) },
  { name: 'withdraw_cosigned', args: { amount: 5n }, world: opened },
  { name: 'set_refund', args: { is_wanted: true }, world: opened },
  { name: 'close_team_account', args: {}, world: asked(2n ** 64n - 1n) },
  { name: 'close_usage_record', args: {}, world: closed },
];
