/** What each answer of the double passes first: the log of calls, faults, calls that never answer, and the lock. */
import { ORPCError, implement } from '@orpc/server';
import { contract } from '#core/contract/index.ts';
import type { World } from './console-double-world.ts';

type Paged = { limit: number; cursor?: string | undefined };

export function pageOf<Item>(
  items: readonly Item[],
  { limit, cursor }: Paged,
): { items: Item[]; nextCursor: string | null } {
  const from = cursor === undefined ? 0 : Number.parseInt(cursor, 10);
  const to = from + limit;
  return { items: items.slice(from, to), nextCursor: to < items.length ? String(to) : null };
}

export function missing(code: string, detail: string): ORPCError<string, unknown> {
  return new ORPCError(code, { status: 404, data: { detail, fix: 'Look at the list for what there is.' } });
}

export function gate(world: World) {
  return implement(contract).use(async ({ next, path }, input) => {
    const name = path.join('.');
    world.calls.push({ path: name, input });
    const fault = world.faults.get(name);
    if (fault) throw new ORPCError(fault.code, { status: 500, data: { detail: fault.detail, fix: fault.fix } });
    if (world.stuck.has(name)) await new Promise<never>(() => undefined);
    if (world.session.locked && !name.startsWith('session.')) {
      throw new ORPCError('LOCKED', { status: 401, data: { detail: 'The session is locked.', fix: 'Unlock it.' } });
    }
    return next();
  });
}

export type Os = ReturnType<typeof gate>;
