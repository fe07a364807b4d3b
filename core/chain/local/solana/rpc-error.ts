/** Errors of the JSON-RPC interface, with the codes of a Solana node (`rpc-client-api`, custom_error.rs). */

export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export const CODES = {
  parse: -32700,
  invalidRequest: -32600,
  unknownMethod: -32601,
  invalidParams: -32602,
  internal: -32603,
  blockCleanedUp: -32001,
  preflight: -32002,
  signatureVerification: -32003,
  blockNotAvailable: -32004,
  slotSkipped: -32007,
  noSnapshot: -32008,
  unsupportedVersion: -32015,
  minContextSlot: -32016,
} as const;

export function invalidParams(message: string): RpcError {
  return new RpcError(CODES.invalidParams, message);
}
