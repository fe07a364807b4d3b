/** Backups: made while the books go on, and tried: a backup that was never restored is a hope. */
import { z } from 'zod';
import { eventIterator } from '@orpc/contract';
import { command } from './command.ts';
import { AsOf, Millis } from './shapes.ts';

/** A path on the machine that holds the books; a relative one is beside them. */
const Path = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[^\p{Cc}]+$/u, 'a path without control characters');

/** How far it is: rows while something is proven, bytes while it is copied. */
const Step = {
  done: z.boolean(),
  phase: z.enum(['proving-backup', 'copying', 'proving-copy']),
  /** So many of `total`. */
  at: z.string(),
  total: z.string(),
  /** Whether it ended well; null until it is done. */
  ok: z.boolean().nullable(),
};

export const BackupStep = z.strictObject({
  ...Step,
  /** Set when it is done: the copy, its size, the block it ends with and how long it took. */
  file: z.string().nullable(),
  bytes: z.string().nullable(),
  block: z.string().nullable(),
  tookMs: z.int().nullable(),
  /** Why it is not to be relied on, in a sentence. */
  problem: z.string().nullable(),
  finishedMs: Millis.nullable(),
});

/** oRPC's iterator schema is no zod type, and `command` asks for one: both are the same to who calls. */
const steps = () => eventIterator(BackupStep) as unknown as z.ZodType<AsyncIterable<z.infer<typeof BackupStep>>>;

export const backups = {
  list: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'When backups were made and tried, newest first, and what came of it.',
    input: z.strictObject({ limit: z.int().min(1).max(500).default(50), ...AsOf }),
    output: z.strictObject({
      items: z.array(
        z.strictObject({
          kind: z.enum(['backup', 'drill']),
          atMs: Millis,
          ok: z.boolean(),
          block: z.string(),
          file: z.string(),
          /** Null where only the file was noted. */
          bytes: z.string().nullable(),
          tookMs: z.int().nullable(),
          problem: z.string().nullable(),
        }),
      ),
    }),
  }),
  make: command({
    permission: 'workspace:write',
    idempotent: 'no',
    doc: 'Copy the workspace to a new file while it goes on, prove the copy, and tell how far it is. May be left.',
    input: z.strictObject({
      /** A new name beside the books when absent. */
      file: Path.optional(),
    }),
    output: steps(),
    errors: ['CONFLICT', 'STATE_FORBIDS'],
  }),
  drill: command({
    permission: 'workspace:write',
    idempotent: 'no',
    doc: 'Restore a backup into a temporary place, prove it there and remove it; the result is kept. May be left.',
    input: z.strictObject({
      /** The last backup that was made when absent. */
      file: Path.optional(),
    }),
    output: steps(),
    errors: ['STATE_FORBIDS'],
  }),
};
