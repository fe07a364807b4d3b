/** Calls that no person asked for, at the doors that pages come through: answered, and not taken for activity. */
import type { StandardHandleResult, StandardHandlerInterceptorOptions } from '@orpc/server/standard';
import { UNASKED } from '#core/domain/unasked.ts';
import type { RequestContext } from '#core/services/core.ts';

type Options = StandardHandlerInterceptorOptions<RequestContext>;
type Call = Options & Readonly<{ next: (options: Options) => Promise<StandardHandleResult> }>;

/** An interceptor of an oRPC handler. A live page refreshes for ever; without this its session would never lock. */
export function tellUnasked({ next, ...options }: Call): Promise<StandardHandleResult> {
  const isUnasked = options.request.headers[UNASKED] !== undefined;
  return next({ ...options, context: { ...options.context, isUnasked } });
}
