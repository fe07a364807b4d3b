/** A console killed between booking an alert and telling of it: it is told by the next one, once by its id. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFile, openForReading } from '#core/ledger/open.ts';
import { verify } from '#core/ledger/verify.ts';
import { tellOnce } from './notice-once.ts';
import type { Given } from './notice-once.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** Before and after each of the three commits is on the disk. */
const KILLS = [1, 2, 3].flatMap((time) => [`commit.written:${time}`, `commit.durable:${time}`]);

let folder: string;
let server: Server;
let url = '';
const got: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-notice-crash-'));
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      got.push({ headers: request.headers, body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => void got.splice(0));

async function killedAt(point: string, given: Given): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'notice-once.ts'), JSON.stringify(given)], {
    env: { ...process.env, TOLLKEEPER_FAILPOINT: point },
    stdio: 'ignore',
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}

test.each(KILLS)('killed at %s, an alert is told of once by its id', async (point) => {
  const given: Given = { file: join(folder, `${point.replace(':', '-')}.toll`), url, secret: SECRET };
  createFile(given.file);
  expect(await killedAt(point, given)).toBe('SIGKILL');
  await tellOnce(given);
  await tellOnce(given);
  // The one that was killed after it had sent and before that was booked is the only one that comes twice.
  expect(got.length).toBe(point === 'commit.written:3' ? 2 : 1);
  expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(new Set(got.map(({ body }) => body)).size).toBe(1);
  for (const { headers, body } of got) new Webhook(SECRET).verify(body, headers as Record<string, string>);
  const connection = openForReading(given.file);
  expect(verify(connection).problem).toBeNull();
  expect(connection.prepare('SELECT count(*) FROM alert').pluck().get()).toBe(1);
  expect(connection.prepare('SELECT state, attempts FROM notice').all()).toEqual([{ state: 'sent', attempts: 1 }]);
  connection.close();
});
