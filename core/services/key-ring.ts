/** API keys: made from chance, kept as hashes, found by hash, and their use noted without a write a request. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Scope } from '#core/contract/permissions.ts';
import type { Reader } from '#core/ledger/read-port.ts';

/** A key as the books keep it. `hash` is the hex SHA-256 of the whole secret. */
export type KeyRecord = Readonly<{
  id: string;
  customer: string | null;
  name: string;
  prefix: string;
  hash: string;
  scopes: readonly Scope[];
  createdMs: number;
  endsMs: number | null;
  replacedBy: string | null;
}>;

export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** A new secret: 256 random bits behind a prefix that a scanner of leaked secrets can know. */
export function newSecret(): { secret: string; prefix: string; hash: string } {
  const secret = `tk_live_${randomBytes(32).toString('hex')}`;
  return { secret, prefix: secret.slice(0, 16), hash: hashSecret(secret) };
}

const SECRET = /^tk_[a-z]+_[0-9a-f]{64}$/;
const CACHE_LIMIT = 50_000;

export class KeyRing {
  readonly #reader: Reader;
  readonly #known = new Map<string, KeyRecord>();
  #used = new Map<string, number>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** The key that a secret belongs to, or null; at once when it was seen before. */
  find(secret: string, nowMs: number): KeyRecord | null | Promise<KeyRecord | null> {
    if (!SECRET.test(secret)) return null;
    const hash = hashSecret(secret);
    const known = this.#known.get(hash);
    return known ? this.#valid(known, hash, nowMs) : this.#load(hash, nowMs);
  }

  async #load(hash: string, nowMs: number): Promise<KeyRecord | null> {
    const id = await this.#reader.read('nameTarget', { kind: 'key', name: hash });
    const row = id === null ? null : await this.#reader.read('record', { kind: 'key', id });
    if (!row) return null;
    if (this.#known.size > CACHE_LIMIT) this.#known.clear();
    const key = row.body as KeyRecord;
    this.#known.set(hash, key);
    return this.#valid(key, hash, nowMs);
  }

  #valid(key: KeyRecord, hash: string, nowMs: number): KeyRecord | null {
    const same = timingSafeEqual(Buffer.from(key.hash, 'hex'), Buffer.from(hash, 'hex'));
    if (!same || (key.endsMs !== null && nowMs >= key.endsMs)) return null;
    this.#used.set(key.id, nowMs);
    return key;
  }

  /** Forgets what is kept, after a key changed. */
  forget(): void {
    this.#known.clear();
  }

  lastUse(id: string): number | null {
    return this.#used.get(id) ?? null;
  }

  /** Takes the uses since the last call, to be written. */
  takeUses(): { key: string; lastMs: number }[] {
    const uses = [...this.#used].map(([key, lastMs]) => ({ key, lastMs }));
    this.#used = new Map();
    return uses;
  }
}
