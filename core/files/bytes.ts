/** The bytes of a file as they are read, unpacked where it is gzip, and how far into the file they reach. */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { Readable, Transform, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileError } from './rows.ts';

const CHUNK_BYTES = 256 * 1024;

/** What a packed file may unpack to: so much at all, and beyond the first part so many times its own size. */
export type UnpackLimits = Readonly<{ mostBytes: number; freeBytes: number; mostTimes: number }>;
export const UNPACK_LIMITS: UnpackLimits = { mostBytes: 64 * 2 ** 30, freeBytes: 64 * 2 ** 20, mostTimes: 200 };

export type Bytes = Readonly<{
  stream: Readable;
  /** Bytes of the file itself that were read: what progress is measured by, packed or not. */
  position: () => number;
}>;

/** "1f 8b" opens a gzip member (RFC 1952 §2.3.1). */
export function isGzip(file: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const start = Buffer.alloc(2);
    return readSync(handle, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b;
  } finally {
    closeSync(handle);
  }
}

function bomb(unpacked: number, packed: number): FileError {
  return new FileError(
    `The file unpacks to more than ${Math.floor(unpacked / 2 ** 20)} MiB from ${packed} bytes.`,
    'Unpack it yourself and look at it; then import what it holds.',
  );
}

/** Lets unpacked bytes pass while they are in proportion: nothing is kept, so that only time could be lost. */
function guard(position: () => number, { mostBytes, freeBytes, mostTimes }: UnpackLimits): Transform {
  let unpacked = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      unpacked += chunk.length;
      const most = Math.min(mostBytes, freeBytes + position() * mostTimes);
      if (unpacked > most) done(bomb(unpacked, position()));
      else done(null, chunk);
    },
  });
}

function asDamaged(error: Error): Error {
  if (error instanceof FileError) return error;
  const isGzipFault = (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true;
  if (!isGzipFault) return error;
  return new FileError(
    `The gzip file is damaged or cut off: ${error.message}.`,
    'Write it again; rows that were taken before are not counted twice.',
  );
}

/** Opens a file for one reading. A fault of it ends the stream with an error that says so. */
export function openBytes(file: string, limits: UnpackLimits = UNPACK_LIMITS): Bytes {
  const raw = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const position = (): number => raw.bytesRead;
  if (!isGzip(file)) return { stream: raw, position };
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const guarded = guard(position, limits);
  // An error of any of them ends the last with it, which the loop over it then throws.
  const unpacked = pipeline(raw, gunzip, guarded, () => undefined);
  return { stream: Readable.from(named(unpacked), { objectMode: false }), position };
}

/** The same bytes, with faults named for what they are. */
async function* named(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof Error ? asDamaged(error) : error;
  }
}
