/** Keeps small secrets of this machine under the system's own key: Keychain, DPAPI or a desktop's password store. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SafeStorage } from 'electron';

/** Why nothing can be kept, with what a person can do about it. */
export type NoCustody = Readonly<{ ok: false; detail: string; fix: string }>;
export type Kept<T> = Readonly<{ ok: true; value: T }> | NoCustody;

type Storage = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptStringAsync' | 'decryptStringAsync'
>;

const NO_STORE: NoCustody = {
  ok: false,
  detail: 'This system has no store for keys that Tollkeeper could use.',
  fix: 'Install and unlock a password store (GNOME Keyring or KWallet), or go without: nothing is kept in the clear.',
};

function write(file: string, bytes: Buffer): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, bytes, { mode: 0o600 });
  renameSync(fresh, file);
}

/** One secret in one file. */
export class Custody {
  readonly #storage: Storage;
  readonly #file: string;
  readonly #platform: NodeJS.Platform;

  constructor(storage: Storage, { file, platform }: { file: string; platform: NodeJS.Platform }) {
    this.#storage = storage;
    this.#file = file;
    this.#platform = platform;
  }

  /** Whether the system protects what is kept. `basic_text` on Linux is a fixed key that everybody knows. */
  async isSafe(): Promise<boolean> {
    if (!(await this.#storage.isAsyncEncryptionAvailable())) return false;
    if (this.#platform !== 'linux') return true;
    return !['basic_text', 'unknown'].includes(this.#storage.getSelectedStorageBackend());
  }

  /** Keeps a text, or says why it cannot; it is never written in the clear. */
  async keep(text: string): Promise<Kept<null>> {
    if (!(await this.isSafe())) return NO_STORE;
    write(this.#file, await this.#storage.encryptStringAsync(text));
    return { ok: true, value: null };
  }

  /** What was kept; null when nothing was. Sealed anew when the system's key has changed since. */
  async read(): Promise<Kept<string | null>> {
    if (!(await this.isSafe())) return NO_STORE;
    let sealed: Buffer;
    try {
      sealed = readFileSync(this.#file);
    } catch {
      return { ok: true, value: null }; // Never kept, or taken away: both are "nothing".
    }
    try {
      const { result, shouldReEncrypt } = await this.#storage.decryptStringAsync(sealed);
      if (shouldReEncrypt) await this.keep(result);
      return { ok: true, value: result };
    } catch {
      const fix = 'It is from another machine or user; it is asked for anew.';
      return { ok: false, detail: 'What was kept cannot be opened with the key of this system.', fix };
    }
  }

  forget(): void {
    rmSync(this.#file, { force: true });
  }
}
