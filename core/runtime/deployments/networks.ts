/** The networks that deployments are for: what each is called, and where its endpoints and records are. */
import { dirname, join } from 'node:path';
import type { NetworkName } from '#core/contract/deployments.ts';
import { chainsFolder } from '#core/chain/local/embedded.ts';
import { runningLocalEvm } from '#core/chain/local/evm/running.ts';
import { refuse } from '#core/domain/refusal.ts';

export type NetworkFacts = Readonly<{
  chain: 'evm' | 'solana';
  title: string;
  kind: 'local' | 'test' | 'main';
  asset: '0G/18' | 'SOL/9';
  /** The name of the profile in the chain's client. */
  profile: 'local' | '0g-testnet' | '0g-mainnet' | 'devnet' | 'mainnet';
}>;

export const NETWORK_FACTS: Readonly<Record<NetworkName, NetworkFacts>> = {
  'local-evm': { chain: 'evm', title: 'Local EVM chain', kind: 'local', asset: '0G/18', profile: 'local' },
  '0g-testnet': { chain: 'evm', title: '0G testnet', kind: 'test', asset: '0G/18', profile: '0g-testnet' },
  '0g-mainnet': { chain: 'evm', title: '0G mainnet', kind: 'main', asset: '0G/18', profile: '0g-mainnet' },
  'local-solana': { chain: 'solana', title: 'Local Solana chain', kind: 'local', asset: 'SOL/9', profile: 'local' },
  'solana-devnet': { chain: 'solana', title: 'Solana devnet', kind: 'test', asset: 'SOL/9', profile: 'devnet' },
  'solana-mainnet': { chain: 'solana', title: 'Solana mainnet', kind: 'main', asset: 'SOL/9', profile: 'mainnet' },
};

/** What of ours there is for each chain, with what people call it. */
export const UNITS = {
  evm: { serving: 'SandboxServing', payments: 'Payments' },
  solana: { usage_vault: 'usage-vault', team_billing: 'team-billing' },
} as const;

/** Addresses of the local chains that run, as whoever started them knows. */
export type LocalAddresses = Readonly<{ evm: () => string | null; solana: () => string | null }>;

/** The addresses of a local chain: of ours, or of one that another process left word of. */
export function localRpc(chain: 'evm' | 'solana', workspace: string, known: LocalAddresses): string | null {
  if (chain === 'solana') return known.solana();
  return known.evm() ?? runningLocalEvm(join(chainsFolder(workspace), 'evm')) ?? null;
}

/** Development keys are known to everyone: they never sign where money is real, whatever the endpoint says it is. */
export function checkMaySign(network: NetworkName): void {
  const { kind, title } = NETWORK_FACTS[network];
  if (kind !== 'main') return;
  refuse({
    code: 'FORBIDDEN',
    detail: `Development keys do not sign on ${title}.`,
    fix: 'Choose a local or test network; for a main network a vault or a device has to sign.',
    values: { network },
  });
}

/** Why a local chain cannot be asked, and the command that starts it. */
export function notRunning(network: NetworkName, workspace: string) {
  const { chain, title } = NETWORK_FACTS[network];
  return {
    detail: `The ${title.replace(/^L/, 'l')} of this workspace does not run.`,
    fix: `Start the console with --chains ${chain}, or name an endpoint.`,
    command: `npm start -- --workspace ${workspace} --chains ${chain}`,
  };
}

/** Records of public networks go into version control; those of a local chain live and end with it. */
export function recordsFolder(network: NetworkName, workspace: string): string {
  const { chain, kind } = NETWORK_FACTS[network];
  if (kind === 'local') return join(chainsFolder(workspace), chain, 'deployments');
  return join(dirname(workspace), 'deployments');
}
