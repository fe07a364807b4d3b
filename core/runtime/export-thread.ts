/**
 * Exports a list in a thread of its own: rows from the books, bytes from the encoder, a few parts ahead of whoever
 * takes them. Here because it puts together what neither side may know of the other.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { columnsOf } from '#core/domain/exports.ts';
import { RefusalError } from '#core/domain/refusal.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { encoderFor } from '#core/files/encode.ts';
import { openSnapshot } from '#core/ledger/exports/index.ts';
import type { ListOrder } from '#core/ledger/exports/index.ts';

export type ExportThreadData = Readonly<{ file: string; format: 'csv' | 'parquet'; order: ListOrder }>;
export type FromExport =
  | Readonly<{ type: 'part'; bytes: Uint8Array<ArrayBuffer> }>
  | Readonly<{ type: 'end' }>
  | Readonly<{ type: 'refused'; refusal: Refusal }>;

/** Parts on their way at once. */
const AHEAD = 3;

const { file, format, order } = workerData as ExportThreadData;
let underWay = 0;
let wake: (() => void) | null = null;
parentPort?.on('message', () => {
  underWay -= 1;
  wake?.();
});

async function send(bytes: Uint8Array): Promise<void> {
  while (underWay >= AHEAD) await new Promise<void>((resolve) => (wake = resolve));
  underWay += 1;
  const whole = new Uint8Array(bytes);
  parentPort?.postMessage({ type: 'part', bytes: whole } satisfies FromExport, [whole.buffer]);
}

async function run(): Promise<void> {
  const encoder = encoderFor(format, columnsOf(order.list));
  const snapshot = openSnapshot(file);
  try {
    for (const row of snapshot.rows(order)) {
      const part = encoder.add(row);
      if (part) await send(part);
    }
  } finally {
    snapshot.close();
  }
  await send(encoder.end());
  parentPort?.postMessage({ type: 'end' } satisfies FromExport);
  parentPort?.close();
}

run().catch((error: unknown) => {
  if (!(error instanceof RefusalError)) throw error;
  parentPort?.postMessage({ type: 'refused', refusal: error.refusal } satisfies FromExport);
  parentPort?.close();
});
