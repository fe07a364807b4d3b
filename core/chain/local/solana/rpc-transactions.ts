/** RPC methods that send, simulate and look up transactions, and those about blockhashes and fees. */
import { accountShape, encodedAccount } from './encode-account.ts';
import { decodeMessage, decodeTransaction } from './decode-transaction.ts';
import { encodingOf, metaOf, statusOf, transactionBody, versionFor } from './encode-transaction.ts';
import type { RunResult, Trial } from './engine.ts';
import { feeOf } from './fees.ts';
import { checkMinSlot, framed } from './methods.ts';
import type { Chain, Methods } from './methods.ts';
import { checkedConfig, checkedKey, checkedSignature, checkedU64, invalidType } from './params.ts';
import type { Config, Params } from './params.ts';
import { CODES, RpcError, invalidParams } from './rpc-error.ts';
import { faultSentence } from './transaction-error.ts';
import type { TransactionFault } from './transaction-error.ts';
import { BLOCKHASH_AGE } from './window.ts';
import { signatureOf } from './wire.ts';
import type { WireTransaction } from './wire.ts';

const NOTHING_RAN = { logs: [], accounts: null, unitsConsumed: 0, returnData: null, innerInstructions: null };

/** A refused preflight, with what web3.js and Anchor read their logs from. */
function preflightError(err: TransactionFault, result?: RunResult): RpcError {
  const ran = result && { logs: result.logs, unitsConsumed: result.unitsConsumed, returnData: result.returnData };
  const data = { ...NOTHING_RAN, ...ran, err };
  return new RpcError(CODES.preflight, `Transaction simulation failed: ${faultSentence(err)}`, data);
}

function send(params: Params, chain: Chain): string {
  const config = params.config(1);
  const transaction = decodeTransaction(params.text(0), config);
  checkMinSlot(config, chain);
  const signature = signatureOf(transaction);
  if (config['skipPreflight'] !== true) preflight(transaction, chain);
  // What is dropped here is dropped silently, as in a real cluster: the signature never gets a status.
  chain.bank.send(transaction);
  return signature;
}

function preflight(transaction: WireTransaction, { bank }: Chain): void {
  const refusal = bank.refusalOf(transaction, signatureOf(transaction));
  if (refusal !== undefined) throw preflightError(refusal);
  const trial = bank.simulate(transaction, { verifies: true });
  if (trial.fault === 'SignatureFailure') {
    throw new RpcError(CODES.signatureVerification, 'Transaction signature verification failure');
  }
  if (trial.fault !== null) throw preflightError(trial.fault, trial);
}

/** Accounts as they would be afterwards, for `simulateTransaction` with `accounts`. */
function simulatedAccounts(asked: unknown, trial: Trial, chain: Chain): unknown {
  if (asked === undefined || asked === null) return null;
  const { addresses, ...rest } = checkedConfig(asked) as Config & { addresses?: unknown };
  if (!Array.isArray(addresses)) throw invalidType(addresses, 'a sequence');
  const shape = accountShape(rest, 'base64');
  if (shape.encoding === 'binary' || shape.encoding === 'base58') {
    throw invalidParams('base58 encoding not supported');
  }
  return addresses.map(checkedKey).map((address) => {
    if (trial.fault !== null) return null;
    const state = trial.after(address) ?? chain.bank.account(address);
    return encodedAccount({ address, state }, shape, chain.bank);
  });
}

function simulate(params: Params, chain: Chain): unknown {
  const config = params.config(1);
  const transaction = decodeTransaction(params.text(0), config);
  checkMinSlot(config, chain);
  const [verifies, replaces] = [config['sigVerify'] === true, config['replaceRecentBlockhash'] === true];
  if (verifies && replaces) throw invalidParams('sigVerify may not be used with replaceRecentBlockhash');
  const refusal = replaces ? undefined : chain.bank.refusalOf(transaction, signatureOf(transaction));
  const trial = chain.bank.simulate(transaction, { verifies });
  if (verifies && trial.fault === 'SignatureFailure') {
    throw new RpcError(CODES.signatureVerification, 'Transaction signature verification failure');
  }
  if (refusal !== undefined) return framed(chain, { ...NOTHING_RAN, err: refusal, loadedAccountsDataSize: 0 });
  const { latest, height } = chain.bank;
  return framed(chain, {
    err: trial.fault,
    logs: trial.logs,
    accounts: simulatedAccounts(config['accounts'], trial, chain),
    unitsConsumed: trial.unitsConsumed,
    loadedAccountsDataSize: 0,
    returnData: trial.returnData,
    innerInstructions: config['innerInstructions'] === true ? trial.inner : null,
    ...(replaces
      ? { replacementBlockhash: { blockhash: latest.hash, lastValidBlockHeight: height + BigInt(BLOCKHASH_AGE) } }
      : {}),
  });
}

