/** Who signs in the demo, and how its transactions reach the base chain and the rollup. */
import { Connection, Transaction } from '@solana/web3.js';
import type { PublicKey, TransactionInstruction } from '@solana/web3.js';
import { setTimeout as after } from 'node:timers/promises';
import { ChainError } from '../../error.ts';
import { RollupConnection } from '../rollup-connection.ts';

/** One who signs: the address, and what signs a message for it, through the signer port. */
export type Actor = Readonly<{
  address: PublicKey;
  sign: (message: Uint8Array, summary: string) => Promise<Uint8Array>;
}>;

export type Step = Readonly<{ name: string; where: 'base' | 'rollup'; signature: string; ms: number }>;

type Work = Readonly<{ instructions: readonly TransactionInstruction[]; actors: readonly Actor[] }>;

export type DemoChain = Readonly<{ rpc: string; rollupRpc: string }>;

/** A failed transaction in the words of the program that failed it. */
type Refusal = (fault: unknown, what: string, signature: string) => ChainError;

const CONFIRM_WITHIN_MS = 10_000;

export class Stage {
  readonly base: Connection;
  readonly rollup: RollupConnection;
  readonly steps: Step[] = [];
  readonly #used = new Set<string>();
  readonly #tell: (step: Step) => void;
  readonly #refusal: Refusal;

  constructor({ rpc, rollupRpc }: DemoChain, use: Readonly<{ tell: (step: Step) => void; refusal: Refusal }>) {
    this.base = new Connection(rpc, 'confirmed');
    this.rollup = new RollupConnection(rollupRpc);
    this.#tell = use.tell;
    this.#refusal = use.refusal;
  }

  /** The same instruction twice on one blockhash is the same transaction: then the next blockhash is waited for. */
  async #signed(name: string, connection: Connection, { instructions, actors }: Work): Promise<Buffer> {
    for (;;) {
      const { blockhash } = await connection.getLatestBlockhash();
      const transaction = new Transaction({ feePayer: actors[0]?.address ?? null, recentBlockhash: blockhash });
      const message = transaction.add(...instructions).serializeMessage();
      const key = message.toString('base64');
      if (this.#used.has(key)) {
        await after(20);
        continue;
      }
      this.#used.add(key);
      for (const actor of actors) {
        transaction.addSignature(actor.address, Buffer.from(await actor.sign(message, name)));
      }
      return transaction.serialize();
    }
  }

  #done({ ms, ...rest }: Step): string {
    const step = { ...rest, ms: Math.round(ms * 10) / 10 };
    this.steps.push(step);
    this.#tell(step);
    return step.signature;
  }

  async onBase(
    name: string,
    instructions: readonly TransactionInstruction[],
    actors: readonly Actor[],
  ): Promise<string> {
    const started = performance.now();
    const bytes = await this.#signed(name, this.base, { instructions, actors });
    const signature = await this.base.sendRawTransaction(bytes);
    const fault = await this.#baseStatus(signature);
    if (fault !== null) throw this.#refusal(fault, name, signature);
    return this.#done({ name, where: 'base', signature, ms: performance.now() - started });
  }

  async #baseStatus(signature: string): Promise<unknown> {
    const deadline = performance.now() + CONFIRM_WITHIN_MS;
    while (performance.now() < deadline) {
      const { value } = await this.base.getSignatureStatuses([signature]);
      if (value[0] !== null && value[0] !== undefined) return value[0].err;
      await after(5);
    }
    throw new ChainError({
      code: 'EXPIRED',
      detail: `The chain has no status for ${signature}.`,
      fix: 'Run the demo again; nothing of it is kept.',
      values: { signature },
    });
  }

  async onRollup(
    name: string,
    instructions: readonly TransactionInstruction[],
    actors: readonly Actor[],
  ): Promise<string> {
    const started = performance.now();
    const bytes = await this.#signed(name, this.rollup.connection, { instructions, actors });
    const { signature, err } = await this.rollup.send(bytes);
    if (err !== null) throw this.#refusal(err, name, signature);
    return this.#done({ name, where: 'rollup', signature, ms: performance.now() - started });
  }

  /** A commit, up to its transaction on the base chain. */
  async committed(
    name: string,
    instructions: readonly TransactionInstruction[],
    actors: readonly Actor[],
  ): Promise<string> {
    const scheduled = await this.onRollup(name, instructions, actors);
    const started = performance.now();
    const signature = await this.rollup.commitmentOf(scheduled);
    return this.#done({ name: `${name}: settled`, where: 'base', signature, ms: performance.now() - started });
  }

  /** A method that only a local chain has. */
  async local(method: string, params: readonly unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.base.rpcEndpoint, { method: 'POST', body, headers });
    const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
    if (error === undefined) return result;
    throw new ChainError({
      code: 'REVERTED',
      detail: `The chain at ${this.base.rpcEndpoint} refused ${method}: ${error.message}.`,
      fix: 'The demo moves time, so it needs a local chain.',
    });
  }
}
