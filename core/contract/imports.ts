/** Files of usage in: looked at, tried, and taken. Paths are on the machine that holds the books. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { command } from './command.ts';
import { AssetAmount, Done, Empty, Millis } from './shapes.ts';

export const FileFormat = z.enum(['csv', 'ndjson', 'json', 'parquet']);
const Path = z.string().min(1).max(4096);
/** A file that came through the console door. */
const UploadId = z.string().regex(/^upl_[0-9a-f]{32}$/, 'an id that begins with upl_');
/** A path on the machine of the books, or an upload. */
const FROM = { path: Path.optional(), upload: UploadId.optional() };
const hasOne = ({ path, upload }: { path?: string | undefined; upload?: string | undefined }): boolean =>
  (path === undefined) !== (upload === undefined);
const ONE = { error: 'Name a path or an upload, one of the two' };
const Column = z.string().min(1).max(200);
/** A column of the file, or one value for all rows. */
const Given = z.union([z.strictObject({ column: Column }), z.strictObject({ value: z.string().min(1).max(200) })]);

/** Which column is what. Names inside objects of NDJSON are joined by dots. */
export const ImportMapping = z.strictObject({
  source: Given,
  /** Without a column the row's number is the id: a file that is imported again must keep its rows in place. */
  id: z.union([z.strictObject({ column: Column }), z.strictObject({ rowNumber: z.literal(true) })]),
  customer: Given,
  meter: Given,
  quantity: Given.default({ value: '1' }),
  /** Absent: the instant of arrival. */
  occurredAt: z
    .strictObject({ column: Column, as: z.enum(['rfc3339', 'seconds', 'milliseconds']).default('rfc3339') })
    .optional(),
  dimensions: z
    .record(z.string().min(1).max(64), Column)
    .refine((names) => Object.keys(names).length <= 50, { error: 'At most 50 dimensions' })
    .default({}),
  /** A column that holds all dimensions as one JSON object. */
  dimensionsFrom: Column.optional(),
  /** Texts carry a quote before what a spreadsheet would take for a formula, as in our exports: it is taken away. */
  escaped: z.boolean().optional(),
});
export type Mapping = z.infer<typeof ImportMapping>;

const Problem = z.strictObject({
  row: z.int(),
  column: z.string().nullable(),
  detail: z.string(),
  fix: z.string(),
});

export const ImportProgress = z.strictObject({
  done: z.boolean(),
  rows: z.int(),
  bytesRead: z.int(),
  totalBytes: z.int(),
  rowsPerSecond: z.int(),
  secondsLeft: z.int().nullable(),
  accepted: z.int(),
  parked: z.int(),
  duplicates: z.int(),
  conflicts: z.int(),
  refused: z.int(),
  /** The first rows that were not taken; all of them are in the error file. */
  problems: z.array(Problem),
  /** Rows that were not taken, with the reason beside each: a path, or of an upload an address of the console. */
  errorFile: z.string().nullable(),
  /** What the new events come to at today's prices; only a trial says, in its last message. */
  effects: z.array(AssetAmount).nullable(),
  /** New events that this sum leaves out: of meters that keep a value, without a price, or of nobody known. */
  notPriced: z.int().nullable(),
});
export type ImportStep = z.infer<typeof ImportProgress>;

/** The systems whose data can be brought here. */
export const SYSTEMS = ['openmeter', 'lago', 'stripe', 'credits-service', 'invoice-service'] as const;
export type SystemName = (typeof SYSTEMS)[number];
export const MAKE_KINDS = ['customer', 'subject', 'meter', 'plan', 'price', 'grant', 'event'] as const;

export const SystemProgress = z.strictObject({
  ...ImportProgress.shape,
  /** What the records make, by kind: new, there already, refused. Events are counted in the figures above, too. */
  made: z.array(z.strictObject({ kind: z.enum(MAKE_KINDS), new: z.int(), known: z.int(), refused: z.int() })),
  /** What has no counterpart here and is left out, why, and in how many records. */
  leftOut: z.array(z.strictObject({ what: z.string(), why: z.string(), count: z.int() })),
});
export type SystemStep = z.infer<typeof SystemProgress>;

const SystemOrder = z
  .strictObject({
    ...FROM,
    from: z.enum(SYSTEMS),
    format: FileFormat.optional(),
    book: z.boolean(),
    errorFile: Path.optional(),
  })
  .refine(hasOne, ONE);

const ImportOrder = z
  .strictObject({
    ...FROM,
    format: FileFormat.optional(),
    mapping: ImportMapping,
    book: z.boolean(),
    /** Beside the file unless given; of an upload the console door serves it. */
    errorFile: Path.optional(),
  })
  .refine(hasOne, ONE);
const PreviewOrder = z
  .strictObject({ ...FROM, format: FileFormat.optional(), mapping: ImportMapping.optional() })
  .refine(hasOne, ONE);

