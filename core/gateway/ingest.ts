/** Recording usage for whoever is not at the gateway's door: the contract's own command takes the same path. */
import type { Core, Principal } from '#core/services/core.ts';
import { recordOwn } from './ingest-answer.ts';
import { termsOf } from './ingest-port.ts';

/** Checks and books up to 1,000 events, each with its own result. Throws a refusal where the whole call is wrong. */
export async function recordEvents(core: Core, events: readonly unknown[], principal: Principal) {
  const bound = principal.kind === 'key' ? principal.customer : null;
  const refs = bound === null ? null : await refsOf(core, bound);
  const terms = termsOf(core, { actor: principal.actor, nowMs: core.now(), refs });
  return recordOwn(events, terms, (commands) => core.book.commit(commands));
}

async function refsOf(core: Core, id: string): Promise<ReadonlySet<string>> {
  const { body } = await core.reader.read('customerRecord', { customer: id });
  return new Set([body.id, ...body.subjects, body.externalId ?? body.id]);
}
