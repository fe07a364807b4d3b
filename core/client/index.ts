/** What a customer's server installs: the typed client, and billing for its handlers. */
export { createClient } from './client.ts';
export type { Captured, Check, Client, ClientOptions, Hold, HoldWanted, UsageEvent, Wanted } from './client.ts';
export type { Backlog, Change, Owed } from './backlog.ts';
export type { BilledCall, BillingInfo, BillingOptions, OutagePolicy } from './billing.ts';
export { createApiBilling, problemResponse, withBilling } from './fetch-style.ts';
export type { ApiBilling } from './fetch-style.ts';
export { expressBilling, fastifyBilling, honoBilling } from './adapters.ts';
export type { FastifyReply, HonoContext, NodeResponse } from './adapters.ts';
export {
  CallerUnknown,
  Conflict,
  HandlerTimeout,
  InvalidRequest,
  NotFound,
  OutcomeUnknown,
  PaymentRequired,
  RateLimited,
  TollkeeperError,
  Unauthorized,
  Unavailable,
  isOutage,
} from './errors.ts';
export type { EventStatus, HoldState, Problem, Quantity, WireEventResult, WireUsage } from './wire.ts';
