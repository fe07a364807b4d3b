/**
 * What a killed process left: whether the books prove, whether all that was answered is there, and what they come to.
 */
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { openForReading } from '#core/ledger/open.ts';
import type { Connection } from '#core/ledger/open.ts';
import type { Command } from '#core/ledger/port.ts';
import { verify } from '#core/ledger/verify.ts';
import { Script } from '../support/world.ts';
import { STEPS } from './workload.ts';

export type Ended = Readonly<{ answered: number; signal: NodeJS.Signals | null; code: number | null; said: string }>;

/** Runs the workload from a step on, and says how far it was answered when it ended. Options end it early. */
export async function runWorkload(
  file: string,
  from: number,
  options: { env?: Readonly<Record<string, string>>; killAfterMs?: number; killAtStep?: number } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'workload.ts'), file, String(from)], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let complained = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
    if (options.killAtStep !== undefined && said.split('\n').includes(String(options.killAtStep)))
      child.kill('SIGKILL');
  });
  child.stderr.on('data', (bytes: Buffer) => (complained += bytes.toString()));
  const timer =
    options.killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.killAfterMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  const steps = said
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
  return { answered: steps.at(-1) ?? from - 1, signal, code, said: said + complained };
}

function query(connection: Connection, sql: string, ...values: (string | number)[]): unknown {
  return connection
    .prepare(sql)
    .pluck()
    .get(...values);
}

/** Whether what an answered command did is in the books. */
function isThere(connection: Connection, command: Command): boolean {
  switch (command.type) {
    case 'usage.accept':
      return command.id.every(
        (id) => query(connection, 'SELECT 1 FROM event WHERE id = ? AND source = ?', id, 'test') === 1,
      );
    case 'record.set':
      return query(connection, 'SELECT 1 FROM record WHERE kind = ? AND id = ?', command.kind, command.id) === 1;
    case 'hold.open':
      return query(connection, 'SELECT 1 FROM hold WHERE id = ?', command.id) === 1;
    case 'hold.capture':
      return query(connection, 'SELECT state FROM hold WHERE id = ?', command.id) === 'captured';
    case 'hold.release':
      return query(connection, 'SELECT state FROM hold WHERE id = ?', command.id) === 'released';
    case 'credit.grant':
      return query(connection, 'SELECT 1 FROM credit_grant WHERE id = ?', command.id) === 1;
    case 'invoice.close':
      return query(connection, 'SELECT count(*) FROM invoice') === 2;
    default:
      return true;
  }
}

/** Sentences about what is wrong after a kill; none when all is well. */
export function faultsIn(file: string, answered: number): string[] {
  if (answered < 0) return [];
  const connection = openForReading(file);
  try {
    const { problem } = verify(connection);
    const faults = problem ? [`${problem.table} ${problem.key}: ${problem.detail}`] : [];
    const script = new Script({ nowMs: 0 });
    for (const [index, step] of STEPS.slice(0, answered + 1).entries()) {
      const lost = step.commands?.(script).find((command) => !isThere(connection, command));
      if (lost) faults.push(`step ${index} (${step.name}) was answered and is not there`);
      if (step.backup && !existsSync(`${file}.copy`)) faults.push(`step ${index}: the backup is gone`);
    }
    return faults;
  } finally {
    connection.close();
  }
}

/** What the books come to, without what depends on the clock or on how usage was cut into slices. */
export function summaryOf(file: string): unknown {
  const connection = openForReading(file);
  const all = (sql: string): unknown[] => connection.prepare(sql).all();
  const summary = {
    balances: all('SELECT id, posted, held FROM account ORDER BY id'),
    invoices:
      all(`SELECT substr(number, 6) AS number, customer, total, from_credit, due, state, period_start, period_end
      FROM invoice ORDER BY id`),
    lines: all(
      `SELECT customer, kind, meter, month, units, amount, events, invoice IS NULL AS isOpen
        FROM line ORDER BY customer, kind, isOpen`,
    ),
    grants: all('SELECT id, consumed, expired FROM credit_grant ORDER BY id'),
    holds: all('SELECT id, state, charged, late FROM hold ORDER BY id'),
    events: all('SELECT count(*) AS count FROM event'),
    windows: all('SELECT customer, meter, month, units, amount FROM usage_window ORDER BY customer'),
    parked: all('SELECT count(*) AS count FROM parked'),
  };
  connection.close();
  return summary;
}

/** Removes a workspace and what lies beside it. */
export function clear(file: string): void {
  for (const tail of ['', '-wal', '-shm', '.lock', '.lock-journal', '.copy']) rmSync(file + tail, { force: true });
}
