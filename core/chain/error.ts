/**
 * How a chain says no, or what it could not be asked: a code of a closed set, a sentence of what happened, one of what
 * to do, and the values. Not for what our own books refuse.
 */

/** Every way in which dealing with a chain can fail. */
export const CHAIN_FAILURES = {
  RPC_DOWN: 'No endpoint answered',
  RPC_REFUSED: 'The endpoint refused the request',
  RPC_DISAGREES: 'Endpoints contradict each other',
  WRONG_CHAIN: 'This is another chain',
  NOT_A_CONTRACT: 'There is no contract at this address',
  WRONG_CONTRACT: 'Another contract stands at this address',
  REVERTED: 'The contract or program refused the call',
  INSUFFICIENT_FUNDS: 'The account cannot pay for this',
  UNDERPRICED: 'The offered fee is too low',
  FEE_ABOVE_CAP: 'The fee would be above its cap',
  NONCE_TOO_LOW: 'The nonce was used already',
  STATE_FORBIDS: 'What was asked does not fit what is there',
  TERMS_BELOW_FLOOR: 'The terms are below what a public network needs',
  EXPIRED: 'The transaction was never included',
  INTERFACE_UNKNOWN: 'The program interface does not name this',
  ACCOUNT_MISSING: 'There is no such account',
  LOCAL_CHAIN_FAILED: 'The local chain does not run',
  VERIFIER_REFUSED: 'The verification service refused',
} as const;

export type ChainFailure = keyof typeof CHAIN_FAILURES;

export type ChainProblem = Readonly<{
  code: ChainFailure;
  detail: string;
  fix: string;
  values?: Readonly<Record<string, string | number | boolean | null>>;
}>;

/** A chain's typed "no". `refusal` has the shape in which every command tells one. */
export class ChainError extends Error {
  readonly code: ChainFailure;
  readonly refusal: ChainProblem;
  constructor(problem: ChainProblem, cause?: unknown) {
    super(`${problem.code}: ${problem.detail} ${problem.fix}`, cause === undefined ? undefined : { cause });
    this.name = 'ChainError';
    this.code = problem.code;
    this.refusal = problem;
  }
}

/** Throws a chain's "no". */
export function chainRefuses(problem: ChainProblem, cause?: unknown): never {
  throw new ChainError(problem, cause);
}
