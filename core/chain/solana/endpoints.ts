/** Several endpoints of one cluster: each is checked before its first use, and one that fails rests for a while. */
import { Connection } from '@solana/web3.js';
import { ChainError } from '../error.ts';
import { checkCluster } from './profiles.ts';
import type { SolanaProfile } from './profiles.ts';
import type { Sighting } from './sends/record.ts';
import type { SendChain } from './sends/sender.ts';

type Endpoint = { readonly url: string; readonly connection: Connection; restUntilMs: number; isChecked: boolean };

const REST_MS = 10_000;

export class Endpoints implements SendChain {
  readonly #profile: SolanaProfile;
  readonly #endpoints: readonly Endpoint[];
  readonly #nowMs: () => number;

  constructor(profile: SolanaProfile, nowMs: () => number) {
    this.#profile = profile;
    this.#nowMs = nowMs;
    this.#endpoints = profile.endpoints.map((url) => ({
      url,
      // A retry is ours to decide: web3.js would wait and ask the same endpoint again.
      connection: new Connection(url, { commitment: 'confirmed', disableRetryOnRateLimit: true }),
      restUntilMs: 0,
      isChecked: false,
    }));
  }

  async #check(endpoint: Endpoint): Promise<void> {
    if (endpoint.isChecked) return;
    checkCluster(this.#profile, await endpoint.connection.getGenesisHash(), endpoint.url);
    endpoint.isChecked = true;
  }

  /** Rested ones first, in the order of the profile; when all of them failed lately, each is tried again. */
  #inOrder(): Endpoint[] {
    const now = this.#nowMs();
    const isRested = ({ restUntilMs }: Endpoint): boolean => restUntilMs <= now;
    return [...this.#endpoints.filter(isRested), ...this.#endpoints.filter((each) => !isRested(each))];
  }

  /** Runs a reading on the first endpoint that answers. Both parts of one reading come from the same endpoint. */
  async read<T>(ask: (connection: Connection) => Promise<T>): Promise<T> {
    const causes: string[] = [];
    for (const endpoint of this.#inOrder()) {
      try {
        await this.#check(endpoint);
        return await ask(endpoint.connection);
      } catch (error) {
        if (error instanceof ChainError && error.refusal.code === 'WRONG_CHAIN') throw error;
        endpoint.restUntilMs = this.#nowMs() + REST_MS;
        causes.push(`${endpoint.url}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    throw new ChainError({
      code: 'RPC_DOWN',
      detail: `No endpoint of "${this.#profile.name}" answered. ${causes.join('; ')}.`,
      fix: 'Look at the network and the profile’s endpoints; what was sent is reconciled when one answers.',
    });
  }

  /** Hands bytes to every endpoint: the chain takes them once, however many deliver them. */
  async submit(bytes: Uint8Array): Promise<void> {
    const options = { skipPreflight: true, maxRetries: 0 };
    const sends = this.#endpoints.map(async (endpoint) => {
      await this.#check(endpoint);
      await endpoint.connection.sendRawTransaction(bytes, options);
    });
    const outcomes = await Promise.allSettled(sends);
    if (outcomes.some(({ status }) => status === 'fulfilled')) return;
    const [first] = outcomes;
    const why = first?.status === 'rejected' ? String(first.reason) : 'there is none';
    throw new ChainError({
      code: 'RPC_DOWN',
      detail: `No endpoint took the transaction: ${why}.`,
      fix: 'It is kept, and sent again.',
    });
  }

  async look(signature: string): Promise<Sighting> {
    return this.read(async (connection) => {
      const epoch = await connection.getEpochInfo('finalized');
      const { context, value } = await connection.getSignatureStatuses([signature], { searchTransactionHistory: true });
      // Behind one address there may be several nodes: an answer from one that is behind the height counts as none.
      if (context.slot < epoch.absoluteSlot) {
        throw new ChainError({
          code: 'RPC_DOWN',
          detail: 'The status came from a node behind the one that gave the height.',
          fix: 'It is asked again.',
        });
      }
      const [status] = value;
      const finalizedHeight = BigInt(epoch.blockHeight ?? 0);
      if (status === null || status === undefined) return { finalizedHeight, status: { level: 'absent' } };
      const level = status.confirmationStatus ?? 'processed';
      const fault = status.err === null ? null : JSON.stringify(status.err);
      return { finalizedHeight, status: { level, slot: BigInt(status.slot), fault } };
    });
  }
}
