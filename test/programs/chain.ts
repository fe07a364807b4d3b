/**
 * A base chain for one test: LiteSVM with our programs from `programs/artifacts`, asked through their IDL as Anchor
 * reads it. Not the local chain of the product, which has an RPC.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { BorshCoder } from '@coral-xyz/anchor';
import type { Idl } from '@coral-xyz/anchor';
import { Keypair, PublicKey, Transaction, TransactionInstruction } from '@solana/web3.js';
import type { Signer } from '@solana/web3.js';
import BN from 'bn.js';
import type * as Native from 'litesvm/dist/internal.js';

// litesvm is CommonJS, and its public class wants transactions of another SDK: tests send bytes to what is below it.
const native = createRequire(import.meta.url)('litesvm/dist/internal.js') as typeof Native;

export const ARTIFACTS = 'programs/artifacts';

export type Value = bigint | boolean | number | string | PublicKey | Uint8Array | null;
export type Values = Readonly<Record<string, Value>>;

/** What became of a transaction. `error` is the refusal's name for a program of ours, else the runtime's own words. */
export type Answer = Readonly<{
  error: string | undefined;
  units: bigint;
  logs: readonly string[];
  events: ReadonlyArray<Readonly<{ name: string; data: Values }>>;
}>;

export type Account = Readonly<{ lamports: bigint; data: Buffer; owner: PublicKey }>;

/** A program's address, its IDL and what reads it. */
export type Program = Readonly<{ id: PublicKey; idl: Idl; coder: BorshCoder; errors: ReadonlyMap<number, string> }>;

export function readProgram(name: string): Program {
  const idl = JSON.parse(readFileSync(`${ARTIFACTS}/${name}.idl.json`, 'utf8')) as Idl;
  const errors = new Map((idl.errors ?? []).map(({ code, name: refusal }) => [code, refusal]));
  return { id: new PublicKey(idl.address), idl, coder: new BorshCoder(idl), errors };
}

/** Anchor speaks BN; the tests speak bigint. */
function toAnchor(value: Value): unknown {
  if (typeof value === 'bigint') return new BN(value.toString());
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

function fromAnchor(value: unknown): Value {
  return BN.isBN(value) ? BigInt(value.toString()) : (value as Value);
}

export const fromAnchorAll = (values: object): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fromAnchor(value)]));

