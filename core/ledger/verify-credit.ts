/** Grants against the wallet entries that name them: what they gave, what is left, and the order they were burnt in. */
import { burnOrder } from '#core/domain/credit.ts';
import type { Grant } from '#core/domain/credit.ts';
import { CLAWED, REFUND } from '#core/domain/posting.ts';
import type { EntryRow, GrantRow } from './rows.ts';
import type { Holds } from './verify-holds.ts';
import type { Auditor, Balances, JournalItem } from './verify-journal.ts';
import { bad, match } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';

type Fold = {
  id: string;
  tx: number;
  wallet: string;
  granted: bigint;
  consumed: bigint;
  expired: bigint;
  clawed: bigint;
  priority: number;
  expiresAtMs: number | null;
  createdAtMs: number;
};
type Answer = Readonly<{
  id: string;
  customer: string;
  asset: string;
  source: string;
  note: string;
  priority: number;
  grantedMinor: string;
  createdMs: number;
  expiresAtMs: number | null;
}>;

/** Memos of entries that say themselves which grant they mean. */
const NAMED = new Set(['expired', CLAWED]);

const leftOf = (grant: Fold): bigint => grant.granted - grant.consumed - grant.expired - grant.clawed;
const ranked = (grant: Fold): Grant => ({ ...grant, grantedMinor: grant.granted, remainingMinor: leftOf(grant) });

export class Credit {
  readonly #audit: Audit;
  readonly #holds: Holds;
  readonly #grants = new Map<string, Fold>();
  /** Grants with something left, by wallet. */
  readonly #live = new Map<string, Fold[]>();
  readonly #row;
  readonly auditor: Auditor;

  constructor(audit: Audit, holds: Holds, kinds: readonly string[]) {
    this.#audit = audit;
    this.#holds = holds;
    this.#row = audit.connection.prepare('SELECT * FROM credit_grant WHERE id = ? AND book = ?');
    this.auditor = { kinds, take: (item) => this.#take(item) };
  }

  #take(item: JournalItem): void {
    if (item.tx.kind === 'credit.granted') this.#takeGranted(item);
    const burnt: Fold[] = [];
    for (const entry of item.entries) {
      const isWallet = entry.account.includes(':wallet:');
      if (isWallet === (entry.grant_id === null)) {
        bad('entry', [entry.tx, entry.line], 'Wallet entries name a grant, and no others do.');
      }
      if (entry.grant_id !== null && entry.memo === REFUND) this.#takeRefund(entry, entry.grant_id);
      else if (entry.grant_id !== null && !entry.amount.startsWith('-')) this.#matchGranted(entry);
      else if (entry.grant_id !== null) this.#spend(entry, entry.grant_id, burnt);
    }
    if (burnt.length > 0) this.#checkOrder(item, burnt);
    if (item.tx.kind === 'credit.expired' || item.tx.kind === 'credit.clawed-back') this.#matchTaken(item);
  }

  #takeGranted({ tx, body }: JournalItem): void {
    const answer = body['answer'] as Answer;
    const row = this.#row.get(answer.id, this.#audit.book.book) as GrantRow | undefined;
    match('credit_grant', answer.id, row, {
      customer: answer.customer,
      asset: answer.asset,
      source: answer.source,
      note: answer.note,
      tx: tx.seq,
      priority: answer.priority,
      granted: answer.grantedMinor,
      created_ms: answer.createdMs,
      expires_ms: answer.expiresAtMs,
    });
    const wallet = `${answer.customer}:wallet:${answer.asset}`;
    const fold: Fold = {
      id: answer.id,
      tx: tx.seq,
      wallet,
      granted: BigInt(answer.grantedMinor),
      consumed: 0n,
      expired: 0n,
      clawed: 0n,
      priority: answer.priority,
      expiresAtMs: answer.expiresAtMs,
      createdAtMs: answer.createdMs,
    };
    if (this.#grants.has(fold.id)) bad('tx', tx.seq, 'It grants what was granted before.');
    this.#grants.set(fold.id, fold);
    const live = this.#live.get(wallet);
    if (live) live.push(fold);
    else this.#live.set(wallet, [fold]);
  }

