/** What can be exported: each list with its columns and filters. Not for how rows are read or written. */

/**
 * How a column is written. `decimal` is an exact plain decimal in text, in every format; `instant` is RFC 3339 in UTC
 * in CSV and a timestamp in Parquet.
 */
export type ColumnKind = 'text' | 'integer' | 'decimal' | 'instant';
export type Column = readonly [name: string, kind: ColumnKind];
/** A value of a row: instants are UTC milliseconds, decimals text. */
export type Cell = string | number | null;

export const EXPORT_FILTERS = ['customer', 'subject', 'meter', 'account', 'state', 'reason', 'fromMs', 'toMs'] as const;
export type ExportFilter = (typeof EXPORT_FILTERS)[number];

type List = Readonly<{ filters: readonly ExportFilter[]; columns: readonly Column[] }>;

const text = (...names: string[]): Column[] => names.map((name) => [name, 'text']);
const decimal = (...names: string[]): Column[] => names.map((name) => [name, 'decimal']);
const integer = (...names: string[]): Column[] => names.map((name) => [name, 'integer']);
const instant = (...names: string[]): Column[] => names.map((name) => [name, 'instant']);

/** `customer` is what the event named it by, `customer_id` whose it is: an import of the file needs the first. */
const EVENT = [
  ...integer('sequence'),
  ...text('source', 'id', 'customer', 'customer_id', 'type', 'meter'),
  ...decimal('quantity'),
  ...text('unit'),
  ...instant('occurred_at', 'recorded_at'),
  ...text('dimensions', 'data', 'hold'),
];

/** Every list by name. Amounts are in units of the asset beside them. */
export const EXPORT_LISTS = {
  customers: {
    filters: [],
    columns: [
      ...text('id', 'external_id', 'name', 'plan'),
      ...integer('anchor_day'),
      ...text('time_zone', 'subjects', 'addresses'),
      ...instant('created_at'),
    ],
  },
  balances: {
    filters: ['customer'],
    columns: [
      ...text('customer_id', 'customer_name', 'asset'),
      ...decimal('posted', 'held', 'pending', 'overdraft', 'spendable', 'wallet', 'unbilled', 'receivable'),
    ],
  },
  keys: {
    filters: ['customer'],
    columns: [
      ...text('id', 'customer_id', 'name', 'prefix', 'scopes'),
      ...instant('created_at', 'last_used_at', 'ends_at'),
      ...text('replaced_by'),
    ],
  },
  operators: {
    filters: [],
    columns: [...text('id', 'name', 'role', 'public_key', 'disabled'), ...instant('created_at')],
  },
  meters: {
    filters: [],
    columns: [
      ...text('key', 'name', 'event_type', 'aggregation', 'unit'),
      ...integer('scale'),
      ...text('value_path', 'dimensions', 'billable', 'overshoot'),
      ...instant('created_at'),
    ],
  },
  plans: {
    filters: [],
    columns: [
      ...text('key', 'name', 'asset'),
      ...decimal('base_fee'),
      ...integer('rate_limit_per_minute', 'daily_limit'),
    ],
  },
  prices: {
    filters: ['customer', 'meter'],
    columns: [
      ...text('id'),
      ...integer('version'),
      ...text('meter', 'plan', 'customer_id', 'asset', 'model', 'rounding'),
      ...decimal('minimum'),
      ...instant('effective_from', 'created_at'),
      ...text('created_by'),
    ],
  },
  usage: {
    filters: ['customer', 'subject', 'meter', 'fromMs', 'toMs'],
    columns: [...EVENT, ...text('state', 'reason')],
  },
  unrated: {
    filters: ['reason'],
    columns: [...text('parked', 'reason', 'detail'), ...instant('parked_at'), ...EVENT],
  },
  conflicts: {
    filters: [],
    columns: [...text('source', 'id', 'customer'), ...instant('recorded_at'), ...text('kept', 'refused')],
  },
  holds: {
    filters: ['customer', 'state'],
    columns: [
      ...text('id', 'state', 'customer_id', 'meter'),
      ...decimal('quantity'),
      ...text('asset'),
      ...decimal('amount'),
      ...instant('opened_at', 'expires_at'),
      ...decimal('captured_quantity', 'charged', 'overshoot'),
      ...text('late'),
    ],
  },
  grants: {
    filters: ['customer'],
    columns: [
      ...text('id', 'customer_id', 'source', 'note'),
      ...integer('priority'),
      ...text('asset'),
      ...decimal('granted', 'consumed', 'expired', 'remaining'),
      ...instant('created_at', 'expires_at'),
      ...text('transaction'),
    ],
  },
  invoices: {
    filters: ['customer', 'state'],
    columns: [
      ...text('id', 'number', 'kind', 'state', 'customer_id', 'customer_name', 'asset'),
      ...instant('period_start', 'period_end', 'created_at', 'finalized_at', 'due_at'),
      ...decimal('total', 'paid_from_credit', 'due'),
      ...text('sha256'),
    ],
  },
  'invoice-lines': {
    filters: ['customer', 'state'],
    columns: [
      ...text('invoice', 'number', 'invoice_state', 'customer_id', 'line', 'kind', 'description', 'meter', 'month'),
      ...text('price'),
      ...decimal('quantity'),
      ...text('unit', 'rate', 'asset'),
      ...decimal('amount'),
    ],
  },
  entries: {
    filters: ['customer', 'account'],
    columns: [
      ...text('transaction'),
      ...integer('line'),
      ...text('kind', 'account', 'label', 'asset'),
      ...decimal('amount', 'balance'),
      ...text('grant'),
      ...instant('happened_at', 'recorded_at'),
      ...integer('block'),
      ...text('by', 'memo'),
    ],
  },
  accounts: {
    filters: [],
    columns: [...text('account', 'label', 'asset'), ...decimal('balance')],
  },
} as const satisfies Readonly<Record<string, List>>;
export type ExportListName = keyof typeof EXPORT_LISTS;
export const EXPORT_LIST_NAMES = Object.keys(EXPORT_LISTS) as readonly ExportListName[];

export const columnsOf = (list: ExportListName): readonly Column[] => EXPORT_LISTS[list].columns;
export const filtersOf = (list: ExportListName): readonly ExportFilter[] => EXPORT_LISTS[list].filters;

export type ExportFilters = Readonly<{
  customer?: string | undefined;
  subject?: string | undefined;
  meter?: string | undefined;
  account?: string | undefined;
  state?: string | undefined;
  reason?: string | undefined;
  fromMs?: number | undefined;
  toMs?: number | undefined;
  asOfMs?: number | undefined;
  knownAtMs?: number | undefined;
}>;
