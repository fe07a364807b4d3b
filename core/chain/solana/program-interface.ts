/** A program as its IDL describes it: builds instructions, reads accounts, events and errors. Amounts are bigint. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BorshCoder } from '@coral-xyz/anchor';
import type { Idl } from '@coral-xyz/anchor';
import { PublicKey, TransactionInstruction } from '@solana/web3.js';
import type { AccountMeta } from '@solana/web3.js';
import BN from 'bn.js';
import { ChainError } from '../error.ts';
import { fixOf } from './program-refusals.ts';
import { ownDataLines } from './program-logs.ts';

export type Value =
  | string
  | bigint
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { [name: string]: Value };
export type Fields = Readonly<Record<string, Value>>;
export type ProgramEvent = Readonly<{ name: string; fields: Fields }>;

type IdlAccount = { name: string; writable?: boolean; signer?: boolean; optional?: boolean; address?: string };

/** Committed beside the compiled programs, and made from the same sources. */
const ARTIFACTS = resolve(import.meta.dirname, '../../../programs/artifacts');
const DISCRIMINATOR = 8;

/** A number as a seed of an address: eight bytes, little-endian. */
export function seedU64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** bigint to BN and base58 text to keys, as the coder wants them, by the type the IDL gives. */
function encoded(value: Value, type: unknown): unknown {
  if (type === 'pubkey') return new PublicKey(String(value));
  if (typeof value === 'bigint') return new BN(value.toString());
  return value;
}

/** Back again: BN to bigint, keys to text, names in camel case. */
function decoded(value: unknown): Value {
  if (BN.isBN(value)) return BigInt(value.toString());
  if (value instanceof PublicKey) return value.toBase58();
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value !== 'object' || value === null) return value as Value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [camel(name), decoded(inner)]));
}

function unknownName(what: string, name: string, program: string): ChainError {
  return new ChainError({
    code: 'INTERFACE_UNKNOWN',
    detail: `The interface of ${program} has no ${what} "${name}".`,
    fix: 'Build the programs again, or use the version of this client that belongs to them.',
    values: { name, program },
  });
}

export class ProgramInterface {
  readonly name: string;
  readonly address: PublicKey;
  readonly #idl: Idl;
  readonly #coder: BorshCoder;

  constructor(name: string, idl: Idl) {
    this.name = name;
    this.#idl = idl;
    this.#coder = new BorshCoder(idl);
    this.address = new PublicKey(idl.address);
  }

  /** The interface of one of our programs, by the name of its artifact. */
  static of(name: string, folder = ARTIFACTS): ProgramInterface {
    const file = join(folder, `${name}.idl.json`);
    if (!existsSync(file)) throw unknownName('artifact', name, 'this release');
    return new ProgramInterface(name, JSON.parse(readFileSync(file, 'utf8')) as Idl);
  }

  /** In camel case, as `instruction` takes them. */
  get instructionNames(): string[] {
    return this.#idl.instructions.map(({ name }) => camel(name));
  }

  /** The program's address for these seeds. */
  derive(...seeds: readonly Uint8Array[]): PublicKey {
    const [address] = PublicKey.findProgramAddressSync([...seeds], this.address);
    return address;
  }

  /** Names in camel case; accounts with an address of their own in the IDL are filled in. */
  instruction(
    name: string,
    { accounts, args = {} }: Readonly<{ accounts: Readonly<Record<string, PublicKey>>; args?: Fields }>,
  ): TransactionInstruction {
    const described = this.#idl.instructions.find((each) => each.name === snake(name));
    if (described === undefined) throw unknownName('instruction', name, this.name);
    const keys = (described.accounts as IdlAccount[]).map((account): AccountMeta => {
      const given = accounts[camel(account.name)];
      const pubkey = given ?? (account.address === undefined ? undefined : new PublicKey(account.address));
      if (pubkey === undefined)
        throw unknownName(`account for ${name}, it wants one as`, camel(account.name), this.name);
      return { pubkey, isWritable: account.writable === true, isSigner: account.signer === true };
    });
    const values = described.args.map(({ name: arg, type }) => {
      const value = args[camel(arg)];
      if (value === undefined) throw unknownName(`argument for ${name}, it wants one as`, camel(arg), this.name);
      return [arg, encoded(value, type)] as const;
    });
    const data = this.#coder.instruction.encode(described.name, Object.fromEntries(values));
    return new TransactionInstruction({ programId: this.address, keys, data });
  }

  /** Reads an account's bytes; undefined when they are of another kind. */
  account(name: string, data: Uint8Array): Fields | undefined {
    const described = this.#idl.accounts?.find((each) => each.name === name);
    if (described === undefined) throw unknownName('account', name, this.name);
    const bytes = Buffer.from(data);
    if (!bytes.subarray(0, DISCRIMINATOR).equals(Buffer.from(described.discriminator))) return undefined;
    return decoded(this.#coder.accounts.decodeUnchecked(name, bytes)) as Fields;
  }

  /** Events that this program itself emitted, in their order. What another program logs in its likeness is not read. */
  events(logs: readonly string[]): ProgramEvent[] {
    return ownDataLines(logs, this.address.toBase58()).flatMap((line) => {
      const event = this.#coder.events.decode(line);
      return event === null ? [] : [{ name: event.name, fields: decoded(event.data) as Fields }];
    });
  }

  #known(fault: unknown): Readonly<{ name: string; message: string }> | undefined {
    const custom = (fault as { InstructionError?: [number, { Custom?: number }] } | null)?.InstructionError?.[1]
      ?.Custom;
    return custom === undefined ? undefined : this.error(custom);
  }

  /** What a fault of a transaction means: this program's own words for its codes, else the chain's. */
  explain(fault: unknown): string {
    const known = this.#known(fault);
    return known === undefined ? JSON.stringify(fault) : `${known.message} (${known.name})`;
  }

  /** A failed transaction as a REVERTED error: what happened and what to do about it. `what` is what was tried. */
  refusal(fault: unknown, what: string, signature: string): ChainError {
    const known = this.#known(fault);
    return new ChainError({
      code: 'REVERTED',
      detail: `"${what}" failed on the chain: ${this.explain(fault)}`,
      fix: known === undefined ? 'Look the signature up for its log.' : fixOf(this.name, known.name),
      values: { signature, ...(known === undefined ? {} : { reason: known.name }) },
    });
  }

  /** Every custom error of this program. */
  get errors(): readonly Readonly<{ code: number; name: string }>[] {
    return this.#idl.errors ?? [];
  }

  /** Name and sentence of a custom error code of this program. */
  error(code: number): Readonly<{ name: string; message: string }> | undefined {
    const found = this.#idl.errors?.find((each) => each.code === code);
    return found === undefined ? undefined : { name: found.name, message: found.msg ?? '' };
  }
}
