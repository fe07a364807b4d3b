/**
 * What an intent of the Magic program asks for: bincode of `MagicIntentBundleArgs` and `MagicBaseIntentArgs`
 * (magicblock-magic-program-api 0.8). Accounts are indices into those of the instruction.
 */

/** Accounts to commit, those to give back besides, and whether the base chain is to run something afterwards. */
export type Intents = Readonly<{
  commits: readonly number[];
  undelegates: readonly number[];
  hasActions: boolean;
}>;

const MAX_ITEMS = 256n;

class UnreadableIntent extends Error {}

/** Reads bincode as far as these types need it. What does not fit throws `UnreadableIntent`. */
class Reader {
  readonly #data: Buffer;
  #at: number;
  hasActions = false;

  constructor(data: Buffer, at: number) {
    this.#data = data;
    this.#at = at;
  }

  #skip(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#data.length) throw new UnreadableIntent('the instruction ends too early');
    this.#at += bytes;
    return at;
  }

  byte(): number {
    return this.#data.readUInt8(this.#skip(1));
  }

  variant(): number {
    return this.#data.readUInt32LE(this.#skip(4));
  }

  list<T>(item: () => T): T[] {
    const length = this.#data.readBigUInt64LE(this.#skip(8));
    if (length > MAX_ITEMS) throw new UnreadableIntent('a list is too long');
    return Array.from({ length: Number(length) }, item);
  }

  optional<T>(value: () => T): T | undefined {
    const tag = this.byte();
    if (tag > 1) throw new UnreadableIntent('an option is neither none nor some');
    return tag === 0 ? undefined : value();
  }

  /** Escrow index and data, compute units, escrow authority, program, and 33 bytes for each account. */
  #action(): void {
    this.#skip(1);
    this.list(() => this.byte());
    this.#skip(4 + 1 + 32);
    this.list(() => this.#skip(33));
    this.hasActions = true;
  }

  actions(): void {
    this.list(() => this.#action());
  }

  /** `CommitTypeArgs`: alone 0, or with actions 1. */
  commit(): number[] {
    const variant = this.variant();
    if (variant > 1) throw new UnreadableIntent('no such kind of commit');
    const accounts = this.list(() => this.byte());
    if (variant === 1) this.actions();
    return accounts;
  }

  /** `CommitAndUndelegateArgs`: a commit, and an undelegation alone 0 or with actions 1. */
  commitAndUndelegate(): number[] {
    const accounts = this.commit();
    const variant = this.variant();
    if (variant > 1) throw new UnreadableIntent('no such kind of undelegation');
    if (variant === 1) this.actions();
    return accounts;
  }
}

function read(data: Buffer, of: (reader: Reader) => Omit<Intents, 'hasActions'>): Intents | undefined {
  const reader = new Reader(data, 4);
  try {
    return { ...of(reader), hasActions: reader.hasActions };
  } catch (error) {
    if (error instanceof UnreadableIntent) return undefined; // The rollup refuses what it cannot read.
    throw error;
  }
}

/**
 * `ScheduleIntentBundle`; undefined when the bytes are none. The validator 0.8.3 reads the two `commit_finalize` parts
 * and does nothing with them (run), and takes what follows the bundle.
 */
export function readIntentBundle(data: Buffer): Intents | undefined {
  return read(data, (reader) => {
    const commits = reader.optional(() => reader.commit()) ?? [];
    const undelegates = reader.optional(() => reader.commitAndUndelegate()) ?? [];
    reader.optional(() => reader.commit());
    reader.optional(() => reader.commitAndUndelegate());
    reader.actions();
    return { commits, undelegates };
  });
}

/** `ScheduleBaseIntent`: actions 0, a commit 1, or a commit and undelegation 2. */
export function readBaseIntent(data: Buffer): Intents | undefined {
  return read(data, (reader) => {
    const variant = reader.variant();
    if (variant === 1) return { commits: reader.commit(), undelegates: [] };
    if (variant === 2) return { commits: [], undelegates: reader.commitAndUndelegate() };
    if (variant !== 0) throw new UnreadableIntent('no such intent');
    reader.actions();
    return { commits: [], undelegates: [] };
  });
}
