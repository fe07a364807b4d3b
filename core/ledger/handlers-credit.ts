/** Granting credit, taking back what was not spent, and booking its expiry. */
import { breakageAccount, customerAccount, fundingAccount } from '#core/domain/account.ts';
import { available, settleDebts } from '#core/domain/charge.ts';
import { formatAmount, isAsset } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { CLAWED, entry } from '#core/domain/posting.ts';
import type { Entry } from '#core/domain/posting.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { unknownCustomer } from '#core/domain/unknown.ts';
import type { Engine } from './engine.ts';
import { sha256 } from './hash.ts';
import type { Answer, Command } from './port.ts';
import { leftOf } from './desk.ts';
import type { LoadedGrant } from './desk.ts';
import type { GrantRow } from './rows.ts';

type Grant = Extract<Command, { type: 'credit.grant' }>;
type ClawBack = Extract<Command, { type: 'credit.claw-back' }>;

/** Answers that were stored before credit could be taken back do not say that none was. */
function grantAnswer(body: Readonly<Record<string, unknown>>): unknown {
  const answer = body['answer'] as object;
  return 'clawedBackMinor' in answer ? answer : { ...answer, clawedBackMinor: '0' };
}

/** Adds credit; what the customer owes unbilled is paid from it in the same transaction. */
export function grantCredit(engine: Engine, command: Grant): Answer {
  const { desk, catalog, rater } = engine;
  const key = `credit.grant:${command.key}`;
  const request = sha256(command.request);
  const stored = engine.repeated(key, request, grantAnswer);
  if (stored) return stored;
  const id = catalog.resolve(command.customer);
  const customer = id === null ? null : catalog.customer(id);
  if (!customer) return { ok: false, refusal: unknownCustomer(command.customer) };
  if (command.amountMinor <= 0n || !isAsset(command.asset) || (command.expiresAtMs ?? Infinity) <= desk.nowMs) {
    return {
      ok: false,
      refusal: {
        code: 'AMOUNT_INVALID',
        detail: 'A grant is above zero and ends in the future, or never.',
        fix: 'Check amount, asset and expiry; nothing was granted.',
      },
    };
  }
  const asset: Asset = command.asset;
  const row = {
    id: command.id,
    book: desk.book.book,
    customer: customer.id,
    asset,
    source: command.source,
    note: command.note,
    priority: command.priority,
    granted: command.amountMinor.toString(),
    consumed: '0',
    expired: '0',
    clawed: '0',
    created_ms: desk.nowMs,
    expires_ms: command.expiresAtMs,
    tx: desk.nextSequence,
  };
  const standing = rater.standing(customer, asset);
  const debts = settleDebts(standing, { id: row.id, remainingMinor: command.amountMinor });
  desk.addGrant(row);
  const entries = [...grantEntries(row), ...debts.entries];
  const answer = grantView(engine, row, debts.paidMinor);
  desk.write({
    kind: 'credit.granted',
    subject: customer.id,
    key,
    request,
    happenedMs: desk.nowMs,
    actor: command.actor,
    body: JSON.stringify({ answer }),
    entries,
  });
  engine.watchExpiry(row);
  return { ok: true, value: answer };
}

/** The grant's own entries: into the wallet, from where such credit comes. */
function grantEntries(row: GrantRow): Entry[] {
  const asset = row.asset as Asset;
  const amountMinor = BigInt(row.granted);
  const account = customerAccount(row.customer, 'wallet', asset);
  const wallet: Entry = { account, amountMinor, grant: row.id, memo: 'granted' };
  return [wallet, entry(fundingAccount(row.source, asset), -amountMinor, 'granted')];
}

function grantView(engine: Engine, row: GrantRow, paidMinor: bigint) {
  return {
    id: row.id,
    customer: row.customer,
    asset: row.asset,
    source: row.source,
    note: row.note,
    priority: row.priority,
    grantedMinor: row.granted,
    consumedMinor: paidMinor.toString(),
    expiredMinor: '0',
    clawedBackMinor: '0',
    remainingMinor: (BigInt(row.granted) - paidMinor).toString(),
    createdMs: row.created_ms,
    expiresAtMs: row.expires_ms,
    transaction: engine.transactionId(row.tx),
  };
}

