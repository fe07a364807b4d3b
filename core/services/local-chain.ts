/** The chains of this machine through the contract. What is done to one is written down with who asked. */
import { refuse } from '#core/domain/refusal.ts';
import { commitOne, os } from './base.ts';
import type { Core } from './core.ts';

type Told = Readonly<Record<string, string | number>>;

/** A note in the books; what a local chain holds is worth nothing, but who moved its clock is worth knowing. */
async function note(core: Core, chain: string, what: string, told: Told, actor: string): Promise<void> {
  const body = { chain, what, ...told };
  await commitOne(core, { type: 'record.set', kind: 'local-chain', id: chain, body, names: [], actor });
}

export const localChain = {
  list: os.localChain.list.handler(async ({ context: { core } }) => ({ chains: await core.localChains.list() })),
  get: os.localChain.get.handler(({ input, context: { core } }) => core.localChains.get(input.chain)),
  fund: os.localChain.fund.handler(async ({ input, context: { core, principal } }) => {
    const { chain, ...told } = input;
    if (BigInt(input.amountMinor) <= 0n) {
      const detail = 'The faucet gives amounts above zero.';
      refuse({ code: 'STATE_FORBIDS', detail, fix: 'Say how much; nothing was given.' });
    }
    const account = await core.localChains.fund(input);
    await note(core, chain, 'funded', told, principal().actor);
    return account;
  }),
  travel: os.localChain.travel.handler(async ({ input, context: { core, principal } }) => {
    const moved = await core.localChains.travel(input.chain, input.seconds);
    await note(core, input.chain, 'travelled', { seconds: input.seconds }, principal().actor);
    return moved;
  }),
  restart: os.localChain.restart.handler(async ({ input, context: { core, principal } }) => {
    const standing = await core.localChains.restart(input.chain, { isFresh: false });
    await note(core, input.chain, 'restarted', {}, principal().actor);
    return standing;
  }),
  reset: os.localChain.reset.handler(async ({ input, context: { core, principal } }) => {
    if (input.confirm !== input.chain) {
      const detail = 'A reset forgets everything on the chain, and was not confirmed.';
      refuse({ code: 'STATE_FORBIDS', detail, fix: `Give the chain’s name as confirm: ${input.chain}.` });
    }
    const standing = await core.localChains.restart(input.chain, { isFresh: true });
    await note(core, input.chain, 'reset', {}, principal().actor);
    return standing;
  }),
};