function statuses(params: Params, chain: Chain): unknown {
  const signatures = params.list(0, 256).map(checkedSignature);
  const values = signatures.map((signature) => {
    const record = chain.bank.history.get(signature);
    if (record === undefined) return null;
    const { slot, fault } = record;
    return { slot, confirmations: null, err: fault, status: statusOf(fault), confirmationStatus: 'finalized' };
  });
  return framed(chain, values);
}

function signaturesFor(params: Params, chain: Chain): unknown {
  const address = params.key(0);
  const config = params.config(1);
  checkMinSlot(config, chain);
  const limit = config['limit'] === undefined || config['limit'] === null ? 1000 : checkedU64(config['limit']);
  if (limit === 0 || limit > 1000) throw invalidParams('Invalid limit; max 1000');
  const all = chain.bank.history.signaturesOf(address);
  const at = (name: 'before' | 'until'): number =>
    config[name] === undefined || config[name] === null ? -1 : all.indexOf(checkedSignature(config[name]));
  const [before, until] = [at('before'), at('until')];
  const from = before + 1;
  const page = all.slice(from, until < 0 ? undefined : until).slice(0, limit);
  return page.flatMap((signature) => {
    const record = chain.bank.history.get(signature);
    if (record === undefined) return [];
    const { slot, fault, memo, blockTime } = record;
    return [{ signature, slot, err: fault, memo, blockTime, confirmationStatus: 'finalized' }];
  });
}

function lookedUp(params: Params, chain: Chain): unknown {
  const signature = params.signature(0);
  const second = params.raw(1);
  // Old clients pass the encoding alone.
  const config = typeof second === 'string' ? { encoding: second } : params.config(1);
  const encoding = encodingOf(config);
  const record = chain.bank.history.get(signature);
  if (record === undefined) return null;
  return {
    slot: record.slot,
    blockTime: record.blockTime,
    ...versionFor(record, config),
    transaction: transactionBody(record, encoding),
    meta: metaOf(record, encoding),
  };
}

function airdrop(params: Params, { bank }: Chain): string {
  const [address, lamports] = [params.atLeast(2).key(0), params.u64(1)];
  const sent = bank.airdrop(address, BigInt(lamports));
  if ('landed' in sent && sent.landed.fault === null) return sent.landed.signature;
  const fault = 'landed' in sent ? sent.landed.fault : sent.dropped;
  throw new RpcError(CODES.internal, `airdrop request failed: ${faultSentence(fault ?? '')}`);
}

export const transactionMethods: Methods = {
  sendTransaction: send,
  simulateTransaction: simulate,
  requestAirdrop: airdrop,
  getSignatureStatuses: statuses,
  getSignaturesForAddress: signaturesFor,
  getTransaction: lookedUp,
  getLatestBlockhash: (params, chain) => {
    checkMinSlot(params.config(0), chain);
    const { latest, height } = chain.bank;
    return framed(chain, { blockhash: latest.hash, lastValidBlockHeight: height + BigInt(BLOCKHASH_AGE) });
  },
  isBlockhashValid: (params, chain) => {
    const hash = checkedKey(params.atLeast(1).raw(0));
    checkMinSlot(params.config(1), chain);
    return framed(chain, chain.bank.isBlockhashValid(hash));
  },
  getFeeForMessage: (params, chain) => {
    const [text, config] = [params.text(0), params.config(1)];
    const message = decodeMessage(text);
    checkMinSlot(config, chain);
    return framed(chain, chain.bank.isAcceptable(message) ? feeOf(message) : null);
  },
};
