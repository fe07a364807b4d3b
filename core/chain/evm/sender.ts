/**
 * Sends an account's transactions so that each intent is executed once, whatever a node answers, loses or says twice.
 *
 * One sender owns an account's nonces. A nonce is taken and written down before anything is signed, bytes are written
 * down before they are sent, and an answer is never believed over the chain: a send that may have arrived is looked
 * for, and what is sent again is the same bytes, or bytes with the same nonce. A send is built anew only when the
 * foreign transaction that used its nonce has been seen in a block that is not taken back.
 */
import { bytesToHex, keccak256, numberToHex } from 'viem';
import type { Address, Hex } from 'viem';
import { invariant } from '#core/domain/refusal.ts';
import type { SignerBackend } from '#core/signing/port.ts';
import { ChainError, chainRefuses } from '../error.ts';
import type { ChainProblem } from '../error.ts';
import type { EvmConnection } from './connection.ts';
import { offer, offerAgain } from './fees.ts';
import type { FeePolicy, Fees } from './fees.ts';
import { findReceipts, whoUsedNonce } from './receipts.ts';
import { tellRefusal } from './reverts.ts';
import { EndpointError, isPassing } from './rpc.ts';
import { isTerminal } from './send.ts';
import type { Attempt, Intent, Send, SendStore } from './send.ts';

export type SenderOptions = Readonly<{
  connection: EvmConnection;
  signer: SignerBackend;
  account: Address;
  store: SendStore;
  fees: FeePolicy;
  /** How long bytes may wait for a block before more is offered for them. */
  raiseAfterMs: number;
  now: () => number;
}>;

/** What a pass could not do, for a person to read; the send stays as it was and the next pass tries again. */
export type Trouble = Readonly<{ id: string; problem: ChainProblem }>;

/** Gas beyond the estimate: state may move between the estimate and the block. */
const withMargin = (gas: bigint): bigint => gas + gas / 5n + 5_000n;

