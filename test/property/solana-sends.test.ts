import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { Sighting, Signed } from '#core/chain/solana/sends/record.ts';
import { Sender } from '#core/chain/solana/sends/sender.ts';
import type { SendChain } from '#core/chain/solana/sends/sender.ts';
import { memorySendStore } from '#core/chain/solana/sends/store.ts';
import { sendBooks } from '../support/send-books.ts';

const AGE = 5n;
/** Blocks between processed and finalized. */
const DEPTH = 3n;

/** A cluster in small: transactions arrive late, twice, in any order or never, and endpoints lag behind one another. */
class Cluster {
  height = 100n;
  /** Bytes on their way, as the signature they carry. */
  readonly flying: string[] = [];
  readonly included = new Map<string, bigint>();
  readonly validUntil = new Map<string, bigint>();
  readonly executions = new Map<string, number>();
  readonly faulty = new Set<string>();

  #signatures = 0;

  /** No two are alike, as no two blockhashes are. */
  sign(intent: string, attempt: number): Signed {
    this.#signatures += 1;
    const signature = `${intent}#${attempt}@${this.#signatures}`;
    const lastValidBlockHeight = this.height + AGE;
    this.validUntil.set(signature, lastValidBlockHeight);
    return { signature, bytes: Buffer.from(signature), blockhash: `${this.height}`, lastValidBlockHeight };
  }

  /** One of those on their way reaches a leader. */
  deliver(index: number): void {
    const [signature] = this.flying.splice(index % Math.max(1, this.flying.length), 1);
    if (signature === undefined || this.included.has(signature)) return;
    if (this.height > (this.validUntil.get(signature) ?? 0n)) return;
    this.included.set(signature, this.height);
    const [intent = ''] = signature.split('#');
    this.executions.set(intent, (this.executions.get(intent) ?? 0) + 1);
  }

  /** What an endpoint that is some blocks behind has seen. */
  seen(signature: string, lag: bigint): Sighting {
    const height = this.height - lag;
    const at = this.included.get(signature);
    const finalizedHeight = height - DEPTH;
    if (at === undefined || at > height) return { finalizedHeight, status: { level: 'absent' } };
    const fault = this.faulty.has(signature) ? 'failed' : null;
    const level = at <= finalizedHeight ? 'finalized' : at < height ? 'confirmed' : 'processed';
    return { finalizedHeight, status: { level, slot: at, fault } };
  }
}

type Step =
  | { type: 'step'; intent: string; lag: number; answer: 'ok' | 'refused' | 'lost'; crash: number }
  | { type: 'blocks'; count: number }
  | { type: 'deliver'; index: number };

class Crash extends Error {}

/** A sender whose process dies after so many calls to the outside. */
function sender(
  cluster: Cluster,
  store: ReturnType<typeof memorySendStore>,
  step: Extract<Step, { type: 'step' }>,
): Sender {
  let left = step.crash;
  const alive = (): void => {
    left -= 1;
    if (left === 0) throw new Crash();
  };
  const chain: SendChain = {
    submit: async (bytes) => {
      if (step.answer !== 'lost') cluster.flying.push(Buffer.from(bytes).toString());
      if (step.answer === 'refused') throw new Error('the endpoint refused');
    },
    look: async (signature) => {
      if (step.answer === 'lost') throw new Error('nobody answers');
      return cluster.seen(signature, BigInt(step.lag));
    },
  };
  const crashing = {
    load: store.load,
    open: store.open,
    put: async (...args: Parameters<typeof store.put>) => {
      alive();
      const kept = await store.put(...args);
      alive();
      return kept;
    },
  };
  return new Sender(crashing, chain);
}

const intents = ['a', 'b', 'c'];
const arbStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('step' as const),
    intent: fc.constantFrom(...intents),
    lag: fc.nat({ max: 12 }),
    answer: fc.constantFrom('ok' as const, 'refused' as const, 'lost' as const),
    crash: fc.nat({ max: 6 }),
  }),
  fc.record({ type: fc.constant('blocks' as const), count: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ type: fc.constant('deliver' as const), index: fc.nat({ max: 20 }) }),
);

async function take(cluster: Cluster, store: ReturnType<typeof memorySendStore>, step: Step): Promise<void> {
  if (step.type === 'blocks') cluster.height += BigInt(step.count);
  else if (step.type === 'deliver') cluster.deliver(step.index);
  else {
    const sign = async (attempt: number): Promise<Signed> => cluster.sign(step.intent, attempt);
    await sender(cluster, store, step)
      .step(step.intent, sign)
      .catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
  }
}

/** Everything goes well from now on. */
async function calm(cluster: Cluster, store: ReturnType<typeof memorySendStore>): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    for (const intent of intents) {
      await take(cluster, store, { type: 'step', intent, lag: 0, answer: 'ok', crash: 0 });
    }
    while (cluster.flying.length > 0) cluster.deliver(0);
    cluster.height += 2n;
  }
}

describe('any interleaving over the books', () => {
  test.prop([fc.array(arbStep, { maxLength: 80 }), fc.array(fc.nat({ max: 80 }), { maxLength: 3 })], { numRuns: 25 })(
    'ends with each intent executed once, whenever the file was opened anew, and the books prove it',
    async (steps, reopened) => {
      const books = sendBooks({ network: 'solana/test', account: 'payer' });
      try {
        const cluster = new Cluster();
        let [store, owner] = [books.solana('0'), 0];
        for (const [index, step] of steps.entries()) {
          if (reopened.includes(index)) {
            books.reopen();
            owner += 1;
            store = books.solana(`${owner}`);
          }
          await take(cluster, store, step);
          for (const count of cluster.executions.values()) expect(count).toBe(1);
        }
        await calm(cluster, store);
        for (const intent of intents) {
          expect(cluster.executions.get(intent)).toBe(1);
          expect((await store.load(intent))?.state).toBe('finalized');
        }
        expect(await store.open()).toEqual([]);
        expect(books.world.verify().problem).toBeNull();
      } finally {
        books.dispose();
      }
    },
  );
});

describe('any interleaving', () => {
  test.prop([fc.array(arbStep, { maxLength: 120 })], { numRuns: 500 })(
    'ends with each intent executed once, and never has one executed twice',
    async (steps) => {
      const [cluster, store] = [new Cluster(), memorySendStore()];
      for (const step of steps) {
        await take(cluster, store, step);
        for (const count of cluster.executions.values()) expect(count).toBe(1);
      }
      await calm(cluster, store);
      for (const intent of intents) {
        expect(cluster.executions.get(intent)).toBe(1);
        expect((await store.load(intent))?.state).toBe('finalized');
      }
    },
  );

  test.prop([fc.array(arbStep, { maxLength: 60 }), fc.array(arbStep, { maxLength: 60 })], { numRuns: 200 })(
    'of two workers over one store executes each intent once',
    async (one, other) => {
      const [cluster, store] = [new Cluster(), memorySendStore()];
      const run = async (steps: readonly Step[]): Promise<void> => {
        for (const step of steps) await take(cluster, store, step);
      };
      await Promise.all([run(one), run(other)]);
      await calm(cluster, store);
      for (const intent of intents) expect(cluster.executions.get(intent)).toBe(1);
    },
  );
});
