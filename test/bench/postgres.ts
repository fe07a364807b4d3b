/** PostgreSQL 15 in a temporary folder on a free loopback port: one unique row an event, over one connection. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Where Debian's `postgresql` puts its programs. */
const BIN = '/usr/lib/postgresql/15/bin';
/** PostgreSQL refuses to run as root; Debian's `nobody` has no files of its own. */
const NOBODY = 65_534;

export const hasPostgres = (): boolean => existsSync(join(BIN, 'initdb')) && existsSync('/usr/bin/psql');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

type Session = Readonly<{ send: (sql: string) => Promise<void>; close: () => Promise<void> }>;

/** One connection kept open by psql, which tells when each batch is committed. */
function connect(port: number): Session {
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', String(port), '-U', 'bench', 'postgres'];
  const child = spawn('/usr/bin/psql', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const told = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    send: async (sql) => {
      child.stdin.write(`${sql}\n\\echo done\n`);
      const { value, done } = await told.next();
      if (done || value !== 'done') throw new TypeError(`psql said ${String(value)}`);
    },
    close: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

/** Runs something against a new cluster and leaves nothing behind. */
export async function withPostgres<T>(use: (session: Session) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-postgres-'));
  const data = join(folder, 'data');
  const isRoot = process.getuid?.() === 0;
  const who = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  chmodSync(folder, 0o700);
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const port = await freePort();
  try {
    execFileSync(join(BIN, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C'], {
      ...who,
      cwd: folder,
      stdio: 'ignore',
    });
    const options = `-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c synchronous_commit=on -p ${port}`;
    const server = spawn(join(BIN, 'postgres'), ['-D', data, ...options.split(' ')], {
      ...who,
      cwd: folder,
      stdio: 'ignore',
    });
    const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    try {
      execFileSync('/bin/sh', [
        '-c',
        `for i in $(seq 100); do ${BIN}/pg_isready -q -h 127.0.0.1 -p ${port} && exit 0; sleep 0.1; done; exit 1`,
      ]);
      const session = connect(port);
      try {
        return await use(session);
      } finally {
        await session.close();
      }
    } finally {
      server.kill('SIGINT');
      await exited;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export type PlainEvent = Readonly<{ id: string; subject: string; meter: string; occurredMs: number }>;

export const TABLE = `CREATE TABLE event (seq bigint PRIMARY KEY, source text NOT NULL, id text NOT NULL,
  subject text NOT NULL, meter text NOT NULL, quantity bigint NOT NULL, occurred_ms bigint NOT NULL,
  data text NOT NULL, UNIQUE (id, source));`;

/** One statement and so one commit a batch: a statement with many rows is the fastest way short of COPY. */
export function insertOf(events: readonly PlainEvent[], first: number): string {
  const rows = events.map(
    ({ id, subject, meter, occurredMs }, at) =>
      `(${first + at},'bench','${id}','${subject}','${meter}',7,${occurredMs},'{"endpoint":"GET /"}')`,
  );
  return `INSERT INTO event VALUES ${rows.join(',')};`;
}
