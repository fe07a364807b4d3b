/** Deployments through the contract. The chains themselves are dealt with by whoever put the core together. */
import { RefusalError } from '#core/domain/refusal.ts';
import { asError, os } from './base.ts';

export const deployments = {
  list: os.deployments.list.handler(async ({ context: { core } }) => ({ networks: await core.deployments.list() })),
  get: os.deployments.get.handler(({ input, context: { core } }) => core.deployments.get(input)),
  money: os.deployments.money.handler(({ input, context: { core } }) => core.deployments.money(input)),
  plan: os.deployments.plan.handler(({ input, context: { core } }) => core.deployments.plan(input)),
  start: os.deployments.start.handler(({ input, context: { core, principal } }) =>
    core.deployments.start(input, principal().actor),
  ),
  jobs: os.deployments.jobs.handler(async ({ input, context: { core } }) => ({
    jobs: await core.deployments.jobs(input),
  })),
  watch: os.deployments.watch.handler(async function* watch({ input, context: { core }, signal }) {
    try {
      yield* core.deployments.watch(input.job, signal);
    } catch (error) {
      // A stream fails after its command was answered, where nothing else turns refusals into errors of the contract.
      throw error instanceof RefusalError ? asError(error.refusal) : error;
    }
  }),
  resume: os.deployments.resume.handler(({ input, context: { core, principal } }) =>
    core.deployments.resume(input.job, principal().actor),
  ),
  cancel: os.deployments.cancel.handler(({ input, context: { core } }) => core.deployments.cancel(input.job)),
};
