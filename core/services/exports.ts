/** Files through the doors: lists out, uploads in, and the check that each of them goes through. */
import { ExportOrder, EXPORT_PERMISSIONS } from '#core/contract/exports.ts';
import { EXPORT_LIST_NAMES, columnsOf, filtersOf } from '#core/domain/exports.ts';
import { refuse } from '#core/domain/refusal.ts';
import { os } from './base.ts';
import type { Permission } from '#core/contract/permissions.ts';
import type { Principal, RequestContext, Upload } from './core.ts';

export const exports = {
  lists: os.exports.lists.handler(({ context }) => {
    const { permissions } = context.principal();
    const items = EXPORT_LIST_NAMES.map((list) => ({
      list,
      columns: columnsOf(list).map(([name, kind]) => ({ name, kind })),
      filters: [...filtersOf(list)],
      paths: { csv: `/export/${list}.csv`, parquet: `/export/${list}.parquet` },
      allowed: permissions.includes(EXPORT_PERMISSIONS[list]),
    }));
    return { items };
  }),
};

const FILTER_FIX = 'See `tollkeeper exports lists` for the lists and their filters.';

function readOrder(value: unknown): ExportOrder {
  const read = ExportOrder.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const detail = `${issue?.path.join('.') || 'The order'}: ${issue?.message ?? 'does not fit'}.`;
    return refuse({ code: 'INPUT_INVALID', detail, fix: FILTER_FIX });
  }
  const { list, format: _format, asOfMs: _asOf, knownAtMs: _knownAt, ...filters } = read.data;
  const taken: readonly string[] = filtersOf(list);
  const stray = Object.entries(filters).find(([name, given]) => given !== undefined && !taken.includes(name));
  if (stray) {
    const takes = taken.length > 0 ? `It takes ${taken.join(', ')}.` : 'It takes none.';
    refuse({ code: 'INPUT_INVALID', detail: `The list ${list} has no filter ${stray[0]}.`, fix: takes });
  }
  return read.data;
}

/** Lets pass who may, or refuses; the doors have no command around these that would look. */
function requirePermission({ session, principal }: RequestContext, permission: Permission): Principal {
  if (session?.isLocked()) {
    refuse({ code: 'LOCKED', detail: 'This session is locked.', fix: 'Give your passphrase to go on.' });
  }
  const asker = principal();
  const isAllowed = asker.permissions.includes(permission);
  if (!isAllowed && asker.kind === 'nobody') {
    refuse({ code: 'UNAUTHENTICATED', detail: 'Nobody is signed in.', fix: 'Sign in with your name and passphrase.' });
  }
  if (!isAllowed) {
    refuse({
      code: 'FORBIDDEN',
      detail: `This needs the permission ${permission}.`,
      fix: 'Ask an admin of the workspace for it.',
      values: { permission },
    });
  }
  session?.touch();
  return asker;
}

/** The bytes of a list for whoever asks, as they become ready; ends early with the signal. */
export function exportList(context: RequestContext, order: unknown, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  const read = readOrder(order);
  requirePermission(context, EXPORT_PERMISSIONS[read.list]);
  return context.core.files.exportList(read, signal);
}

/** Takes a file that somebody sends; `statedBytes` is below zero where its size was not said. */
export function receiveUpload(
  context: RequestContext,
  stream: AsyncIterable<Uint8Array>,
  { name, statedBytes }: Readonly<{ name: string; statedBytes: number }>,
): Promise<Upload> {
  const { actor } = requirePermission(context, 'usage:write');
  return context.core.files.spool.receive(stream, { name, actor, statedBytes: statedBytes >= 0 ? statedBytes : null });
}

/** Where the rows of an upload lie that were not taken. */
export function uploadErrors(context: RequestContext, id: string): Readonly<{ path: string; name: string }> {
  const { actor } = requirePermission(context, 'usage:write');
  return context.core.files.spool.errorsOf(id, actor);
}
