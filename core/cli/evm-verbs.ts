/** What each word of `tollkeeper evm` asks of the core; the engine is the one behind the Deployments screen. */
import { isAddress, isHash } from 'viem';
import type { DeploymentOrder, NetworkName } from '#core/contract/deployments.ts';
import { parseDecimal } from '#core/domain/money.ts';
import { flagOf } from './context.ts';
import type { Invocation } from './context.ts';
import { asOperator, carryOut } from './deployment.ts';
import { usage } from './failure.ts';

type Verb = (invocation: Invocation) => Promise<unknown>;

const NETWORKS: Readonly<Record<string, NetworkName>> = {
  local: 'local-evm',
  '0g-testnet': '0g-testnet',
  '0g-mainnet': '0g-mainnet',
};

const isDryRun = ({ flags }: Invocation): boolean =>
  flags.some(({ name, value }) => name === 'dry-run' && value !== 'no');

function networkOf(invocation: Invocation): NetworkName {
  const name = flagOf(invocation, 'network') ?? 'local';
  return NETWORKS[name] ?? usage(`There is no network "${name}".`, `Choose ${Object.keys(NETWORKS).join(', ')}.`);
}

function unitOf(invocation: Invocation): 'serving' | 'payments' {
  const name = flagOf(invocation, 'contract') ?? 'serving';
  if (name === 'serving' || name === 'payments') return name;
  return usage(`There is no contract "${name}".`, 'Choose serving or payments.');
}

function urlsOf(invocation: Invocation): string[] | undefined {
  const given = flagOf(invocation, 'rpc')?.split(',');
  const bad = given?.find((url) => !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''));
  if (bad !== undefined) usage(`"${bad}" is not the address of an endpoint.`, 'Give --rpc URL or --rpc URL,URL.');
  return given;
}

/** An address that a flag names. */
function addressOf(invocation: Invocation, name: string): string | undefined {
  const text = flagOf(invocation, name);
  if (text === undefined || isAddress(text)) return text;
  return usage(`--${name} does not take "${text}".`, 'It takes an address, 0x and 40 digits, its checksum right.');
}

/** The hash of block 0 that was named for the network. */
function firstBlockOf(invocation: Invocation): string | undefined {
  const text = flagOf(invocation, 'genesis');
  if (text === undefined || isHash(text)) return text;
  return usage(`--genesis does not take "${text}".`, 'It takes the hash of block 0: 0x and 64 digits.');
}

/** An amount of the chain's coin that a flag names, in wei as text. */
function weiOf(invocation: Invocation, name: string): string | undefined {
  const text = flagOf(invocation, name);
  if (text === undefined) return undefined;
  const wei = parseDecimal(text, 18);
  if (typeof wei === 'bigint' && wei >= 0n) return wei.toString();
  return usage(
    `--${name} does not take "${text}".`,
    'It takes an amount of the coin, as 0.1, with at most 18 decimals.',
  );
}

const VERIFIERS = ['etherscan', 'blockscout', 'sourcify'] as const;

function verifierOf(invocation: Invocation): (typeof VERIFIERS)[number] | undefined {
  const named = flagOf(invocation, 'verifier');
  const known = VERIFIERS.find((one) => one === named);
  if (named === undefined || known !== undefined) return known;
  return usage(`There is no verifier "${named}".`, `Choose ${VERIFIERS.join(', ')}.`);
}

/** What every order says of where it is for and who signs. */
function ordered(invocation: Invocation, action: DeploymentOrder['action']): DeploymentOrder {
  return {
    network: networkOf(invocation),
    unit: unitOf(invocation),
    action,
    rpc: urlsOf(invocation),
    genesis: firstBlockOf(invocation),
    records: flagOf(invocation, 'deployments'),
    account: addressOf(invocation, 'account'),
    to: addressOf(invocation, 'to') ?? addressOf(invocation, 'owner'),
    issuer: addressOf(invocation, 'issuer'),
    stakeMinor: weiOf(invocation, 'stake'),
    verifier: verifierOf(invocation),
    verifierUrl: flagOf(invocation, 'verifier-url'),
    runKey: flagOf(invocation, 'key'),
  };
}

