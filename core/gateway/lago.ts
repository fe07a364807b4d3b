/**
 * The Lago dialect: clients of Lago send events here, with `/lago/api/v1` as the address of their API. It has an
 * address of its own because `/api/v1/events` is OpenMeter's too. Not for anything of Lago but events.
 */
import { BATCH_LIMIT_BYTES } from '#core/domain/limits.ts';
import type { Asked, Gateway, Route } from './http.ts';
import { requireJson } from './http.ts';
import { inLagoShape } from './lago-answer.ts';
import type { Reply } from './problem.ts';
import { record } from './usage-routes.ts';

export function lagoRoutes(gateway: Gateway): Route[] {
  const route = (url: string, isBatch: boolean): Route => ({
    method: 'POST',
    url: `/lago/api/v1${url}`,
    scopes: ['usage:write'],
    bodyLimit: BATCH_LIMIT_BYTES,
    shape: inLagoShape,
    answer: (asked: Asked): Promise<Reply> => {
      requireJson(asked.request);
      return record(gateway, asked, { kind: 'lago', isBatch });
    },
  });
  return [route('/events', false), route('/events/batch', true)];
}
