/** Changes of deployments from the command line: the cost first, then the job the console shows too, to its end. */
import { randomBytes } from 'node:crypto';
import { ORPCError } from '@orpc/client';
import { CHAIN_FAILURES, ChainError } from '#core/chain/error.ts';
import type { ChainFailure } from '#core/chain/error.ts';
import type { DeploymentJob, DeploymentOrder, DeploymentPlan } from '#core/contract/deployments.ts';
import { newId } from '#core/domain/id.ts';
import { RefusalError } from '#core/domain/refusal.ts';
import type { RefusalCode } from '#core/domain/refusal.ts';
import type { Client } from './connection.ts';
import type { Invocation } from './context.ts';
import { flagOf } from './context.ts';
import { overConnection } from './run.ts';
import { signIn } from './session.ts';

type Told = Readonly<{ detail?: string; fix?: string; values?: Readonly<Record<string, string>> }>;

const isChainFailure = (code: string): code is ChainFailure => Object.hasOwn(CHAIN_FAILURES, code);

/** The chain's own code, where a refusal carries one: it says more than the contract's. */
function ofChain(error: unknown): unknown {
  if (!(error instanceof ORPCError)) return error;
  const { detail = error.message, fix = '', values = {} } = (error.data ?? {}) as Told;
  const { chain = '', ...rest } = values;
  return isChainFailure(chain) ? new ChainError({ code: chain, detail, fix, values: rest }) : error;
}

/** Asks over a connection of the workspace, signed in. */
export async function asOperator<T>(invocation: Invocation, ask: (client: Client) => Promise<T>): Promise<T> {
  const options = { mayRepeat: false, mayReadOnly: false };
  return overConnection(invocation, options, async (connection, sending) => {
    await signIn(connection, invocation.shared.operator);
    sending();
    try {
      return await ask(connection.client);
    } catch (error) {
      throw ofChain(error);
    }
  });
}

/** What a job that did not end well says, as a failure of this command. */
function failed({ state, problem }: DeploymentJob): Error {
  const { code = 'STATE_FORBIDS', detail = `It is ${state}.`, fix = 'Resume it.' } = problem ?? {};
  if (isChainFailure(code)) return new ChainError({ code, detail, fix });
  return new RefusalError({ code: code as RefusalCode, detail, fix });
}

/** `Owner of the beacon` as a name in JSON. */
const camel = (name: string): string =>
  name
    .split(' ')
    .map((word, index) => (index === 0 ? word.toLowerCase() : word[0]?.toUpperCase() + word.slice(1)))
    .join('');

const asObject = (result: DeploymentJob['result']): Record<string, string> =>
  Object.fromEntries(result.map(({ name, value }) => [camel(name), value]));

export type Change = Readonly<{
  order: DeploymentOrder;
  /** Shows the plan, and whether to go on. */
  mayGoOn: (plan: DeploymentPlan) => boolean;
  onStep: (job: DeploymentJob) => void;
}>;

/** Plans, shows, starts and follows a change; gives the plan where it was not to go on. */
export async function carryOut(invocation: Invocation, { order, mayGoOn, onStep }: Change): Promise<unknown> {
  return asOperator(invocation, async (client) => {
    const plan = await client.deployments.plan(order);
    if (!mayGoOn(plan)) return plan;
    const key = newId('cli', Date.now(), randomBytes(10));
    const confirm = flagOf(invocation, 'confirm');
    const confirmAgain = flagOf(invocation, 'confirm-again');
    const job = await client.deployments.start({ ...order, key, confirm, confirmAgain });
    const { signal } = invocation;
    const stop = (): void => void client.deployments.cancel({ job: job.id }).catch(() => undefined);
    signal.addEventListener('abort', stop, { once: true });
    let last = job;
    for await (const step of await client.deployments.watch({ job: job.id })) {
      last = step;
      onStep(step);
    }
    signal.removeEventListener('abort', stop);
    if (last.state !== 'done') throw failed(last);
    return asObject(last.result);
  });
}
