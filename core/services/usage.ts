/** Usage through the contract: recording, listing, correcting, and the unrated queue. */
import { refuse } from '#core/domain/refusal.ts';
import { commitOne, os } from './base.ts';
import { unitsOf } from './money.ts';

const correctable = { code: 'NOT_FOUND', detail: 'There is no such event.', fix: 'Check source and id.' } as const;

export const usage = {
  record: os.usage.record.handler(
    ({ input, context }) => context.core.recordEvents(input.events, context.principal()) as never,
  ),
  list: os.usage.list.handler(({ input, context: { core } }) => core.reader.read('events', input)),
  get: os.usage.get.handler(({ input, context: { core } }) => core.reader.read('event', input)),
  correct: os.usage.correct.handler(async ({ input, context }) => {
    const { core } = context;
    const event = await core.reader.read('event', { source: input.source, id: input.id });
    const units = unitsOf(core, event.meter ?? refuse(correctable), input.quantity);
    return commitOne<never>(core, {
      type: 'usage.correct',
      actor: context.principal().actor,
      key: input.key,
      source: input.source,
      id: input.id,
      units,
      reason: input.reason,
      book: input.book,
    });
  }),
  conflicts: os.usage.conflicts.handler(({ input, context: { core } }) => core.reader.read('conflicts', input)),
};

export const unrated = {
  summary: os.unrated.summary.handler(
    ({ input, context: { core } }) => core.reader.read('unratedSummary', input) as never,
  ),
  list: os.unrated.list.handler(({ input, context: { core } }) => core.reader.read('unrated', input) as never),
  assign: os.unrated.assign.handler(({ input, context }) =>
    commitOne<never>(context.core, {
      type: 'unrated.assign',
      actor: context.principal().actor,
      ids: input.ids,
      customer: input.customer ?? null,
      meter: input.meter ?? null,
      dismiss: input.dismiss ?? null,
    }),
  ),
};
