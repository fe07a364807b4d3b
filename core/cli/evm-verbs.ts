/** What each word of `tollkeeper evm` does. Loaded when it is asked for: it brings the whole EVM client. */
import { deployPayments, deployServing, planDeployment, upgradeServing } from '#core/chain/evm/deploy.ts';
import type { DeployContext } from '#core/chain/evm/deploy.ts';
import { readRecord } from '#core/chain/evm/deployment-record.ts';
import type { DeploymentRecord } from '#core/chain/evm/deployment-record.ts';
import { viewDeployment } from '#core/chain/evm/deployment-view.ts';
import { joinProvider, registerProvider } from '#core/chain/evm/provider-setup.ts';
import { ServingContract } from '#core/chain/evm/serving.ts';
import { linkProxy, verifyAt } from '#core/chain/evm/verifiers.ts';
import type { Verifier, VerifierKind } from '#core/chain/evm/verifiers.ts';
import { flagOf } from './context.ts';
import type { Invocation } from './context.ts';
import { addressOf, openSession, weiOf } from './evm-session.ts';
import { usage } from './failure.ts';

const STAKE_WEI = 10n ** 17n;

type Verb = (context: DeployContext, invocation: Invocation) => Promise<unknown>;

const isDryRun = ({ flags }: Invocation): boolean =>
  flags.some(({ name, value }) => name === 'dry-run' && value !== 'no');

const contractOf = (invocation: Invocation): 'serving' | 'payments' => {
  const name = flagOf(invocation, 'contract') ?? 'serving';
  if (name === 'serving' || name === 'payments') return name;
  return usage(`There is no contract "${name}".`, 'Choose serving or payments.');
};

function recordOf({ connection, recordFile }: DeployContext): DeploymentRecord {
  return readRecord(recordFile, connection.network, connection.profile.name);
}

/** What it will cost at most, told before anything is sent. */
async function tellPlan(context: DeployContext, what: 'serving' | 'payments' | 'upgrade'): Promise<unknown> {
  const { steps, atMostWei, balanceWei } = await planDeployment(context, what);
  const { asset } = context.connection.profile;
  const rows = steps.map((step) => ({ step: step.what, gas: step.gas, atMostMinor: step.atMostWei.toString(), asset }));
  context.tell(`At most ${atMostWei} wei; ${context.account} has ${balanceWei}.`);
  return {
    account: context.account,
    asset,
    atMostMinor: atMostWei.toString(),
    balanceMinor: balanceWei.toString(),
    rows,
  };
}

const deploy: Verb = async (context, invocation) => {
  const what = contractOf(invocation);
  const plan = await tellPlan(context, what);
  if (isDryRun(invocation)) return plan;
  const owner = addressOf(invocation, 'owner') ?? context.account;
  if (what === 'payments') {
    return deployPayments(context, { owner, issuer: addressOf(invocation, 'issuer') ?? owner });
  }
  const { proxy, beacon, implementation } = await deployServing(context, {
    stakeWei: weiOf(invocation, 'stake', STAKE_WEI),
    owner,
  });
  return { proxy, beacon, implementation, owner, record: context.recordFile };
};

const upgrade: Verb = async (context, invocation) => {
  const plan = await tellPlan(context, 'upgrade');
  if (isDryRun(invocation)) return plan;
  const { proxy, beacon, implementation } = await upgradeServing(context);
  return { proxy, beacon, implementation, record: context.recordFile };
};

const KINDS: readonly VerifierKind[] = ['etherscan', 'blockscout', 'sourcify'];

/** A block explorer to ask as well; none unless one is named. The key stays out of the command line. */
function verifierOf(invocation: Invocation, context: DeployContext): Verifier | undefined {
  const named = flagOf(invocation, 'verifier');
  if (named === undefined) return undefined;
  const kind =
    KINDS.find((one) => one === named) ?? usage(`There is no verifier "${named}".`, `Choose ${KINDS.join(', ')}.`);
  const url = flagOf(invocation, 'verifier-url') ?? context.connection.profile.verifierUrl;
  if (url === undefined) return usage('This network has no explorer.', 'Give --verifier-url URL.');
  const apiKey = process.env['TOLLKEEPER_VERIFIER_KEY'];
  return { kind, url, ...(apiKey === undefined ? {} : { apiKey }) };
}

