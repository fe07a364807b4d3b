/** The port of the books: the commands that can be committed and what they answer. No transaction handle crosses it. */
import type { AlertFacts } from '#core/domain/notice.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import type { RunKind } from '#core/domain/run.ts';
import type { SendState } from '#core/domain/send.ts';

/** A "no" is a value; a thrown error means the outcome is unknown and the same key may be sent again. */
export type Answer<T = unknown> = Readonly<{ ok: true; value: T } | { ok: false; refusal: Refusal }>;

type Who = Readonly<{ actor: string }>;
/**
 * With a key the answer is stored for ever: the same request again gets it again. `request` is the canonical request.
 */
type Keyed = Readonly<{ key: string; request: string }>;

/** A configuration document (customer, meter, price, plan, key, operator, settings) and the names that lead to it. */
export type SetRecord = Who &
  Readonly<{
    type: 'record.set';
    kind: string;
    id: string;
    body: Readonly<Record<string, unknown>>;
    /** Names to give or take; a name that leads elsewhere is a CONFLICT. */
    names: readonly Readonly<{ kind: string; name: string; take?: boolean }>[];
    /** The transaction the caller saw last, 0 for none: a change in between is refused. Absent: whatever is there. */
    expect?: number;
    /** Answer the existing record instead, when the first name is taken. */
    orExisting?: boolean;
    key?: string;
    request?: string;
    /** Secrets to keep or forget with it. They stay out of the journal; the body has the SHA-256 of each. */
    secrets?: Readonly<{ keep: readonly Readonly<{ id: string; value: string }>[]; forget: readonly string[] }>;
  }>;

/** A slice of at most 50 events, in columns, ready to be written: `fingerprints` are 32 bytes each. */
export type AcceptUsage = Who &
  Readonly<{
    type: 'usage.accept';
    source: readonly string[];
    id: readonly string[];
    subject: readonly string[];
    kind: readonly string[];
    meter: readonly (string | null)[];
    units: readonly (bigint | null)[];
    occurredMs: readonly number[];
    data: readonly string[];
    fingerprints: Uint8Array;
    root: Uint8Array;
    /** All of it or nothing, up to 100 events: any that is not new refuses the rest, with the letters of all. */
    whole?: true;
  }>;
/**
 * One letter an event: accepted, accepted though its customer is unknown (parked), duplicate, conflict, refused
 * (customer unknown).
 */
export type AcceptResult = Readonly<{ results: string; firstSequence: number; lastSequence: number }>;

/** What a capture books. An event that names itself (`source` and `id`) also says whose it is and what it counts. */
export type CaptureEvent = Readonly<{
  source: string;
  id: string;
  occurredMs: number | null;
  data: string;
  fingerprint: Uint8Array | null;
  units: bigint | null;
  customer?: string;
  meter?: string;
}>;

/** Bytes signed for a send, in hex. */
export type SignedBytes = Readonly<{ hash: string; bytes: string; detail: string }>;

/** One version of a transaction on its way to a chain. Texts are canonical JSON of what is specific to the chain. */
export type SaveSend = Who &
  Readonly<{
    type: 'send.save';
    network: string;
    account: string;
    id: string;
    version: number;
    state: SendState;
    generation: number;
    nonce: string | null;
    summary: string;
    /** What is wanted; fixed from the first version on. */
    intent: string;
    /** What is known of it by now. */
    detail: string;
    /** What was signed in this version. */
    attempt: SignedBytes | null;
    /** Of the lease under which it is moved; it is renewed by as much. */
    lease: Readonly<{ epoch: number; ttlMs: number }>;
  }>;

/** What an alert says beside what its rule knows. */
export type AlertWords = Omit<AlertFacts, 'name' | 'kind' | 'unit' | 'value' | 'threshold'>;

/** What a rule sees of a subject now; null when there is no such subject any more. */
export type ObserveAlert = Who &
  Readonly<{ type: 'alert.observe'; rule: string; subject: string; value: bigint | null; words: AlertWords | null }>;

/** How a try of a delivery went: the `no`-th one. */
export type NoticeTried = Who &
  Readonly<{
    type: 'notice.tried';
    notice: string;
    no: number;
    ok: boolean;
    status: number | null;
    detail: string;
    /** The receiver wants it no more. */
    isGone: boolean;
  }>;

export type Command =
  | ObserveAlert
  | (Who & Readonly<{ type: 'alert.acknowledge'; alert: string }>)
  | NoticeTried
  /** Asks for a notice that only tries a channel. */
  | (Who & Readonly<{ type: 'notice.test'; channel: string }>)
  /** Asks for a notice to be sent again, under its own id. */
  | (Who & Readonly<{ type: 'notice.resend'; notice: string }>)
  | SaveSend
  /** Takes an account's lease, or renews one's own; answers its epoch. */
  | (Who & Readonly<{ type: 'send.lease'; network: string; account: string; owner: string; ttlMs: number }>)
  | SetRecord
  | AcceptUsage
  | (Who &
      Readonly<{
        type: 'usage.correct';
        key: string;
        source: string;
        id: string;
        units: bigint;
        reason: string;
        book: boolean;
      }>)
  | (Who &
      Readonly<{
        type: 'unrated.assign';
        ids: readonly string[];
        customer: string | null;
        meter: string | null;
        dismiss: string | null;
      }>)
  | (Who & Readonly<{ type: 'gate.check'; customer: string; meter: string; units: bigint }>)
  | (Who &
      Keyed &
      Readonly<{ type: 'hold.open'; id: string; customer: string; meter: string; units: bigint; ttlMs: number }>)
  | (Who & Readonly<{ type: 'hold.capture'; id: string; event: CaptureEvent }>)
  | (Who & Readonly<{ type: 'hold.release'; id: string }>)
  | (Who & Readonly<{ type: 'expire' }>)
  | (Who &
      Keyed &
      Readonly<{
        type: 'credit.grant';
        id: string;
        customer: string;
        asset: string;
        amountMinor: bigint;
        source: string;
        note: string;
        priority: number;
        expiresAtMs: number | null;
      }>)
  | (Who & Keyed & Readonly<{ type: 'credit.claw-back'; grant: string; amountMinor: bigint | null; reason: string }>)
  | (Who & Readonly<{ type: 'invoice.close'; customers: readonly string[]; untilMs: number; early: boolean }>)
  | (Who & Readonly<{ type: 'invoice.finalize'; invoices: readonly string[] }>)
  | (Who & Readonly<{ type: 'run.record'; kind: RunKind; ok: boolean; block: number; detail: string }>)
  | (Who & Readonly<{ type: 'keys.used'; uses: readonly Readonly<{ key: string; lastMs: number }>[] }>)
  | (Who & Readonly<{ type: 'post' }>);

/** Gate commands go before everything else in each commit. */
export const GATE_COMMANDS: ReadonlySet<Command['type']> = new Set([
  'gate.check',
  'hold.open',
  'hold.capture',
  'hold.release',
]);

/** Where the books stand after a commit; sent with its answers. */
export type Head = Readonly<{ sequence: number; block: number; events: number; watermark: number; recordedMs: number }>;

/** The only way to write. Answers come back in the order of the commands, after they are durable. */
export interface Book {
  commit(commands: readonly Command[]): Promise<Answer[]>;
  /** Where the books stand, as of the last commit this side heard of. */
  head(): Head;
  close(): Promise<void>;
}
