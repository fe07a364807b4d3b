/** What the `tollkeeper evm` commands work with: a checked network, a signer, and sends that outlive the command. */
import { join, resolve } from 'node:path';
import { getAddress, isAddress, isHash } from 'viem';
import type { Address } from 'viem';
import { EvmConnection } from '#core/chain/evm/connection.ts';
import { pinFirstBlock } from '#core/chain/evm/deployment-record.ts';
import { DEFAULT_FEES } from '#core/chain/evm/fees.ts';
import { NETWORKS } from '#core/chain/evm/networks.ts';
import type { NetworkName, NetworkProfile } from '#core/chain/evm/networks.ts';
import type { DeployContext } from '#core/chain/evm/deploy.ts';
import { httpEndpoint } from '#core/chain/evm/rpc.ts';
import { SendJournal } from '#core/chain/evm/send-journal.ts';
import { EvmSender } from '#core/chain/evm/sender.ts';
import { chainsFolder } from '#core/chain/local/embedded.ts';
import { runningLocalEvm } from '#core/chain/local/evm/local-evm.ts';
import { parseDecimal } from '#core/domain/money.ts';
import { canonicalPath } from '#core/runtime/paths.ts';
import { createDevEvmSigner } from '#core/signing/dev-evm.ts';
import { flagOf, workspaceOf } from './context.ts';
import type { Invocation } from './context.ts';
import { usage } from './failure.ts';

export type EvmSession = Readonly<{ context: DeployContext; close: () => Promise<void> }>;

/** What the account's signed bytes wait for a block before more is offered. */
const RAISE_AFTER_MS = 60_000;

const isNetwork = (name: string): name is NetworkName => Object.hasOwn(NETWORKS, name);

/** The network by its name; the local chain unless said. */
function networkOf(invocation: Invocation): NetworkName {
  const name = flagOf(invocation, 'network') ?? 'local';
  if (isNetwork(name)) return name;
  return usage(`There is no network "${name}".`, `Choose ${Object.keys(NETWORKS).join(', ')}.`);
}

const localFolder = (invocation: Invocation): string =>
  join(chainsFolder(canonicalPath(workspaceOf(invocation))), 'evm');

function urlsOf(invocation: Invocation, network: NetworkName): readonly string[] {
  const given = flagOf(invocation, 'rpc')?.split(',');
  const bad = given?.find((url) => !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''));
  if (bad !== undefined) usage(`"${bad}" is not the address of an endpoint.`, 'Give --rpc URL or --rpc URL,URL.');
  if (given !== undefined) return given;
  if (network !== 'local') return NETWORKS[network].rpcUrls;
  const url = runningLocalEvm(localFolder(invocation));
  if (url !== undefined) return [url];
  return usage(
    'The local EVM chain of this workspace does not run.',
    'Start it with npm start -- --chains evm, or give --rpc URL.',
  );
}

/** Records of public networks go into version control; those of the local chain live and end with it. */
function recordsFolder(invocation: Invocation, network: NetworkName): string {
  const given = flagOf(invocation, 'deployments');
  if (given !== undefined) return resolve(given);
  return network === 'local' ? join(localFolder(invocation), 'deployments') : resolve('deployments');
}

/** An address that a flag names. */
export function addressOf(invocation: Invocation, name: string): Address | undefined {
  const text = flagOf(invocation, name);
  if (text === undefined) return undefined;
  if (isAddress(text)) return getAddress(text);
  return usage(`--${name} does not take "${text}".`, 'It takes an address, 0x and 40 digits, its checksum right.');
}

/** An amount of the chain's coin that a flag names, in wei. */
export function weiOf(invocation: Invocation, name: string, unlessSaid: bigint): bigint {
  const text = flagOf(invocation, name);
  if (text === undefined) return unlessSaid;
  const wei = parseDecimal(text, 18);
  if (typeof wei === 'bigint' && wei >= 0n) return wei;
  return usage(
    `--${name} does not take "${text}".`,
    'It takes an amount of the coin, as 0.1, with at most 18 decimals.',
  );
}

/** The network as it is meant to be, with the first block that was named for it. */
function profileOf(invocation: Invocation, network: NetworkName): NetworkProfile {
  const genesisHash = flagOf(invocation, 'genesis');
  if (genesisHash === undefined) return NETWORKS[network];
  if (isHash(genesisHash)) return { ...NETWORKS[network], genesisHash };
  return usage(`--genesis does not take "${genesisHash}".`, 'It takes the hash of block 0: 0x and 64 digits.');
}

/** Says what is trusted from now on; the local chain's first block is ours. */
function pin(recordFile: string, { network, profile }: EvmConnection, screen: Invocation['screen']): void {
  const pinned = profile.name === NETWORKS.local.name ? undefined : pinFirstBlock(recordFile, network, profile.name);
  if (pinned === undefined) return;
  screen.err(
    `First use of ${profile.name}: its first block is taken to be ${pinned}, and compared from now on ` +
      `(${recordFile}). Compare it with an explorer once, or name it with --genesis.\n`,
  );
}

/** Connects, checks that the network is the one named, and opens its sends. */
export async function openSession(invocation: Invocation): Promise<EvmSession> {
  const name = networkOf(invocation);
  const profile = profileOf(invocation, name);
  const urls = urlsOf(invocation, name);
  const connection = await EvmConnection.open(
    profile,
    urls.map((url) => httpEndpoint(url)),
  );
  const signer = await createDevEvmSigner();
  const { accounts } = await signer.describe();
  const account = addressOf(invocation, 'account') ?? getAddress(accounts[0]?.address ?? '');
  const folder = recordsFolder(invocation, name);
  const recordFile = join(folder, `${profile.chainId}.json`);
  const { screen, format, signal } = invocation;
  const tell = (line: string): void => screen.err(format === 'json' ? '' : `${line}\n`);
  pin(recordFile, connection, screen);
  const store = await SendJournal.open(join(folder, `${profile.chainId}.${account}.sends.jsonl`));
  const now = (): number => Date.now();
  const fees = DEFAULT_FEES;
  const sender = new EvmSender({ connection, signer, account, store, fees, raiseAfterMs: RAISE_AFTER_MS, now });
  const context: DeployContext = {
    connection,
    sender,
    account,
    fees,
    recordFile,
    signal,
    tell,
    now,
    pauseMs: name === 'local' ? 10 : 1500,
  };
  return { context, close: () => store.close() };
}
