/** Lists out as files: what there is to export. The bytes leave by the doors, because a file is no message. */
import { z } from 'zod';
import { command } from './command.ts';
import { AsOf, CustomerRef, Empty, MeterKey, Millis } from './shapes.ts';
import { EXPORT_FILTERS, EXPORT_LIST_NAMES } from '#core/domain/exports.ts';
import type { ExportListName } from '#core/domain/exports.ts';
import type { Permission } from './permissions.ts';

export const EXPORT_FORMATS = ['csv', 'parquet'] as const;
const ListName = z.enum(EXPORT_LIST_NAMES as [ExportListName, ...ExportListName[]]);
const Word = z.string().min(1).max(200);

/** Which list, in which format, and which of its rows. */
export const ExportOrder = z.strictObject({
  list: ListName,
  format: z.enum(EXPORT_FORMATS),
  customer: CustomerRef.optional(),
  subject: Word.optional(),
  meter: MeterKey.optional(),
  account: Word.optional(),
  state: Word.optional(),
  reason: Word.optional(),
  /** Events that happened at or after this, and before the other. */
  fromMs: Millis.optional(),
  toMs: Millis.optional(),
  ...AsOf,
});
export type ExportOrder = z.infer<typeof ExportOrder>;

/** Who may export a list: whoever may see it row by row. */
export const EXPORT_PERMISSIONS: Readonly<Record<ExportListName, Permission>> = {
  customers: 'customers:read',
  balances: 'customers:read',
  keys: 'customers:read',
  operators: 'books:read',
  meters: 'meters:read',
  plans: 'prices:read',
  prices: 'prices:read',
  usage: 'usage:read',
  unrated: 'usage:read',
  conflicts: 'usage:read',
  holds: 'customers:read',
  grants: 'customers:read',
  invoices: 'invoices:read',
  'invoice-lines': 'invoices:read',
  entries: 'books:read',
  accounts: 'books:read',
};

export const exports = {
  lists: command({
    permission: 'anyone',
    idempotent: 'read',
    doc: 'The lists that can be exported as CSV or Parquet: columns, filters, and where the console serves them.',
    noPast: 'Of this version, not of the books.',
    input: Empty,
    output: z.strictObject({
      items: z.array(
        z.strictObject({
          list: ListName,
          columns: z.array(
            z.strictObject({ name: z.string(), kind: z.enum(['text', 'integer', 'decimal', 'instant']) }),
          ),
          filters: z.array(z.enum(EXPORT_FILTERS)),
          /** Addresses on the console's own origin, by format; filters are query parameters. */
          paths: z.strictObject({ csv: z.string(), parquet: z.string() }),
          /** Whether this session may. */
          allowed: z.boolean(),
        }),
      ),
    }),
  }),
};
