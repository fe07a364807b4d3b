/** Where the rows of sends are kept: the port, and a store in memory for tests and tools that run once. */
import type { SendRecord } from './record.ts';
import { TERMINAL } from './record.ts';

export interface SendStore {
  load(intent: string): Promise<SendRecord | undefined>;
  /**
   * Writes a row durably, when the kept one has the expected version (0 when there must be none). False when somebody
   * else was first; nothing was written then.
   */
  put(record: SendRecord, expectedVersion: number): Promise<boolean>;
  /** Rows on which something may still happen. */
  open(): Promise<SendRecord[]>;
}

export function memorySendStore(): SendStore {
  const rows = new Map<string, SendRecord>();
  return {
    load: async (intent) => rows.get(intent),
    put: async (record, expectedVersion) => {
      if ((rows.get(record.intent)?.version ?? 0) !== expectedVersion) return false;
      rows.set(record.intent, record);
      return true;
    },
    open: async () => [...rows.values()].filter(({ state }) => !TERMINAL.includes(state)),
  };
}
