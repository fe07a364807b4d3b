/** The log: one JSON line an event on standard error, without secrets. Not for what the books record. */

import type { Facts, Log } from '#core/services/core.ts';

export type { Log } from '#core/services/core.ts';

const SECRET_NAMES = /pass|secret|token|cookie|authorization|api[-_]?key|private|seed/i;
const SECRET_VALUES = /\b(tk_[a-z]+_[0-9a-zA-Z]{8})[0-9a-zA-Z]+|\b(Bearer\s+)\S+|(0x[0-9a-fA-F]{6})[0-9a-fA-F]{30,}/g;

/** Takes secrets out of what is about to be logged: by the name of a field, and by the look of a value. */
export function redact(value: unknown, name = ''): unknown {
  if (name !== '' && SECRET_NAMES.test(name)) return '[redacted]';
  if (typeof value === 'string') {
    return value.replace(
      SECRET_VALUES,
      (_all, key?: string, bearer?: string, hex?: string) => `${key ?? bearer ?? hex ?? ''}…[redacted]`,
    );
  }
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return redact(value.stack ?? value.message);
  if (Array.isArray(value)) return value.map((one) => redact(one));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redact(one, key)]));
  }
  return value;
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** A log that writes from a level on. */
export function createLog(level: LogLevel, write: (line: string) => void = (line) => process.stderr.write(line)): Log {
  const at =
    (own: LogLevel) =>
    (event: string, facts: Facts = {}): void => {
      if (LEVELS.indexOf(own) < LEVELS.indexOf(level)) return;
      const safe = redact(facts) as Facts;
      write(`${JSON.stringify({ at: new Date().toISOString(), level: own, event, ...safe })}\n`);
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
