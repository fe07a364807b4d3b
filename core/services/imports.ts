/** Files of usage through the contract. The files themselves are read by whoever put the core together. */
import { RefusalError } from '#core/domain/refusal.ts';
import { asError, os } from './base.ts';
import type { RequestContext } from './core.ts';

type From = { path?: string | undefined; upload?: string | undefined };

/** Where the file of an order lies; its schema lets through only those that name one of the two. */
function placed<Order extends From>({ core, principal }: RequestContext, { upload, ...order }: Order) {
  if (upload === undefined) return { ...order, path: order.path ?? '' };
  const { path, errorPath } = core.files.spool.find(upload, principal().actor);
  return { ...order, path, errorFile: errorPath };
}

export const imports = {
  uploads: os.imports.uploads.handler(({ context: { core, principal } }) => ({
    items: core.files.spool.list(principal().actor),
  })),
  discard: os.imports.discard.handler(({ input, context: { core, principal } }) => {
    core.files.spool.discard(input.upload, principal().actor);
    return { ok: true as const };
  }),
  preview: os.imports.preview.handler(({ input, context }) => context.core.files.preview(placed(context, input))),
  previewFrom: os.imports.previewFrom.handler(({ input, context }) =>
    context.core.files.previewSystem(placed(context, input), context.principal().actor),
  ),
  run: os.imports.run.handler(({ input, context, signal }) =>
    told(context.core.files.importUsage(placed(context, input), context.principal()), input, signal),
  ),
  runFrom: os.imports.runFrom.handler(({ input, context, signal }) =>
    told(context.core.files.importSystem(placed(context, input), context), input, signal),
  ),
};

/** Steps as they come, until whoever asked has left. The error file of an upload is where the door serves it. */
async function* told<Step extends { errorFile: string | null }>(
  steps: AsyncIterable<Step>,
  { upload }: From,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step> {
  try {
    for await (const step of steps) {
      const isServed = upload !== undefined && step.errorFile !== null;
      yield isServed ? { ...step, errorFile: `/upload/${upload}/errors` } : step;
      if (signal?.aborted) return;
    }
  } catch (error) {
    // A stream fails after its command was answered, where nothing else turns refusals into errors of the contract.
    throw error instanceof RefusalError ? asError(error.refusal) : error;
  }
}
