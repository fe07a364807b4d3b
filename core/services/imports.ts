/** Files of usage through the contract. The files themselves are read by whoever put the core together. */
import { RefusalError } from '#core/domain/refusal.ts';
import { asError, os } from './base.ts';

export const imports = {
  preview: os.imports.preview.handler(({ input, context: { core } }) => core.files.preview(input)),
  run: os.imports.run.handler(async function* run({ input, context: { core, principal }, signal }) {
    try {
      for await (const step of core.files.importUsage(input, principal())) {
        yield step;
        if (signal?.aborted) return;
      }
    } catch (error) {
      // A stream fails after its command was answered, where nothing else turns refusals into errors of the contract.
      throw error instanceof RefusalError ? asError(error.refusal) : error;
    }
  }),
};
