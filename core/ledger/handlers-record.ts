/**
 * Configuration documents: customers, meters, prices, plans, keys, operators, settings. Each version is a
 * transaction.
 */
import type { Refusal } from '#core/domain/refusal.ts';
import type { Engine } from './engine.ts';
import { sha256 } from './hash.ts';
import type { Answer, SetRecord } from './port.ts';

type Written = Readonly<{ id: string; body: unknown; tx: number; existed: boolean }>;

/** What decides which customer and price usage has: what was accepted before a change is posted before it. */
const REPRICING = new Set(['customer', 'meter', 'price', 'plan', 'rate', 'settings']);

const conflict = (detail: string): Answer<never> => ({
  ok: false,
  refusal: { code: 'CONFLICT', detail, fix: 'Read it again and decide on what is there now.' } satisfies Refusal,
});

/** Writes a document and its names in one transaction. What it was stays readable in the chain. */
export function setRecord(engine: Engine, command: SetRecord): Answer<Written> {
  const { store, book, nowMs } = engine.desk;
  if (command.key !== undefined) {
    const stored = engine.repeated(command.key, sha256(command.request ?? ''));
    if (stored) return stored as Answer<Written>;
  }
  const current = store.get('record', command.kind, command.id);
  const first = command.names[0];
  const holder = first && !first.take ? store.get('name', first.kind, first.name) : undefined;
  if (holder && holder.target !== command.id && command.orExisting) {
    const row = store.get('record', command.kind, holder.target);
    if (row) return { ok: true, value: { id: row.id, body: JSON.parse(row.body), tx: row.tx, existed: true } };
  }
  if (command.expect !== undefined && (current?.tx ?? 0) !== command.expect) {
    return conflict(`${command.kind} ${command.id} was changed in between.`);
  }
  for (const { kind, name, take } of command.names) {
    const taken = store.get('name', kind, name);
    if (!take && taken && taken.target !== command.id)
      return conflict(`The name "${name}" belongs to another ${kind}.`);
  }
  if (REPRICING.has(command.kind)) engine.poster.post();
  const body = JSON.stringify(command.body);
  const answer = { id: command.id, body: command.body, tx: engine.desk.nextSequence, existed: false };
  const tx = engine.desk.write({
    kind: 'record.set',
    subject: null,
    happenedMs: nowMs,
    actor: command.actor,
    ...(command.key === undefined ? {} : { key: command.key, request: sha256(command.request ?? '') }),
    body: JSON.stringify({
      kind: command.kind,
      id: command.id,
      body,
      names: command.names,
      ...(command.key === undefined ? {} : { answer }),
    }),
  });
  store.put('record', { kind: command.kind, id: command.id, book: book.book, body, tx: tx.seq });
  for (const { kind, name, take } of command.names) {
    if (take && store.get('name', kind, name)?.target === command.id) store.removeName(kind, name);
    if (!take) store.put('name', { kind, name, book: book.book, target: command.id, tx: tx.seq });
  }
  for (const { id, value } of command.secrets?.keep ?? []) store.put('secret', { id, book: book.book, value });
  for (const id of command.secrets?.forget ?? []) store.removeSecret(id);
  engine.catalog.forget(command.kind);
  return { ok: true, value: answer };
}
