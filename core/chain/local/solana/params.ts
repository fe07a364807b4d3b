/** Parameters of a JSON-RPC call, taken out one by one with the complaints of a real node (serde, jsonrpc-core). */
import { decodeBase58 } from './base58.ts';
import { CODES, RpcError, invalidParams } from './rpc-error.ts';

export type Config = Readonly<Record<string, unknown>>;

const COMMITMENTS = ['processed', 'confirmed', 'finalized', 'recent', 'single', 'singleGossip', 'root', 'max'];

/** How serde names a value it did not expect. */
function described(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return `boolean \`${value}\``;
  if (typeof value === 'number') return `${Number.isInteger(value) ? 'integer' : 'floating point'} \`${value}\``;
  if (typeof value === 'string') return `string ${JSON.stringify(value.slice(0, 100))}`;
  return Array.isArray(value) ? 'sequence' : 'map';
}

export function invalidType(value: unknown, expected: string): RpcError {
  return invalidParams(`Invalid params: invalid type: ${described(value)}, expected ${expected}.`);
}

/** A key that came in as text. */
export function checkedKey(text: unknown): string {
  if (typeof text !== 'string') throw invalidType(text, 'a string');
  const bytes = decodeBase58(text, 'key');
  if (typeof bytes === 'string') throw invalidParams(`Invalid param: ${bytes}`);
  return text;
}

export function checkedSignature(text: unknown): string {
  if (typeof text !== 'string') throw invalidType(text, 'a string');
  const bytes = decodeBase58(text, 'signature');
  if (typeof bytes === 'string') throw invalidParams(`Invalid param: ${bytes}`);
  return text;
}

/** A whole number of 64 bits that a JSON number can hold exactly. */
export function checkedU64(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value >= 2 ** 64) throw invalidType(value, 'u64');
  if (value < 0) throw invalidParams(`Invalid params: invalid value: integer \`${value}\`, expected u64.`);
  return value;
}

export function checkedConfig(value: unknown): Config {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalidType(value, 'a configuration object');
  const config = value as Config;
  const { commitment } = config;
  if (commitment === undefined || commitment === null) return config;
  if (typeof commitment !== 'string') throw invalidType(commitment, 'string or map');
  if (!COMMITMENTS.includes(commitment)) throw unknownVariant(commitment, ['processed', 'confirmed', 'finalized']);
  return config;
}

export function unknownVariant(value: string, known: readonly string[]): RpcError {
  const names = known.map((name) => `\`${name}\``).join(', ');
  return invalidParams(`Invalid params: unknown variant \`${value.slice(0, 100)}\`, expected one of ${names}.`);
}

/** A text of a configuration that must be one of a few. */
export function checkedVariant<T extends string>(value: unknown, known: readonly T[], fallback: T): T {
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'string') throw invalidType(value, 'string or map');
  const found = known.find((name) => name === value);
  if (found === undefined) throw unknownVariant(value, known);
  return found;
}

export class Params {
  readonly #values: readonly unknown[];

  constructor(params: unknown) {
    if (params !== undefined && params !== null && !Array.isArray(params)) {
      throw new RpcError(CODES.invalidParams, 'Invalid params: expected a sequence.');
    }
    this.#values = params ?? [];
  }

  /** Refuses a call with too few arguments, as a node does before it looks at any. */
  atLeast(count: number): this {
    if (this.#values.length < count) throw invalidParams(`\`params\` should have at least ${count} argument(s)`);
    return this;
  }

  raw(index: number): unknown {
    return this.#values[index];
  }

  text(index: number): string {
    const value = this.atLeast(index + 1).#values[index];
    if (typeof value !== 'string') throw invalidType(value, 'a string');
    return value;
  }

  key(index: number): string {
    return checkedKey(this.atLeast(index + 1).#values[index]);
  }

  signature(index: number): string {
    return checkedSignature(this.atLeast(index + 1).#values[index]);
  }

  u64(index: number): number {
    return checkedU64(this.atLeast(index + 1).#values[index]);
  }

  list(index: number, max: number): readonly unknown[] {
    const value = this.atLeast(index + 1).#values[index];
    if (!Array.isArray(value)) throw invalidType(value, 'a sequence');
    if (value.length > max) throw invalidParams(`Too many inputs provided; max ${max}`);
    return value;
  }

  config(index: number): Config {
    return checkedConfig(this.#values[index]);
  }
}
