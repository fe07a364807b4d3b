/** What each word of `tollkeeper solana` asks of the core; the engine is the one behind the Deployments screen. */
import { basename } from 'node:path';
import type { DeploymentJob, DeploymentOrder, DeploymentPlan, NetworkName } from '#core/contract/deployments.ts';
import { flagOf } from './context.ts';
import type { Invocation } from './context.ts';
import { asOperator, carryOut } from './deployment.ts';
import { usage } from './failure.ts';

export type SolanaVerb = 'deploy' | 'upgrade' | 'set-authority' | 'close' | 'close-buffer' | 'verify';

const PROFILES: Readonly<Record<string, NetworkName>> = {
  local: 'local-solana',
  devnet: 'solana-devnet',
  mainnet: 'solana-mainnet',
};

function networkOf(invocation: Invocation): NetworkName {
  const name = flagOf(invocation, 'profile') ?? 'local';
  return PROFILES[name] ?? usage(`There is no profile "${name}".`, `Choose ${Object.keys(PROFILES).join(', ')}.`);
}

/** A whole number of lamports, or a usage error. */
function wholeOf(invocation: Invocation, flag: string): string | undefined {
  const text = flagOf(invocation, flag);
  if (text === undefined || /^\d{1,18}$/.test(text)) return text;
  return usage(`--${flag} takes a whole number, not "${text}".`, `Write it as --${flag} 5000.`);
}

/** `--program` is an address, or for a first deployment the file of its key. */
function programOf(invocation: Invocation): Pick<DeploymentOrder, 'program' | 'programFile'> {
  const given = flagOf(invocation, 'program');
  if (given === undefined) return {};
  return /^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(given) ? { program: given } : { programFile: given };
}

function actionOf(verb: SolanaVerb, invocation: Invocation): DeploymentOrder['action'] {
  if (verb !== 'set-authority') return verb;
  const next = flagOf(invocation, 'new-authority');
  if (next === undefined) usage('To whom?', 'Give --new-authority ADDRESS, or --new-authority none to make it final.');
  return next === 'none' ? 'make-final' : 'set-authority';
}

function ordered(verb: SolanaVerb, invocation: Invocation): DeploymentOrder {
  const name = invocation.words[1] ?? usage('Which program?', 'Name one, such as usage_vault, or a .so file.');
  const isFile = name.endsWith('.so');
  const rpc = flagOf(invocation, 'rpc');
  const to = flagOf(invocation, 'new-authority');
  return {
    network: networkOf(invocation),
    unit: basename(name, '.so'),
    action: actionOf(verb, invocation),
    rpc: rpc === undefined ? undefined : [rpc],
    file: isFile ? name : undefined,
    ...programOf(invocation),
    payerFile: flagOf(invocation, 'payer'),
    authorityFile: flagOf(invocation, 'authority'),
    stateFile: flagOf(invocation, 'state'),
    to: to === 'none' ? undefined : to,
    feeLimitMinor: wholeOf(invocation, 'fee-limit'),
    priceMicroLamports: wholeOf(invocation, 'price'),
  };
}

/** Final for ever or gone for ever is asked twice: the address is to be typed each time. */
function checkTwice({ confirm, action }: DeploymentPlan, invocation: Invocation): void {
  if (confirm === null) return;
  const what =
    action === 'close'
      ? 'The program will be gone, and its address can never be used again.'
      : 'Nobody will ever be able to change the program.';
  if (flagOf(invocation, 'confirm') !== confirm) {
    usage(`${what} It cannot be undone.`, `If you want it, say so: --confirm ${confirm}`);
  }
  if (flagOf(invocation, 'confirm-again') !== confirm) {
    usage(`${what} This is asked a second time.`, `If you are sure, add --confirm-again ${confirm}`);
  }
}

function tellCost(plan: DeploymentPlan, { screen, flags }: Invocation): void {
  if (plan.action !== 'deploy' && plan.action !== 'upgrade') return;
  const { unit, network, address, atMostMinor, rentMinor, backMinor, isResumed } = plan;
  const steps = plan.steps.map(({ what }) => `  ${what}\n`).join('');
  screen.err(
    `${plan.action} ${unit} to ${network} at ${address ?? 'a new address'}${isResumed ? ', going on' : ''}\n${steps}` +
      `  fees ${atMostMinor} lamports, rent of the program ${rentMinor}, of the buffer ${backMinor} (given back)\n`,
  );
  if (!flags.some(({ name }) => name === 'yes')) {
    usage('Nothing was sent yet.', 'If the cost is right, say --yes.');
  }
}

/** One line that grows, on a terminal. */
function tellStep({ done, total, state }: DeploymentJob, { screen }: Invocation): void {
  if (!process.stderr.isTTY) return;
  const full = Math.floor((30 * done) / Math.max(1, total));
  screen.err(`\r[${'#'.repeat(full).padEnd(30, '.')}] ${done} of ${total}${state === 'running' ? '' : '\n'}`);
}

/** Does what a word says; `isOurs` is false where the chain has other bytes than the file. */
export async function runSolanaVerb(
  verb: SolanaVerb,
  invocation: Invocation,
): Promise<{ answer: unknown; isOurs: boolean }> {
  const order = ordered(verb, invocation);
  if (verb === 'verify') {
    const { network, unit, rpc, file, program } = order;
    const view = await asOperator(invocation, (client) =>
      client.deployments.get({ network, unit, rpc, file, program }),
    );
    if (view.chain !== 'solana') return { answer: view, isOurs: view.isOurs };
    const { isOurs, address, authority, sha256, expectedSha256, slot } = view;
    if (view.loader === 'none') usage('It is not known where the program stands.', 'Give --program ADDRESS.');
    return { answer: { ok: isOurs, program: address, file: expectedSha256, sha256, authority, slot }, isOurs };
  }
  const answer = await carryOut(invocation, {
    order,
    mayGoOn: (plan) => {
      checkTwice(plan, invocation);
      tellCost(plan, invocation);
      return true;
    },
    onStep: (job) => tellStep(job, invocation),
  });
  return { answer, isOurs: true };
}
