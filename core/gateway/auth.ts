/** Who calls the gateway: an API key, what it may do, and for which customer. Operators use the console instead. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Scope } from '#core/contract/permissions.ts';
import { refuse } from '#core/domain/refusal.ts';
import type { Core, Principal } from '#core/services/core.ts';
import type { KeyRecord } from '#core/services/key-ring.ts';
import { quoted } from './problem.ts';

export type Caller = Extract<Principal, { kind: 'key' }>;

/** The caller under a request's key, or a refusal; at once when the key was seen before. */
export function callerOf(core: Core, headers: IncomingHttpHeaders): Caller | Promise<Caller> {
  const secret = secretIn(headers);
  if (secret === null) return nobody('No API key came with the request.');
  const found = core.keyRing.find(secret, core.now());
  return found instanceof Promise ? found.then(asCaller) : asCaller(found);
}

const BEARER = /^Bearer +([^\s]+) *$/i;

function secretIn(headers: IncomingHttpHeaders): string | null {
  const bearer = headers.authorization === undefined ? null : (BEARER.exec(headers.authorization)?.[1] ?? '');
  const named = headers['x-api-key'];
  const key = typeof named === 'string' ? named : null;
  if (bearer !== null && key !== null && bearer !== key) return nobody('Two different API keys came with the request.');
  return bearer ?? key;
}

function asCaller(key: KeyRecord | null): Caller {
  if (key === null) return nobody('The API key is unknown or has ended.');
  return { kind: 'key', id: key.id, customer: key.customer, actor: key.id, permissions: key.scopes };
}

function nobody(detail: string): never {
  return refuse({
    code: 'UNAUTHENTICATED',
    detail,
    fix: 'Send a valid key as "Authorization: Bearer tk_…" or "X-API-Key: tk_…".',
  });
}

/** Lets pass who has one of the scopes, or refuses. */
export function requireScope(caller: Caller, scopes: readonly Scope[]): void {
  if (scopes.length === 0 || scopes.some((scope) => caller.permissions.includes(scope))) return;
  refuse({
    code: 'FORBIDDEN',
    detail: `This needs a key with the scope ${scopes.join(' or ')}.`,
    fix: 'Ask whoever runs this workspace for such a key.',
    values: { scope: scopes.join(' ') },
  });
}

/** Lets a bound key act for its own customer only. `customer` is the id a request's reference leads to. */
export function requireOwn(caller: Caller, customer: string | null, ref: string): void {
  if (caller.customer === null || caller.customer === customer) return;
  refuse({
    code: 'FORBIDDEN',
    detail: `This key may not act for ${quoted(ref)}.`,
    fix: 'Use a key of that customer, or one of the whole workspace.',
  });
}

/** Refuses a bound key what concerns the whole workspace. */
export function requireUnbound(caller: Caller): void {
  if (caller.customer === null) return;
  refuse({
    code: 'FORBIDDEN',
    detail: 'A key of one customer may not do this.',
    fix: 'Use a key of the whole workspace.',
  });
}
