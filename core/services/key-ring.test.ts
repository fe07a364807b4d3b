import { expect, test } from 'vitest';
import type { Reader } from '#core/ledger/read-port.ts';
import { KeyRing, newSecret } from './key-ring.ts';
import type { KeyRecord } from './key-ring.ts';

function ringWith(...keys: KeyRecord[]): KeyRing {
  const read = (name: string, input: { name?: string; id?: string }) => {
    if (name === 'nameTarget') return Promise.resolve(keys.find(({ hash }) => hash === input.name)?.id ?? null);
    const body = keys.find(({ id }) => id === input.id);
    return Promise.resolve(body ? { id: body.id, body, tx: 1 } : null);
  };
  return new KeyRing({ read, close: () => Promise.resolve() } as Reader);
}

function made(more: Partial<KeyRecord> = {}): { secret: string; key: KeyRecord } {
  const { secret, prefix, hash } = newSecret();
  const key: KeyRecord = {
    id: 'key_00000001',
    customer: null,
    name: 'server',
    prefix,
    hash,
    scopes: ['usage:write'],
    createdMs: 0,
    endsMs: null,
    replacedBy: null,
    ...more,
  };
  return { secret, key };
}

test('a secret leads to its key, and the key does not hold the secret', async () => {
  const { secret, key } = made();
  expect(JSON.stringify(key)).not.toContain(secret.slice(20));
  expect((await ringWith(key).find(secret, 5))?.id).toBe(key.id);
});

test('another secret, a malformed one and an ended key lead nowhere', async () => {
  const { secret, key } = made({ endsMs: 100 });
  const ring = ringWith(key);
  expect(await ring.find(newSecret().secret, 5)).toBeNull();
  expect(await ring.find(`${secret}x`, 5)).toBeNull();
  expect([(await ring.find(secret, 99))?.id, await ring.find(secret, 100)]).toEqual([key.id, null]);
});

test('uses are noted once and taken once', async () => {
  const { secret, key } = made();
  const ring = ringWith(key);
  await ring.find(secret, 5);
  await ring.find(secret, 7);
  expect(ring.lastUse(key.id)).toBe(7);
  expect(ring.takeUses()).toEqual([{ key: key.id, lastMs: 7 }]);
  expect(ring.takeUses()).toEqual([]);
});