export class EvmSender {
  readonly #options: SenderOptions;
  /** One thing at a time: two passes side by side could both sign for one nonce. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /**
   * Takes an intent: tries it against the chain, takes a nonce, writes it down. The same id again answers with the
   * send it has; another body under it is refused. Rejects with REVERTED and the reason where the contract would
   * refuse, and with RPC_DOWN where nobody answers: nothing is written then.
   */
  submit(intent: Intent): Promise<Send> {
    return this.#alone(async () => {
      const known = await this.#options.store.load(intent.id);
      if (known !== undefined) return sameIntent(known, intent);
      const gas = await this.#estimate(intent);
      const head = await this.#options.connection.agreedHead();
      const send: Send = {
        intent,
        account: this.#options.account,
        nonce: await this.#nextNonce(head.number),
        gas,
        state: 'built',
        attempts: [],
        mined: null,
        generation: 0,
        replaced: [],
        builtAtBlock: head.number,
        version: 1,
      };
      await this.#options.store.save(send);
      return send;
    });
  }

  /** One pass over all that is open, in the order of nonces. Gives what stood in the way of each that did not move. */
  advance(): Promise<Trouble[]> {
    return this.#alone(async () => {
      const troubles: Trouble[] = [];
      for (const send of await this.#options.store.open(this.#options.account)) {
        try {
          await this.#move(send);
        } catch (error) {
          if (error instanceof ChainError) troubles.push({ id: send.intent.id, problem: error.refusal });
          else if (isPassing(error)) troubles.push({ id: send.intent.id, problem: unanswered(error as EndpointError) });
          else throw error;
        }
      }
      return troubles;
    });
  }

  /** Passes until a send is at its end, pausing between them. Rejects when the signal says so. */
  async finish(id: string, { signal, pauseMs }: Readonly<{ signal: AbortSignal; pauseMs: number }>): Promise<Send> {
    for (;;) {
      signal.throwIfAborted();
      await this.advance();
      const send = await this.#options.store.load(id);
      invariant(send !== undefined, 'a send that was taken is kept');
      if (isTerminal(send)) return send;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #estimate({ to, data, valueWei }: Intent): Promise<bigint> {
    const call = {
      from: this.#options.account,
      data,
      value: numberToHex(valueWei),
      ...(to === undefined ? {} : { to }),
    };
    try {
      return withMargin(BigInt((await this.#options.connection.rpc.first('eth_estimateGas', [call])) as Hex));
    } catch (error) {
      throw error instanceof EndpointError ? tellRefusal(error) : error;
    }
  }

  /** Above all that the chain has seen of the account and all that was ever taken here. */
  async #nextNonce(blockNumber: bigint): Promise<bigint> {
    const { connection, account, store } = this.#options;
    const onChain = await connection.agreedNonce(account, blockNumber);
    const last = await store.lastNonce(account);
    return last === undefined || onChain > last ? onChain : last + 1n;
  }

  async #save(send: Send, change: Partial<Send>): Promise<Send> {
    const next = { ...send, ...change, version: send.version + 1 };
    await this.#options.store.save(next);
    return next;
  }

  async #move(send: Send): Promise<void> {
    switch (send.state) {
      case 'built':
        return this.#broadcast(await this.#signFirst(send));
      case 'signed':
        return this.#broadcast(send);
      case 'sent':
      case 'confirmed':
        return this.#look(send);
      case 'replaced':
        return this.#buildAnew(send);
      case 'finalized':
      case 'reverted':
        return undefined;
    }
  }

  async #signFirst(send: Send): Promise<Send> {
    const { baseFeePerGasWei } = await this.#options.connection.agreedHead();
    return this.#sign(send, offer(baseFeePerGasWei, this.#options.fees));
  }

  /** Signs a send's bytes with an offer, and writes them down before anyone sees them. */
  async #sign(send: Send, { maxFeePerGasWei, maxPriorityFeePerGasWei }: Fees): Promise<Send> {
    const { connection, signer, account, now } = this.#options;
    const { network } = connection;
    const { to, data, valueWei, summary } = send.intent;
    const { gas, nonce } = send;
    const body = { valueWei, data, gas, nonce, maxFeePerGasWei, maxPriorityFeePerGasWei, chainId: network.chainId };
    const transaction = to === undefined ? body : { ...body, to };
    const signed = await signer.sign(
      { type: 'evm.tx', network, account, transaction, summary },
      { approvalId: send.intent.id, signal: AbortSignal.timeout(10 * 60_000), onStep: () => undefined },
    );
    invariant(signed.transaction !== undefined, 'a signer of transactions gives the signed transaction');
    const raw = bytesToHex(signed.transaction);
    const attempt: Attempt = { hash: keccak256(raw), raw, maxFeePerGasWei, maxPriorityFeePerGasWei, signedMs: now() };
    return this.#save(send, {
      state: send.state === 'built' ? 'signed' : send.state,
      attempts: [...send.attempts, attempt],
    });
  }

  /** Sends the latest bytes to every node. Whatever comes back, a node may have them now: that is written first. */
  async #broadcast(send: Send): Promise<void> {
    const attempt = send.attempts.at(-1);
    invariant(attempt !== undefined, 'what is sent was signed');
    const sent = send.state === 'sent' ? send : await this.#save(send, { state: 'sent', mined: null });
    const answers = await this.#options.connection.rpc.all('eth_sendRawTransaction', [attempt.raw]);
    const errors = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    if (errors.length < answers.length) return;
    const refused = errors.find((error) => error instanceof EndpointError && error.kind === 'refused');
    if (refused === undefined) throw unreachable();
    if (isKnownAlready(refused as EndpointError)) return;
    const problem = tellRefusal(refused as EndpointError);
    if (problem.code === 'UNDERPRICED') return this.#raise(sent, problem);
    // A used nonce may be our own doing, told twice: the next look finds out.
    if (problem.code !== 'NONCE_TOO_LOW') throw problem;
  }

  /** Signs the same with more offered, and sends it; the old bytes stay valid, but one nonce executes once. */
  async #raise(send: Send, problem: ChainError): Promise<void> {
    const attempt = send.attempts.at(-1);
    invariant(attempt !== undefined, 'what is raised was signed');
    const { baseFeePerGasWei } = await this.#options.connection.agreedHead();
    const fees = offerAgain(attempt, baseFeePerGasWei, this.#options.fees);
    if (fees === undefined) throw problem;
    const raised = await this.#sign(send, fees);
    await this.#options.connection.rpc.all('eth_sendRawTransaction', [raised.attempts.at(-1)?.raw]);
  }

  /** Looks where a send is: in a block, in one that is final, nowhere so far, or robbed of its nonce. */
  async #look(send: Send): Promise<void> {
    const { connection } = this.#options;
    const head = await connection.agreedHead();
    const mined = await findReceipts(connection, send.attempts);
    if (mined !== null) {
      const isFinal = head.number >= mined.blockNumber + connection.profile.finalityBlocks;
      const state = isFinal ? (mined.isSuccess ? 'finalized' : 'reverted') : 'confirmed';
      if (state !== send.state || mined.blockHash !== send.mined?.blockHash) await this.#save(send, { state, mined });
      return;
    }
    const lost = send.state === 'confirmed' ? await this.#save(send, { state: 'sent', mined: null }) : send;
    const finalNumber = head.number - connection.profile.finalityBlocks;
    if (finalNumber >= 0n && (await connection.agreedNonce(send.account, finalNumber)) > send.nonce) {
      return this.#findWhoUsedNonce(lost, finalNumber);
    }
    const attempt = lost.attempts.at(-1);
    const isOld = this.#options.now() - (attempt?.signedMs ?? 0) >= this.#options.raiseAfterMs;
    return isOld ? this.#raise(lost, tooOld(lost)) : this.#broadcast(lost);
  }

  /**
   * The nonce was used in a block that stays. Only the transaction itself tells by whom: one of ours whose receipt the
   * nodes do not show yet is waited for, a foreign one means that ours can never be executed, and it is built anew.
   */
  async #findWhoUsedNonce(send: Send, finalNumber: bigint): Promise<void> {
    const { connection, account } = this.#options;
    const user = await whoUsedNonce(connection, {
      account,
      nonce: send.nonce,
      from: send.builtAtBlock,
      upTo: finalNumber,
    });
    if (user === undefined || send.attempts.some(({ hash }) => hash === user)) return;
    await this.#buildAnew(await this.#save(send, { state: 'replaced' }));
  }

  async #buildAnew(send: Send): Promise<void> {
    const { number } = await this.#options.connection.agreedHead();
    const finalNumber = number - this.#options.connection.profile.finalityBlocks;
    await this.#save(send, {
      state: 'built',
      nonce: await this.#nextNonce(finalNumber),
      attempts: [],
      mined: null,
      generation: send.generation + 1,
      replaced: [...send.replaced, ...send.attempts.map(({ hash }) => hash)],
      builtAtBlock: finalNumber,
    });
  }
}

function sameIntent(known: Send, intent: Intent): Send {
  const { to, data, valueWei } = known.intent;
  if (to === intent.to && data === intent.data && valueWei === intent.valueWei) return known;
  return chainRefuses({
    code: 'STATE_FORBIDS',
    detail: `The id ${intent.id} stands for another transaction.`,
    fix: 'Send this one under an id of its own.',
  });
}

function isKnownAlready({ message }: EndpointError): boolean {
  return /already known|already imported|known transaction|ALREADY_EXISTS/i.test(message);
}

function unreachable(): ChainError {
  return new ChainError({
    code: 'RPC_DOWN',
    detail: 'No endpoint said whether it took the transaction.',
    fix: 'It is looked for on the chain, and sent again as it is; nothing is signed anew.',
  });
}

function unanswered(error: EndpointError): ChainProblem {
  return { code: 'RPC_DOWN', detail: `An endpoint gave no answer (${error.message}).`, fix: 'It is asked again.' };
}

function tooOld({ intent }: Send): ChainError {
  return new ChainError({
    code: 'FEE_ABOVE_CAP',
    detail: `${intent.summary} waits for a block, and the fee cap allows no higher offer.`,
    fix: 'Wait until gas is cheaper, or raise the cap.',
  });
}
