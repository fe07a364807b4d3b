/** `tollkeeper evm …`: deploys, upgrades, verifies and sets up the contracts on EVM chains, with development keys. */
import { checkUse } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { nearest } from '../nearest.ts';
import { printAnswer } from '../run.ts';

const VERBS = [
  'deploy',
  'upgrade',
  'verify',
  'offer-ownership',
  'accept-ownership',
  'transfer-beacon',
  'setup',
  'checkbal',
] as const;
type Verb = (typeof VERBS)[number];

function verbOf({ words }: Invocation): Verb {
  const [name] = words;
  const verb = VERBS.find((one) => one === name);
  if (verb !== undefined) return verb;
  if (name === undefined) return usage('evm needs a word more.', evm.usage);
  return usage(`evm has no "${name}".`, `Did you mean ${nearest(name, [...VERBS])}? ${evm.usage}`);
}

async function run(invocation: Invocation): Promise<ExitCode> {
  // The one flag that needs no value; everything else is checked as for every command.
  const flags = invocation.flags.filter(({ name }) => name !== 'dry-run');
  checkUse(evm, { ...invocation, flags }, 1);
  const verb = verbOf(invocation);
  const { runEvmVerb } = await import('../evm-verbs.ts');
  const { answer, isOurs } = await runEvmVerb(verb, invocation);
  printAnswer(answer, invocation);
  return isOurs ? EXIT.ok : EXIT.refused;
}

export const evm: OwnCommand = {
  name: 'evm',
  usage:
    'tollkeeper evm deploy|upgrade|verify|offer-ownership|accept-ownership|transfer-beacon|setup|checkbal\n' +
    '      [--network local|0g-testnet] [--rpc URL,URL] [--account ADDRESS] [--to ADDRESS] [--dry-run]',
  doc:
    'Put the contracts on an EVM chain and look after them. deploy and upgrade tell the cost first and go on where ' +
    'they were interrupted; verify compares the code with ours, and asks an explorer with --verifier; ownership is ' +
    'offered with --to and accepted by --account, the beacon is given away with --confirm twice; setup ' +
    'registers a provider (--signer) or joins one (--provider, --deposit); checkbal tells who has what.',
  flags: [
    'network',
    'rpc',
    'account',
    'deployments',
    'genesis',
    'contract',
    'stake',
    'owner',
    'to',
    'confirm',
    'confirm-again',
    'issuer',
    'proxy',
    'verifier',
    'verifier-url',
    'provider',
    'user',
    'deposit',
    'signer',
    'url',
    'cpu-price',
    'memory-price',
    'create-fee',
    'key',
  ],
  run,
};