/** A derived address. Seeds are texts, keys or bytes. */
export function derive(program: PublicKey, ...seeds: ReadonlyArray<string | PublicKey | Uint8Array>): PublicKey {
  const bytes = seeds.map((seed) =>
    typeof seed === 'string' ? Buffer.from(seed) : seed instanceof PublicKey ? seed.toBytes() : seed,
  );
  return PublicKey.findProgramAddressSync(bytes, program)[0];
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** What a test changes about an instruction to see it refused. */
export type Bending = Readonly<{
  /** Other accounts in the place of some. */
  accounts?: Readonly<Record<string, PublicKey>>;
  /** An account whose signature is left out. */
  unsigned?: string;
  /** Bytes in the place of the encoded arguments. */
  data?: Buffer;
  /** How many accounts to leave out at the end. */
  dropped?: number;
}>;

/** Writes an instruction as the IDL describes it. */
export function instruction(
  program: Program,
  name: string,
  args: Values,
  accounts: Readonly<Record<string, PublicKey>>,
  bending: Bending = {},
): TransactionInstruction {
  const described = program.idl.instructions.find((one) => one.name === name);
  if (!described) throw new Error(`The IDL has no ${name}.`);
  const keys = described.accounts.map((account) => {
    if (!('name' in account) || 'accounts' in account) throw new Error('Accounts are not nested.');
    const fixed = account.address === undefined ? undefined : new PublicKey(account.address);
    const pubkey = bending.accounts?.[account.name] ?? fixed ?? accounts[account.name];
    if (!pubkey) throw new Error(`${name} needs ${account.name}.`);
    return {
      pubkey,
      isWritable: account.writable === true,
      isSigner: account.signer === true && bending.unsigned !== account.name,
    };
  });
  const values = Object.fromEntries(Object.entries(args).map(([key, value]) => [key, toAnchor(value)]));
  const data = bending.data ?? program.coder.instruction.encode(name, values);
  return new TransactionInstruction({
    programId: program.id,
    keys: keys.slice(0, keys.length - (bending.dropped ?? 0)),
    data,
  });
}

/** The same keys for the same name in every run, so that addresses, bumps and costs are the same too. */
export function keysOf(name: string): Keypair {
  return Keypair.fromSeed(createHash('sha256').update(`a test's ${name}`).digest());
}

export class Chain {
  readonly svm = new native.LiteSvm();
  readonly programs: readonly Program[];
  /** Pays every fee, so that the balances a test looks at change only by what the programs do. */
  readonly payer = keysOf('fee payer');

  constructor(programs: readonly Program[], now = 1_800_000_000n) {
    this.programs = programs;
    this.svm.setSysvars();
    this.svm.setBuiltins();
    this.svm.setDefaultPrograms();
    this.svm.setSigverify(true);
    this.svm.setBlockhashCheck(false);
    this.svm.setTransactionHistory(0n);
    for (const { id, idl } of programs) {
      this.svm.addProgramFromFile(id.toBytes(), `${ARTIFACTS}/${idl.metadata.name}.so`);
    }
    this.fund(this.payer.publicKey, 1_000_000_000_000n);
    this.setTime(now);
  }

  /** Puts lamports on an address, as if somebody had sent them. */
  fund(address: PublicKey, lamports: bigint): void {
    const account = this.account(address);
    if (account) this.put(address, { ...account, lamports: account.lamports + lamports });
    else this.put(address, { lamports, data: Buffer.alloc(0), owner: PublicKey.default });
  }

  setTime(now: bigint): void {
    const clock = this.svm.getClock();
    clock.unixTimestamp = now;
    this.svm.setClock(clock);
  }

  now(): bigint {
    return this.svm.getClock().unixTimestamp;
  }

  account(address: PublicKey): Account | undefined {
    const found = this.svm.getAccount(address.toBytes());
    if (!found || (found.lamports() === 0n && found.data().length === 0)) return undefined;
    return { lamports: found.lamports(), data: Buffer.from(found.data()), owner: new PublicKey(found.owner()) };
  }

  put(address: PublicKey, { lamports, data, owner }: Account): void {
    this.svm.setAccount(address.toBytes(), new native.Account(lamports, data, owner.toBytes(), false, 2n ** 64n - 1n));
  }

  lamports(address: PublicKey): bigint {
    return this.account(address)?.lamports ?? 0n;
  }

  /** Reads an account of one of our programs. */
  read(program: Program, kind: string, address: PublicKey): Values {
    const account = this.account(address);
    if (!account) throw new Error(`There is no ${kind} at ${address.toBase58()}.`);
    return fromAnchorAll(program.coder.accounts.decode<object>(kind, account.data));
  }

  send(instructions: readonly TransactionInstruction[], signers: readonly Signer[] = []): Answer {
    const transaction = new Transaction().add(...instructions);
    transaction.feePayer = this.payer.publicKey;
    this.svm.expireBlockhash();
    transaction.recentBlockhash = this.svm.latestBlockhash();
    const message = transaction.compileMessage();
    const needed = new Set(
      message.accountKeys.slice(0, message.header.numRequiredSignatures).map((key) => key.toBase58()),
    );
    const signing = [this.payer, ...signers.filter(({ publicKey }) => needed.has(publicKey.toBase58()))];
    // What nobody has a key for cannot be signed for; a node refuses such a transaction before any program sees it.
    if (new Set(signing).size < needed.size) return { error: 'no key', units: 0n, logs: [], events: [] };
    transaction.sign(...signing);
    return this.submit(transaction.serialize());
  }

  private submit(bytes: Uint8Array): Answer {
    const result = this.svm.sendLegacyTransaction(bytes);
    const isFailed = result instanceof native.FailedTransactionMetadata;
    const meta = isFailed ? result.meta() : result;
    const logs = meta.logs();
    const error = isFailed ? this.nameError(result, logs) : undefined;
    return {
      error,
      units: meta.computeUnitsConsumed(),
      logs,
      events: error === undefined ? this.readEvents(logs) : [],
    };
  }

  /** Sends as if whoever must sign had signed: what only another program could bring about. */
  sendUnsigned(instructions: readonly TransactionInstruction[]): Answer {
    this.svm.setSigverify(false);
    const transaction = new Transaction().add(...instructions);
    transaction.feePayer = this.payer.publicKey;
    this.svm.expireBlockhash();
    transaction.recentBlockhash = this.svm.latestBlockhash();
    const answer = this.submit(transaction.serialize({ requireAllSignatures: false, verifySignatures: false }));
    this.svm.setSigverify(true);
    return answer;
  }

  private nameError(result: Native.FailedTransactionMetadata, logs: readonly string[]): string {
    // The innermost program, which is the first to fail, says why; those around it only pass it on.
    const failed = logs.find((line) => /^Program \w+ failed: /.test(line)) ?? '';
    const [, id, words = ''] = /^Program (\w+) failed: (.*)$/.exec(failed) ?? [];
    const custom = /^custom program error: 0x([0-9a-f]+)$/.exec(words)?.[1];
    const program = this.programs.find((one) => one.id.toBase58() === id);
    const name = custom === undefined ? undefined : program?.errors.get(Number.parseInt(custom, 16));
    return name ?? (words === '' ? String(result.err()) : words);
  }

  private readEvents(logs: readonly string[]): Answer['events'] {
    return logs.flatMap((line) => {
      const encoded = /^Program data: (.*)$/.exec(line)?.[1];
      if (encoded === undefined) return [];
      const decoded = this.programs.map(({ coder }) => coder.events.decode(encoded)).find((event) => event !== null);
      return decoded ? [{ name: decoded.name, data: fromAnchorAll(decoded.data) }] : [];
    });
  }
}
