/** A connection to a rollup that neither stalls nor calls a program before it can run. */
import { Connection } from '@solana/web3.js';
import type { PublicKey, TransactionSignature } from '@solana/web3.js';
import { setTimeout as after } from 'node:timers/promises';
import { ChainError } from '../error.ts';

type Socket = Readonly<{ setAutoReconnect: (reconnects: boolean) => void; close: () => void }>;

const POLL_MS = 2;
const SLOWEST_POLL_MS = 50;
const WARM_WITHIN_MS = 5000;

export type Confirmed = Readonly<{ slot: number; err: unknown }>;

/**
 * Reads and sends in a rollup. Confirmation is by polling: a notification takes 40 ms longer, and none comes for a
 * signature that is final already.
 */
export class RollupConnection {
  readonly connection: Connection;
  #subscription: number | undefined;
  readonly #warm = new Set<string>();

  constructor(rpc: string) {
    this.connection = new Connection(rpc, 'confirmed');
  }

  /**
   * Keeps the socket open until `close`. web3.js closes an idle one after half a second and waits for an answer that
   * the validator never gives: 30 s for whoever subscribes next.
   */
  open(): this {
    this.#subscription ??= this.connection.onSlotChange(() => undefined);
    return this;
  }

  async close(): Promise<void> {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (subscription === undefined) return;
    await this.connection.removeSlotChangeListener(subscription);
    // web3.js has no way to close, and would try for ever to reach a rollup that has gone.
    const { _rpcWebSocket: socket } = this.connection as unknown as { _rpcWebSocket: Socket };
    socket.setAutoReconnect(false);
    socket.close();
  }

  /** Waits until the rollup has cloned a program and a slot has passed: in the slot it came in, it cannot be called. */
  async warm(program: PublicKey): Promise<void> {
    const key = program.toBase58();
    if (this.#warm.has(key)) return;
    const deadline = performance.now() + WARM_WITHIN_MS;
    while (performance.now() < deadline) {
      const found = await this.connection.getAccountInfo(program);
      if (found?.executable === true) {
        const slot = await this.connection.getSlot();
        while ((await this.connection.getSlot()) <= slot + 1) await after(10);
        this.#warm.add(key);
        return;
      }
      await after(20);
    }
    throw new ChainError({
      code: 'ACCOUNT_MISSING',
      detail: `The rollup has not got the program ${key}.`,
      fix: 'Deploy it on the base chain first.',
    });
  }

  async #isDelegated(account: PublicKey): Promise<boolean> {
    await this.connection.getAccountInfo(account); // Makes the rollup look, when it does not know the account.
    const body = { jsonrpc: '2.0', id: 1, method: 'getDelegationStatus', params: [account.toBase58()] };
    const headers = { 'content-type': 'application/json' };
    const endpoint = this.connection.rpcEndpoint;
    const response = await fetch(endpoint, { method: 'POST', body: JSON.stringify(body), headers });
    const { result } = (await response.json()) as { result?: { isDelegated?: boolean } };
    return result?.isDelegated === true;
  }

  async #until(
    account: PublicKey,
    isDelegated: boolean,
    told: Readonly<{ detail: string; fix: string }>,
  ): Promise<void> {
    const deadline = performance.now() + WARM_WITHIN_MS;
    while (performance.now() < deadline) {
      if ((await this.#isDelegated(account)) === isDelegated) return;
      await after(10);
    }
    throw new ChainError({ code: 'ACCOUNT_MISSING', ...told, values: { account: account.toBase58() } });
  }

  /**
   * Waits until the rollup has an account as delegated to it. Right after a delegation it may still hold the copy from
   * before, with which a transaction that writes the account is refused.
   */
  untilDelegated(account: PublicKey): Promise<void> {
    return this.#until(account, true, {
      detail: `The rollup does not have ${account.toBase58()} as delegated to it.`,
      fix: 'Delegate it to the validator of this rollup, in a later slot than the one it came back in.',
    });
  }

  /**
   * Waits until the rollup, too, knows that an account was given back, and for another slot of the base chain. Only
   * then delegate it again: a rollup that hears of both at once takes the second change for one it has seen.
   */
  async untilReturned(account: PublicKey, base: Connection): Promise<void> {
    await this.#until(account, false, {
      detail: `The rollup still has ${account.toBase58()}.`,
      fix: 'Commit and undelegate it, and look at the logs of that transaction.',
    });
    const slot = await base.getSlot();
    while ((await base.getSlot()) <= slot) await after(20);
  }

  /** Sends signed bytes and polls for the status. A transaction that failed is confirmed, with its `err`. */
  async send(bytes: Uint8Array, withinMs = 10_000): Promise<Confirmed & { signature: TransactionSignature }> {
    const signature = await this.connection.sendRawTransaction(bytes, { skipPreflight: true });
    return { signature, ...(await this.status(signature, withinMs)) };
  }

  async status(signature: TransactionSignature, withinMs = 10_000): Promise<Confirmed> {
    const deadline = performance.now() + withinMs;
    for (let wait = POLL_MS; performance.now() < deadline; wait = Math.min(wait * 1.5, SLOWEST_POLL_MS)) {
      const { value } = await this.connection.getSignatureStatuses([signature]);
      const [status] = value;
      if (status !== null && status !== undefined) return { slot: status.slot, err: status.err };
      await after(wait);
    }
    throw new ChainError({
      code: 'EXPIRED',
      detail: `The rollup has no status for ${signature}.`,
      fix: 'Read the account before sending again: it may have run.',
      values: { signature },
    });
  }

  /** A rollup shows a status a little before the transaction itself. */
  async #logsOf(signature: TransactionSignature): Promise<readonly string[]> {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const found = await this.connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
      if (found !== null) return found.meta?.logMessages ?? [];
      await after(5 + attempt);
    }
    return [];
  }

  /** The signature on the base chain under which a commit of this rollup transaction was sent. */
  async commitmentOf(signature: TransactionSignature, withinMs = 10_000): Promise<string> {
    const line = async (of: string, prefix: string): Promise<string> => {
      const logs = await this.#logsOf(of);
      const text = logs.find((each) => each.includes(prefix));
      if (text !== undefined) return text.slice(text.indexOf(prefix) + prefix.length).trim();
      throw new ChainError({
        code: 'REVERTED',
        detail: `The rollup did not settle ${signature}: ${logs.at(-1) ?? 'it says nothing'}.`,
        fix: 'Read the account on the base chain, then commit again.',
        values: { signature },
      });
    };
    const sent = await line(signature, 'ScheduledCommitSent signature: ');
    await this.status(sent, withinMs);
    return line(sent, 'ScheduledCommitSent signature[0]: ');
  }
}
