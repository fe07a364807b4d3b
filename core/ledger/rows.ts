/**
 * The rows of the books as both engines keep them. Amounts and totals are canonical decimal text; see the first
 * migration.
 */

export type BookRow = {
  book: string;
  epoch: number;
  seq: number;
  event_seq: number;
  block: number;
  head: Uint8Array;
  recorded_ms: number;
  watermark: number;
  invoice_no: number;
  created_ms: number;
  /** The first open hold by id; null while none is open. */
  open_hold: string | null;
};
export type BlockRow = {
  no: number;
  book: string;
  prev: Uint8Array;
  root: Uint8Array;
  hash: Uint8Array;
  first_seq: number;
  last_seq: number;
  recorded_ms: number;
};
export type TxRow = {
  seq: number;
  book: string;
  kind: string;
  subject: string | null;
  key: string | null;
  request: Uint8Array | null;
  happened_ms: number;
  recorded_ms: number;
  actor: string;
  body: string;
  hash: Uint8Array;
  block: number;
};
export type AccountRow = {
  id: string;
  book: string;
  customer: string | null;
  role: string;
  asset: string;
  posted: string;
  held: string;
  last_tx: number;
};
export type EntryRow = {
  tx: number;
  line: number;
  book: string;
  account: string;
  asset: string;
  amount: string;
  balance: string;
  grant_id: string | null;
  happened_ms: number;
  memo: string;
};
export type RecordRow = { kind: string; id: string; book: string; body: string; tx: number };
export type NameRow = { kind: string; name: string; book: string; target: string; tx: number };
export type EventRow = {
  seq: number;
  book: string;
  source: string;
  id: string;
  subject: string;
  type: string;
  meter: string | null;
  quantity: bigint | null;
  occurred_ms: number;
  data: string;
  fingerprint: Uint8Array;
  hold: string | null;
  tx: number;
};
export type ConflictRow = {
  tx: number;
  line: number;
  book: string;
  source: string;
  id: string;
  subject: string;
  body: string;
  fingerprint: Uint8Array;
  recorded_ms: number;
};
export type ParkedRow = {
  id: string;
  book: string;
  event_seq: number;
  meter: string | null;
  reason: string;
  detail: string;
  state: string;
  tx: number;
  closed_tx: number | null;
};
export type SliceRow = {
  tx: number;
  book: string;
  customer: string;
  meter: string;
  price: string;
  month: string;
  line: string;
  first_event: number;
  last_event: number;
  events: number;
  delta: string;
  before_units: string;
  amount: string;
  burned: string;
  waived: string;
  hold: string | null;
  happened_ms: number;
  from_ms: number;
  to_ms: number;
  /** The snapshot by which it was charged in another asset than its price is stated in. */
  rate: string | null;
};
export type LineRow = {
  id: string;
  book: string;
  customer: string;
  asset: string;
  kind: string;
  meter: string | null;
  price: string | null;
  month: string | null;
  period_start: number;
  period_end: number;
  before_units: string;
  units: string;
  amount: string;
  burned: string;
  waived: string;
  events: number;
  invoice: string | null;
  /** The discount that made a line of kind `discount` or `commitment`. */
  rule: string | null;
  /** What a fee or discount is for; null on usage lines, and on fees of before there were labels. */
  label: string | null;
};
export type WindowRow = {
  customer: string;
  meter: string;
  price: string;
  month: string;
  book: string;
  units: string;
  amount: string;
  latest_ms: number | null;
  latest_id: string | null;
};
export type SeenRow = {
  customer: string;
  meter: string;
  month: string;
  value: string;
  book: string;
  event_seq: number;
};
export type RollupRow = {
  meter: string;
  subject: string;
  hour_ms: number;
  book: string;
  events: number;
  units: string;
  most: string | null;
  latest: string | null;
  latest_ms: number | null;
  latest_seq: number | null;
  first_seq: number;
  last_seq: number;
};
export type RevenueRow = {
  hour_ms: number;
  customer: string;
  meter: string;
  asset: string;
  book: string;
  amount: string;
};
export type RefusedRow = { hour_ms: number; customer: string; book: string; count: number };
export type HoldRow = {
  id: string;
  book: string;
  customer: string;
  meter: string;
  price: string;
  asset: string;
  units: string;
  amount: string;
  state: string;
  opened_ms: number;
  expires_ms: number;
  captured_units: string | null;
  charged: string | null;
  overshoot: string | null;
  late: number;
  tx: number;
  closed_tx: number | null;
  /** As of a slice. */
  rate: string | null;
};
export type GrantRow = {
  id: string;
  book: string;
  customer: string;
  asset: string;
  source: string;
  note: string;
  priority: number;
  granted: string;
  consumed: string;
  expired: string;
  /** Taken back by an operator. */
  clawed: string;
  created_ms: number;
  expires_ms: number | null;
  tx: number;
};
export type InvoiceRow = {
  id: string;
  book: string;
  number: string | null;
  kind: string;
  state: string;
  customer: string;
  asset: string;
  period_start: number;
  period_end: number;
  created_ms: number;
  finalized_ms: number | null;
  due_ms: number | null;
  total: string;
  from_credit: string;
  due: string;
  bytes: string | null;
  sha256: Uint8Array | null;
  tx: number;
  final_tx: number | null;
};
export type RunRow = { kind: string; at_ms: number; book: string; ok: number; block: number; detail: string };
export type KeyUseRow = { key: string; book: string; last_ms: number };
export type SendRow = {
  network: string;
  account: string;
  id: string;
  book: string;
  state: string;
  version: number;
  generation: number;
  nonce: string | null;
  attempts: number;
  summary: string;
  intent: string;
  detail: string;
  epoch: number;
  opened_tx: number;
  tx: number;
};
export type SendAttemptRow = {
  network: string;
  account: string;
  send: string;
  no: number;
  book: string;
  generation: number;
  hash: string;
  bytes: string;
  detail: string;
  tx: number;
};
export type SendLeaseRow = {
  network: string;
  account: string;
  book: string;
  owner: string;
  epoch: number;
  writer: number;
  until_ms: number;
  tx: number;
};
export type AlertRow = {
  id: string;
  book: string;
  rule: string;
  subject: string;
  severity: string;
  facts: string;
  fired_ms: number;
  cleared_ms: number | null;
  acknowledged_ms: number | null;
  acknowledged_by: string | null;
  tx: number;
  cleared_tx: number | null;
  acknowledged_tx: number | null;
};
export type NoticeRow = {
  id: string;
  book: string;
  channel: string;
  event: string;
  alert: string | null;
  state: string;
  attempts: number;
  tries: number;
  due_ms: number;
  tx: number;
  last_tx: number;
};
export type NoticeAttemptRow = {
  notice: string;
  no: number;
  book: string;
  at_ms: number;
  ok: number;
  status: number | null;
  detail: string;
  tx: number;
};
export type SecretRow = { id: string; book: string; value: string };

export type Rows = {
  book: BookRow;
  block: BlockRow;
  tx: TxRow;
  account: AccountRow;
  entry: EntryRow;
  record: RecordRow;
  name: NameRow;
  event: EventRow;
  conflict: ConflictRow;
  parked: ParkedRow;
  slice: SliceRow;
  line: LineRow;
  usage_window: WindowRow;
  seen: SeenRow;
  rollup: RollupRow;
  revenue_hour: RevenueRow;
  refused_hour: RefusedRow;
  hold: HoldRow;
  credit_grant: GrantRow;
  invoice: InvoiceRow;
  run: RunRow;
  key_use: KeyUseRow;
  send: SendRow;
  send_attempt: SendAttemptRow;
  send_lease: SendLeaseRow;
  alert: AlertRow;
  notice: NoticeRow;
  notice_attempt: NoticeAttemptRow;
  secret: SecretRow;
};
export type TableName = keyof Rows;
