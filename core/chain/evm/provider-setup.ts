/** Sets a provider up on SandboxServing: registration with its stake, and a user's acknowledgement and deposit. */
import { isAddressEqual } from 'viem';
import type { Address } from 'viem';
import type { EvmSender } from './sender.ts';
import type { Intent } from './send.ts';
import type { ServingContract } from './serving.ts';

export type SetupContext = Readonly<{
  serving: ServingContract;
  sender: EvmSender;
  account: Address;
  signal: AbortSignal;
  tell: (line: string) => void;
  pauseMs: number;
  /** Names this run: the same run again sends nothing twice. */
  runId: string;
}>;

/** What a provider announces. Prices are wei a minute and wei a sandbox. */
export type Announcement = Readonly<{
  url: string;
  signer: Address;
  cpuPriceWei: bigint;
  memoryPriceWei: bigint;
  createFeeWei: bigint;
}>;

async function carryOut(context: SetupContext, intent: Intent): Promise<void> {
  context.tell(`${intent.summary}: sending`);
  await context.sender.submit(intent);
  const send = await context.sender.finish(intent.id, context);
  context.tell(`${intent.summary}: ${send.state} in ${send.mined?.hash ?? 'no block'}`);
}

/** Registers the account as a provider, or changes what it announces; says so where nothing is to be done. */
export async function registerProvider(context: SetupContext, wanted: Announcement): Promise<void> {
  const { serving, account, runId } = context;
  const state = await serving.providerState(account);
  const { url, signer, cpuPriceWei, memoryPriceWei, createFeeWei } = wanted;
  const isSigner = isAddressEqual(state.signer, signer);
  const isPrice = state.cpuPriceWei === cpuPriceWei && state.memoryPriceWei === memoryPriceWei;
  if (state.isOpen && isSigner && isPrice && state.createFeeWei === createFeeWei && state.url === url) {
    return context.tell('The service is registered like this already.');
  }
  const valueWei = state.isOpen ? 0n : await serving.registrationStake();
  const args = [url, signer, cpuPriceWei, createFeeWei, memoryPriceWei] as const;
  const summary = state.isOpen ? 'Change the service' : 'Register the service with its stake';
  const call = { functionName: 'addOrUpdateService', args, valueWei, summary } as const;
  return carryOut(context, serving.call(`register-${runId}`, call));
}

/** Accepts a provider's signer and prices as the account, and deposits with it; what is there already is left out. */
export async function joinProvider(
  context: SetupContext,
  { provider, depositWei }: Readonly<{ provider: Address; depositWei: bigint }>,
): Promise<void> {
  const { serving, account, runId } = context;
  if (await serving.isAcknowledged(account, provider)) context.tell('The provider is acknowledged already.');
  else {
    const args = [provider, true] as const;
    const call = {
      functionName: 'acknowledgeTEESigner',
      args,
      valueWei: 0n,
      summary: 'Acknowledge the signer',
    } as const;
    await carryOut(context, serving.call(`acknowledge-${runId}`, call));
  }
  if (depositWei === 0n) return;
  const args = [account, provider] as const;
  const call = { functionName: 'deposit', args, valueWei: depositWei, summary: `Deposit ${depositWei} wei` } as const;
  await carryOut(context, serving.call(`deposit-${runId}`, call));
}