/** Takes back what a grant has left. What open holds count on stays: a promise is never made uncovered. */
export function clawBack(engine: Engine, command: ClawBack): Answer {
  const { desk, catalog, rater } = engine;
  const key = `credit.claw-back:${command.key}`;
  const request = sha256(command.request);
  const stored = engine.repeated(key, request);
  if (stored) return stored;
  const row = desk.store.get('credit_grant', command.grant);
  const customer = row && catalog.customer(row.customer);
  if (!row || !customer) {
    const detail = `There is no grant ${command.grant}.`;
    return { ok: false, refusal: { code: 'NOT_FOUND', detail, fix: "List the customer's grants." } };
  }
  const asset = row.asset as Asset;
  const grant = desk.grants(customer.id, asset).find((one) => one.row.id === row.id);
  const left = grant ? leftOf(grant) : 0n;
  const free = available(rater.standing(customer, asset));
  const most = left < free ? left : free > 0n ? free : 0n;
  const amount = command.amountMinor ?? most;
  if (!grant || amount <= 0n || amount > most) return { ok: false, refusal: cannotTake(asset, left, most) };
  const sequence = desk.nextSequence;
  const entries: Entry[] = [
    { account: customerAccount(customer.id, 'wallet', asset), amountMinor: -amount, grant: row.id, memo: CLAWED },
    entry(fundingAccount(row.source, asset), amount, CLAWED),
  ];
  const view = {
    ...grantView(engine, grant.row, 0n),
    consumedMinor: grant.consumed.toString(),
    expiredMinor: grant.expired.toString(),
    clawedBackMinor: (grant.clawed + amount).toString(),
    remainingMinor: (left - amount).toString(),
  };
  const answer = { grant: view, amountMinor: amount.toString(), transaction: engine.transactionId(sequence) };
  desk.write({
    kind: 'credit.clawed-back',
    subject: customer.id,
    key,
    request,
    happenedMs: desk.nowMs,
    actor: command.actor,
    body: JSON.stringify({ grant: row.id, amount: amount.toString(), reason: command.reason, answer }),
    entries,
  });
  return { ok: true, value: answer };
}

function cannotTake(asset: Asset, left: bigint, most: bigint): Refusal {
  if (left === 0n) {
    const detail = 'Nothing of this grant is left: it was spent, expired or taken back.';
    return { code: 'STATE_FORBIDS', detail, fix: 'Correct the usage it paid for, or leave it.' };
  }
  return {
    code: 'AMOUNT_INVALID',
    detail: `${formatAmount(left, asset)} is left, of which ${formatAmount(most, asset)} can be taken now.`,
    fix: 'Ask for at most that, or wait until open holds are closed; nothing was taken.',
    values: { leftMinor: left.toString(), mostMinor: most.toString() },
  };
}

/**
 * Books the end of a grant. What open holds still count on stays until they close: expiry never makes a promise
 * uncovered.
 */
export function expireGrant(engine: Engine, grant: LoadedGrant): boolean {
  const { desk, catalog, rater } = engine;
  const { row } = grant;
  const customer = catalog.customer(row.customer);
  if (!customer) return false;
  const asset = row.asset as Asset;
  const left = leftOf(grant);
  const free = available(rater.standing(customer, asset));
  const amount = left < free ? left : free;
  if (amount <= 0n) return false;
  desk.write({
    kind: 'credit.expired',
    subject: customer.id,
    happenedMs: row.expires_ms ?? desk.nowMs,
    actor: 'clock',
    body: JSON.stringify({ grant: row.id, amount: amount.toString() }),
    entries: [
      { account: customerAccount(customer.id, 'wallet', asset), amountMinor: -amount, grant: row.id, memo: 'expired' },
      entry(breakageAccount(asset), amount, 'expired'),
    ],
  });
  return true;
}
