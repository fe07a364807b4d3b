/**
 * Records as bytes, one after the other in large pieces of memory. One piece of memory a record would take as much
 * again for the piece itself, and leave holes between those of others that the system is not given back.
 */
const PIECE_BYTES = 256 * 1024;

type Piece = { readonly bytes: Buffer; used: number };

/** Where a record is. A piece is given up with the last record that is in it. */
export type Stored = Readonly<{ piece: Piece; at: number; length: number }>;

export class Records {
  #open: Piece | undefined;

  add(bytes: Uint8Array): Stored {
    const { length } = bytes;
    if (this.#open === undefined || this.#open.used + length > this.#open.bytes.length) {
      // Not of the pool that small Buffers share, nor of zlib's: either would keep more than it holds.
      this.#open = { bytes: Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, length)), used: 0 };
    }
    const piece = this.#open;
    const at = piece.used;
    piece.bytes.set(bytes, at);
    piece.used += length;
    return { piece, at, length };
  }
}

/** A view of a record, not a copy. */
export const bytesOf = ({ piece, at, length }: Stored): Uint8Array => piece.bytes.subarray(at, at + length);