  #foldOf(entry: EntryRow, id: string): Fold {
    const fold = this.#grants.get(id);
    if (fold?.wallet === entry.account) return fold;
    return bad('entry', [entry.tx, entry.line], 'grant_id names no grant of this wallet.');
  }

  #matchGranted(entry: EntryRow): void {
    const fold = this.#foldOf(entry, entry.grant_id ?? '');
    if (fold.tx === entry.tx && fold.granted === BigInt(entry.amount)) return;
    bad('entry', [entry.tx, entry.line], 'It adds to a wallet what no grant of this transaction gave.');
  }

  #spend(entry: EntryRow, id: string, burnt: Fold[]): void {
    const fold = this.#foldOf(entry, id);
    const amount = -BigInt(entry.amount);
    if (entry.memo === 'expired') fold.expired += amount;
    else if (entry.memo === CLAWED) fold.clawed += amount;
    else fold.consumed += amount;
    if (leftOf(fold) < 0n) bad('entry', [entry.tx, entry.line], 'Its grant never was this much.');
    // Expiry, a claw-back and a new grant's debts say which grant they mean; everything else takes the next in order.
    if (!NAMED.has(entry.memo) && fold.tx !== entry.tx) burnt.push(fold);
    if (leftOf(fold) === 0n) this.#retire(fold);
  }

  /** What goes back to a grant was paid by it before; a spent grant can pay again. */
  #takeRefund(entry: EntryRow, id: string): void {
    const fold = this.#foldOf(entry, id);
    const amount = BigInt(entry.amount);
    if (amount <= 0n || amount > fold.consumed) {
      bad('entry', [entry.tx, entry.line], 'It gives back to a grant what that never paid.');
    }
    if (leftOf(fold) === 0n) this.#revive(fold);
    fold.consumed -= amount;
  }

  #revive(fold: Fold): void {
    const live = this.#live.get(fold.wallet);
    if (live) live.push(fold);
    else this.#live.set(fold.wallet, [fold]);
  }

  #retire(fold: Fold): void {
    const live = (this.#live.get(fold.wallet) ?? []).filter((one) => one !== fold);
    if (live.length === 0) this.#live.delete(fold.wallet);
    else this.#live.set(fold.wallet, live);
  }

  #checkOrder({ tx, body }: JournalItem, burnt: readonly Fold[]): void {
    const wallet = burnt[0]?.wallet ?? '';
    const live = this.#live.get(wallet) ?? [];
    if (live.length === 0) return;
    // A hold keeps the credit that was valid when it was opened.
    const atMs = tx.kind === 'hold.captured' ? this.#holds.row(String(body['hold'])).opened_ms : tx.recorded_ms;
    for (const before of live) {
      if (before.expiresAtMs !== null && before.expiresAtMs <= atMs) continue;
      for (const used of burnt) {
        if (burnOrder(ranked(before), ranked(used)) < 0) {
          bad('tx', tx.seq, `It burns the grant ${used.id} before ${before.id}, which was to go first.`);
        }
      }
    }
  }

  /** An expiry or a claw-back takes from the grant, and as much, as it says. */
  #matchTaken({ tx, body, entries }: JournalItem): void {
    const wallet = entries[0];
    if (wallet?.grant_id === body['grant'] && wallet?.amount === `-${String(body['amount'])}`) return;
    bad('tx', tx.seq, 'It takes something else than it says.');
  }

  /** Rows are the fold of the journal, and each wallet is what its grants have left. */
  *check(balances: Balances): Generator<Step> {
    const total = this.#grants.size;
    let checked = 0;
    const rows = this.#audit.connection.prepare('SELECT id, consumed, expired, clawed FROM credit_grant ORDER BY id');
    for (const row of rows.iterate() as IterableIterator<GrantRow>) {
      const fold = this.#grants.get(row.id);
      if (!fold) bad('credit_grant', row.id, 'No transaction granted it.');
      match('credit_grant', row.id, row, {
        consumed: fold.consumed.toString(),
        expired: fold.expired.toString(),
        clawed: fold.clawed.toString(),
      });
      checked += 1;
      if (checked % 2_000 === 0) yield { checked, total };
    }
    for (const [wallet, live] of this.#live) {
      const left = live.reduce((sum, grant) => sum + leftOf(grant), 0n);
      if (balances.get(wallet)?.posted !== left) bad('account', wallet, 'It is not what its grants have left.');
    }
    yield { checked, total };
  }
}
