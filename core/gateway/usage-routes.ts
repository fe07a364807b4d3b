/** Usage into the gateway: our own batch API. The dialect has its own file. */
import { refuse } from '#core/domain/refusal.ts';
import { BATCH_LIMIT_BYTES } from '#core/domain/limits.ts';
import { admit } from './gate-routes.ts';
import { requireJson } from './http.ts';
import type { Asked, Gateway, Route } from './http.ts';
import type { Mode } from './ingest-answer.ts';
import { invalid, problemReply } from './problem.ts';
import type { Reply } from './problem.ts';

/**
 * Records a body of usage. A key bound to a customer takes one of that customer's requests for it; a key of the whole
 * workspace is not limited, because it reports what was done for many, and refusing that would lose revenue.
 */
export async function record(gateway: Gateway, asked: Asked, mode: Mode): Promise<Reply> {
  const { core, directory, ingest } = gateway;
  const { caller, body } = asked;
  const request = { mode, body, actor: caller.actor, nowMs: core.now() };
  if (caller.customer === null) return ingest.record({ ...request, refs: null });
  const { headers, refusal } = await admit(gateway, caller, caller.customer);
  if (refusal) return problemReply(refusal, { headers });
  const reply = await ingest.record({ ...request, refs: await directory.refs(caller.customer) });
  return { ...reply, headers: { ...headers, ...reply.headers } };
}

export function usageRoutes(gateway: Gateway): Route[] {
  const answer = (asked: Asked): Promise<Reply> => {
    if (asked.body.length === 0) refuse(invalid('The request has no body.', 'Send {"events": […]}.'));
    requireJson(asked.request);
    return record(gateway, asked, { kind: 'own' });
  };
  return [{ method: 'POST', url: '/v1/usage', scopes: ['usage:write'], bodyLimit: BATCH_LIMIT_BYTES, answer }];
}