/** Says what is trusted from now on, also where the answer is JSON. */
const trustText = (network: string, hash: string): string =>
  `First use of ${network}: its first block is taken to be ${hash}, and compared from now on. ` +
  'Compare it with an explorer once, or name it with --genesis.\n';

function change(invocation: Invocation, order: DeploymentOrder): Promise<unknown> {
  const { screen, format } = invocation;
  const tell = (line: string): void => screen.err(format === 'json' ? '' : `${line}\n`);
  let step = '';
  return carryOut(invocation, {
    order,
    mayGoOn: ({ network, atMostMinor, account, balanceMinor, trustedNow }) => {
      if (trustedNow !== null) screen.err(trustText(network, trustedNow));
      tell(`At most ${atMostMinor} wei; ${account} has ${balanceMinor}.`);
      return !isDryRun(invocation);
    },
    onStep: (job) => {
      if (job.step !== step) tell(job.step);
      step = job.step;
    },
  });
}

const acting =
  (action: DeploymentOrder['action']): Verb =>
  (invocation) =>
    change(invocation, ordered(invocation, action));

const verify: Verb = async (invocation) => {
  const { network, rpc, records, verifier, verifierUrl } = ordered(invocation, 'verify');
  const where = { network, rpc, records };
  const views = await asOperator(invocation, (client) =>
    Promise.all((['serving', 'payments'] as const).map((unit) => client.deployments.get({ ...where, unit }))),
  );
  const found = views.flatMap((view) => (view.chain === 'evm' && view.address !== null ? [view] : []));
  const order = { ...where, action: 'verify', verifier, verifierUrl } as const;
  if (verifier !== undefined) for (const { unit } of found) await change(invocation, { ...order, unit });
  return {
    isOurs: found.length > 0 && found.every(({ isOurs }) => isOurs),
    owners: Object.fromEntries(found.map(({ unit, owner }) => [unit, owner])),
    pendingOwners: Object.fromEntries(found.map(({ unit, pendingOwner }) => [unit, pendingOwner])),
    contracts: found.flatMap(({ contracts }) =>
      contracts.map(({ name, address, match, codeHash }) => ({ contract: name, address, code: match, codeHash })),
    ),
  };
};

const setup: Verb = (invocation) => {
  const provider = addressOf(invocation, 'provider');
  const program = addressOf(invocation, 'proxy');
  if (provider !== undefined) {
    const depositMinor = weiOf(invocation, 'deposit');
    return change(invocation, { ...ordered(invocation, 'join-provider'), program, provider, depositMinor });
  }
  const signer =
    addressOf(invocation, 'signer') ??
    usage('setup needs more.', 'Give --signer to register a provider, or --provider to join one.');
  const announce = {
    url: flagOf(invocation, 'url') ?? '',
    signer,
    cpuPriceMinor: weiOf(invocation, 'cpu-price') ?? '0',
    memoryPriceMinor: weiOf(invocation, 'memory-price') ?? '0',
    createFeeMinor: weiOf(invocation, 'create-fee') ?? '0',
  };
  return change(invocation, { ...ordered(invocation, 'register-provider'), program, announce });
};

const checkbal: Verb = (invocation) =>
  asOperator(invocation, (client) => {
    const { network, rpc, records, account } = ordered(invocation, 'verify');
    return client.deployments.money({
      network,
      rpc,
      records,
      account: addressOf(invocation, 'user') ?? account,
      provider: addressOf(invocation, 'provider'),
      proxy: addressOf(invocation, 'proxy'),
    });
  });

const VERBS = {
  deploy: acting('deploy'),
  upgrade: acting('upgrade'),
  verify,
  'offer-ownership': acting('offer-ownership'),
  'accept-ownership': acting('accept-ownership'),
  'transfer-beacon': acting('transfer-beacon'),
  setup,
  checkbal,
} as const satisfies Readonly<Record<string, Verb>>;

/** Does what a word says; `isOurs` is false where code on the chain is not what is here. */
export async function runEvmVerb(
  name: keyof typeof VERBS,
  invocation: Invocation,
): Promise<{ answer: unknown; isOurs: boolean }> {
  const answer = await VERBS[name](invocation);
  return { answer, isOurs: (answer as { isOurs?: boolean }).isOurs !== false };
}
