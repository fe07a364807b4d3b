/**
 * What a command answers when it will not act: the closed set of codes, each with its HTTP status and what it means.
 * Not for broken invariants, which are asserted.
 */

/** Every code the product can answer, with the HTTP status it maps to and a title for people (RFC 9457 `title`). */
export const REFUSALS = {
  INPUT_INVALID: { status: 400, title: 'The request is not of the form this command takes' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is larger than the stated limit' },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, title: 'This content type is not taken here' },
  UNAUTHENTICATED: { status: 401, title: 'No valid credential came with the request' },
  LOCKED: { status: 401, title: 'The session is locked' },
  FORBIDDEN: { status: 403, title: 'The credential does not allow this' },
  ORIGIN_REFUSED: { status: 403, title: 'The request came from an origin this console does not serve' },
  NOT_FOUND: { status: 404, title: 'There is nothing under this id' },
  CUSTOMER_UNKNOWN: { status: 404, title: 'No customer has this id' },
  METER_UNKNOWN: { status: 404, title: 'No meter has this key' },
  HOLD_UNKNOWN: { status: 404, title: 'No hold has this id' },
  HOLD_CLOSED: { status: 409, title: 'The hold is already closed' },
  CONFLICT: { status: 409, title: 'Something else holds this name or state' },
  KEY_REUSED: { status: 409, title: 'The idempotency key was used with another body' },
  EVENT_CONFLICT: { status: 409, title: 'The event id was used with another body' },
  STATE_FORBIDS: { status: 409, title: 'The state it is in does not allow this' },
  PAYMENT_REQUIRED: { status: 402, title: 'The balance does not cover this' },
  QUANTITY_INVALID: { status: 422, title: 'The quantity is not one this meter takes' },
  PRICE_UNKNOWN: { status: 422, title: 'No price is in force for this customer and meter' },
  AMOUNT_INVALID: { status: 422, title: 'The amount is not one this asset takes' },
  RATE_LIMITED: { status: 429, title: 'Too many requests for this tier' },
  READ_ONLY: { status: 503, title: 'The books are open for reading only' },
  BUSY: { status: 503, title: 'The service cannot take this right now' },
  INTERNAL: { status: 500, title: 'Something broke that should not have' },
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/**
 * A typed "no": the code, one sentence of what happened, one of what to do, and the values that explain it (amounts
 * as decimal strings).
 */
export type Refusal = Readonly<{
  code: RefusalCode;
  detail: string;
  fix: string;
  values?: Readonly<Record<string, string | number | boolean | null>>;
}>;

/** Carries a refusal through code that can only throw, such as a parser deep in a request. */
export class RefusalError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(`${refusal.code}: ${refusal.detail} ${refusal.fix}`);
    this.name = 'RefusalError';
    this.refusal = refusal;
  }
}

/** Throws a refusal; for use where a value cannot be returned. */
export function refuse(refusal: Refusal): never {
  throw new RefusalError(refusal);
}

/** States what must hold; a failure is a defect of ours, never of the input. */
export function invariant(holds: unknown, sentence: string): asserts holds {
  if (!holds) throw new Error(`Broken invariant: ${sentence}`);
}