const SystemLookOrder = z
  .strictObject({ ...FROM, from: z.enum(SYSTEMS), format: FileFormat.optional() })
  .refine(hasOne, ONE);

/** An order for a file at its place. */
type Placed<Order> = Omit<Order, 'path' | 'upload'> & { path: string };
export type ImportOrder = Placed<z.infer<typeof ImportOrder>>;
export type PreviewOrder = Placed<z.infer<typeof PreviewOrder>>;
export type SystemLookOrder = Placed<z.infer<typeof SystemLookOrder>>;
export type SystemOrder = Placed<z.infer<typeof SystemOrder>>;

export const Upload = z.strictObject({ id: UploadId, name: z.string(), bytes: z.int(), receivedMs: Millis });

const ImportPreview = z.strictObject({
  format: FileFormat,
  columns: z.array(z.string()),
  totalBytes: z.int(),
  totalRows: z.int().nullable(),
  mapping: ImportMapping.nullable(),
  /** Columns that the mapping needs and nothing in the file is named like. */
  missing: z.array(z.string()),
  rows: z.array(
    z.strictObject({
      row: z.int(),
      /** The row's values as JSON text. */
      values: z.string(),
      /** The event it makes as JSON text, or null with a problem. */
      event: z.string().nullable(),
      problem: z.string().nullable(),
    }),
  ),
});
export type ImportPreview = z.infer<typeof ImportPreview>;

const LeftOut = z.strictObject({ what: z.string(), why: z.string() });
const SystemPreview = z.strictObject({
  format: FileFormat,
  totalBytes: z.int(),
  totalRows: z.int().nullable(),
  /** So many records from the file's beginning were read; they are all of it or not. */
  looked: z.int(),
  isWhole: z.boolean(),
  /** Of those, how many are no records of this system. */
  refused: z.int(),
  /** Different things that the records become, by kind; which of them are here already a trial says. */
  makes: z.array(z.strictObject({ kind: z.enum(MAKE_KINDS), count: z.int() })),
  /** What has no counterpart here and is left out, why, and in how many records. */
  leftOut: z.array(LeftOut.extend({ count: z.int() })),
  /** The first of them, one by one. */
  records: z.array(
    z.strictObject({
      row: z.int(),
      /** The record's values as JSON text. */
      values: z.string(),
      /** What it becomes: its kind, its name, and the whole as JSON text. */
      makes: z.array(z.strictObject({ kind: z.enum(MAKE_KINDS), name: z.string(), text: z.string() })),
      leftOut: z.array(LeftOut),
      problem: z.strictObject({ detail: z.string(), fix: z.string() }).nullable(),
    }),
  ),
});
export type SystemPreview = z.infer<typeof SystemPreview>;

export const imports = {
  uploads: command({
    permission: 'usage:write',
    idempotent: 'read',
    doc: 'Files you sent through the console door (PUT /upload/NAME, at most 4 GiB), kept for a day.',
    noPast: 'Of files, not of the books.',
    input: Empty,
    output: z.strictObject({ items: z.array(Upload) }),
  }),
  discard: command({
    permission: 'usage:write',
    idempotent: 'by nature',
    doc: 'Remove an upload and its error file.',
    input: z.strictObject({ upload: UploadId }),
    output: Done,
    errors: ['NOT_FOUND'],
  }),
  preview: command({
    permission: 'usage:write',
    idempotent: 'read',
    doc: 'Look at a file: its columns, its first rows as events, what is wrong with them, and a mapping to start from.',
    noPast: 'Of files, not of the books.',
    input: PreviewOrder,
    output: ImportPreview,
    errors: ['NOT_FOUND'],
  }),
  previewFrom: command({
    permission: 'usage:write',
    idempotent: 'read',
    doc: 'Look at what another system exports: what its first records become here, and what is left out and why.',
    noPast: 'Of files, not of the books.',
    input: SystemLookOrder,
    output: SystemPreview,
    errors: ['NOT_FOUND'],
  }),
  run: command({
    permission: 'usage:write',
    idempotent: 'by nature',
    doc: 'Import usage from a file, or with `book: false` only try it and say what it would come to.',
    input: ImportOrder,
    errors: ['NOT_FOUND'],
    // oRPC's iterator schema is no zod type, and `command` asks for one: both are the same to who calls.
    output: eventIterator(ImportProgress) as unknown as z.ZodType<AsyncIterable<ImportStep>>,
  }),
  runFrom: command({
    permission: 'usage:write',
    idempotent: 'by nature',
    doc: 'Import what another system exports: customers, prices, credit, events; with `book: false` only try it.',
    input: SystemOrder,
    errors: ['NOT_FOUND'],
    // oRPC's iterator schema is no zod type, and `command` asks for one: both are the same to who calls.
    output: eventIterator(SystemProgress) as unknown as z.ZodType<AsyncIterable<SystemStep>>,
  }),
};