const verify: Verb = async (context, invocation) => {
  const { connection, signal } = context;
  const record = recordOf(context);
  const verifier = verifierOf(invocation, context);
  const { contracts, owners, pendingOwners, isOurs, readAtBlock } = await viewDeployment(connection, record);
  const rows: Record<string, unknown>[] = [];
  for (const { name, role, address, match, codeHash } of contracts) {
    context.tell(`${name} at ${address}: ${match}`);
    const contract = record.contracts.find((one) => one.address.toLowerCase() === address.toLowerCase());
    const request = contract && { chainId: connection.network.chainId, contract, signal, pauseMs: context.pauseMs };
    const asked = verifier && request ? await verifyAt(verifier, request) : undefined;
    if (verifier && request && role === 'proxy') await linkProxy(verifier, address, request);
    rows.push({ contract: name, address, code: match, codeHash, explorer: asked?.match ?? null });
  }
  return { isOurs, readAtBlock, owners, pendingOwners, contracts: rows };
};

async function servingOf(context: DeployContext, invocation: Invocation): Promise<ServingContract> {
  const address = addressOf(invocation, 'proxy') ?? recordOf(context).serving?.proxy;
  if (address !== undefined) return ServingContract.open(context.connection, address);
  return usage('No SandboxServing is recorded for this network.', 'Deploy one first, or give --proxy ADDRESS.');
}

const setup: Verb = async (context, invocation) => {
  const serving = await servingOf(context, invocation);
  const runId = flagOf(invocation, 'key') ?? `${context.account}-${context.now()}`;
  const steps = { ...context, serving, runId };
  const provider = addressOf(invocation, 'provider');
  if (provider !== undefined) {
    await joinProvider(steps, { provider, depositWei: weiOf(invocation, 'deposit', 0n) });
    return { user: context.account, provider, ...moneyRow(await serving.userMoney(context.account, provider)) };
  }
  const signer =
    addressOf(invocation, 'signer') ??
    usage('setup needs more.', 'Give --signer to register a provider, or --provider to join one.');
  await registerProvider(steps, {
    url: flagOf(invocation, 'url') ?? '',
    signer,
    cpuPriceWei: weiOf(invocation, 'cpu-price', 0n),
    memoryPriceWei: weiOf(invocation, 'memory-price', 0n),
    createFeeWei: weiOf(invocation, 'create-fee', 0n),
  });
  const { isOpen, version, stakeWei } = await serving.providerState(context.account);
  return {
    provider: context.account,
    isOpen,
    signer,
    version: version.toString(),
    asset: '0G/18',
    stakeMinor: stakeWei.toString(),
  };
};

function moneyRow(money: Readonly<{ balanceWei: bigint; pendingWei: bigint; cancelledWei: bigint }>) {
  return {
    asset: '0G/18',
    balanceMinor: money.balanceWei.toString(),
    pendingRefundMinor: money.pendingWei.toString(),
    cancelledRefundMinor: money.cancelledWei.toString(),
  };
}

const checkbal: Verb = async (context, invocation) => {
  const { connection } = context;
  const who = addressOf(invocation, 'user') ?? context.account;
  const onChainMinor = (await connection.agreedBalance(who, await connection.rpc.head())).toString();
  const serving = await servingOf(context, invocation);
  const provider = addressOf(invocation, 'provider') ?? who;
  const { stakeWei, earningsWei } = await serving.providerState(provider);
  const money = moneyRow(await serving.userMoney(who, provider));
  const [stakeMinor, earningsMinor] = [stakeWei.toString(), earningsWei.toString()];
  return { account: who, provider, onChainMinor, ...money, stakeMinor, earningsMinor };
};

const VERBS = { deploy, upgrade, verify, setup, checkbal } as const satisfies Readonly<Record<string, Verb>>;

/** Amounts of gas are bigints, which JSON has none of. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one)));

/** Does what a word says over a session of its own; `isOurs` is false where code on the chain is not what is here. */
export async function runEvmVerb(
  name: keyof typeof VERBS,
  invocation: Invocation,
): Promise<{ answer: unknown; isOurs: boolean }> {
  const session = await openSession(invocation);
  try {
    const answer = await VERBS[name](session.context, invocation);
    return { answer: plain(answer), isOurs: (answer as { isOurs?: boolean }).isOurs !== false };
  } finally {
    await session.close();
  }
}
