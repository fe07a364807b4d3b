/**
 * The workspaces opened lately. Their paths name customers, so the list is in custody, and kept nowhere where there is
 * none.
 */
import { z } from 'zod';
import type { Custody } from './custody.ts';

const MOST = 8;
const Recent = z.array(z.string().min(1).max(4096)).max(MOST);

export class RecentWorkspaces {
  readonly #custody: Custody;
  #files: readonly string[] = [];

  constructor(custody: Custody) {
    this.#custody = custody;
  }

  get files(): readonly string[] {
    return this.#files;
  }

  /** Reads the list of the last time; one that cannot be read is an empty one. */
  async load(): Promise<void> {
    const kept = await this.#custody.read();
    if (!kept.ok || kept.value === null) return;
    try {
      this.#files = Recent.parse(JSON.parse(kept.value));
    } catch {
      this.#files = []; // Of another version: a list of recent files is not worth a question.
    }
  }

  async add(file: string): Promise<void> {
    this.#files = [file, ...this.#files.filter((known) => known !== file)].slice(0, MOST);
    await this.#custody.keep(JSON.stringify(this.#files));
  }

  forget(): void {
    this.#files = [];
    this.#custody.forget();
  }
}
