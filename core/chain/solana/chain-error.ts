/** What goes wrong between us and a chain, as a typed error: a code, what happened, what to do, the values. */

export const CHAIN_ERRORS = {
  WRONG_CLUSTER: 'The endpoint is of another cluster than its profile',
  ENDPOINTS_DOWN: 'No endpoint answers',
  PAYER_UNDELEGATED: 'The fee payer is being undelegated',
  FEE_OVER_CAP: 'The fee would be above its cap',
  FLOAT_LOW: 'The fee payer cannot pay',
  TRANSACTION_FAILED: 'The chain ran the transaction and refused it',
  TRANSACTION_EXPIRED: 'The transaction was never included',
  INTERFACE_UNKNOWN: 'The program interface does not name this',
  ACCOUNT_MISSING: 'The account does not exist',
  PROGRAM_DIFFERS: 'The program on the chain is another one',
  DEPLOYMENT_INVALID: 'This deployment cannot be done',
} as const;

export type ChainErrorCode = keyof typeof CHAIN_ERRORS;

export type ChainFault = Readonly<{
  code: ChainErrorCode;
  detail: string;
  fix: string;
  /** Amounts as decimal text, never as numbers. */
  values?: Readonly<Record<string, string | number | boolean | null>>;
}>;

export class ChainError extends Error {
  readonly fault: ChainFault;
  constructor(fault: ChainFault) {
    super(`${fault.code}: ${fault.detail} ${fault.fix}`);
    this.name = 'ChainError';
    this.fault = fault;
  }
}
