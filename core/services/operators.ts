/** Operators: names, roles, passphrases and the Ed25519 key that each passphrase seals. */
import { ROLE_PERMISSIONS } from '#core/contract/permissions.ts';
import type { Role } from '#core/contract/permissions.ts';
import { refuse } from '#core/domain/refusal.ts';
import { isPast } from '#core/domain/instant.ts';
import type { Instant } from '#core/domain/instant.ts';
import { commitOne, os } from './base.ts';
import type { Core, Principal, RequestContext, SessionControl } from './core.ts';
import { settledBy } from './instant.ts';
import { newKeyPair, seal, unseal } from './sealed-key.ts';
import type { Credential } from './sealed-key.ts';

/** An operator as the books keep it. */
export type OperatorRecord = Credential &
  Readonly<{
    id: string;
    name: string;
    role: Role;
    disabled: boolean;
    createdMs: number;
    publicKey: string;
  }>;

const PASSPHRASE_MIN = 10;

export async function checkPassphrase(operator: OperatorRecord, passphrase: string): Promise<boolean> {
  return (await unseal(operator, passphrase)) !== null;
}

/** Makes an operator with a new key. */
export async function newOperator(
  core: Pick<Core, 'newId' | 'now'>,
  from: { name: string; role: Role; passphrase: string },
): Promise<OperatorRecord> {
  if (from.passphrase.length < PASSPHRASE_MIN) {
    refuse({
      code: 'INPUT_INVALID',
      detail: `A passphrase has at least ${PASSPHRASE_MIN} characters.`,
      fix: 'Choose a longer one.',
    });
  }
  const { publicKey, privateKey } = newKeyPair();
  const credential = await seal(from.passphrase, privateKey);
  return {
    id: core.newId('opr'),
    name: from.name,
    role: from.role,
    disabled: false,
    createdMs: core.now(),
    publicKey,
    ...credential,
  };
}

export async function allOperators(
  core: Pick<Core, 'reader'>,
  instant: Instant = {},
): Promise<{ operator: OperatorRecord; tx: number }[]> {
  const rows = await core.reader.read('records', { kind: 'operator', ...settledBy(instant) });
  return rows.map(({ body, tx }) => ({ operator: body as OperatorRecord, tx }));
}

type Changed = (operator: OperatorRecord) => void;
/** Open sessions, by the books they belong to: each hears when an operator changes. */
const listeners = new WeakMap<object, Set<Changed>>();

/** Calls back at each change of an operator until the returned function is called. */
export function onOperatorChange(core: object, listener: Changed): () => void {
  const all = listeners.get(core) ?? new Set();
  listeners.set(core, all.add(listener));
  return () => all.delete(listener);
}

export async function writeOperator(
  core: Core,
  operator: OperatorRecord,
  actor: string,
  expect?: number,
): Promise<void> {
  await commitOne(core, {
    type: 'record.set',
    kind: 'operator',
    id: operator.id,
    body: operator,
    actor,
    names: [{ kind: 'operator', name: operator.name }],
    ...(expect === undefined ? {} : { expect }),
  });
  for (const listener of [...(listeners.get(core) ?? [])]) listener(operator);
}

/** What an operator may do, as whom. */
export function principalOf(operator: OperatorRecord): Principal {
  const { id, name, role } = operator;
  return { kind: 'operator', id, name, role, actor: id, permissions: ROLE_PERMISSIONS[role] };
}

export const NOBODY: Principal = { kind: 'nobody', actor: 'nobody', permissions: [] };

/** Somebody's connection, as long as it is open. */
export type Presence = Readonly<{
  session: SessionControl;
  principal: () => Principal;
  sinceMs: number;
  lastSeenMs: () => number;
}>;

type Present = { open: Set<Presence>; lastSeenMs: Map<string, number> };
const presences = new WeakMap<object, Present>();

function presentOf(core: object): Present {
  const known = presences.get(core) ?? { open: new Set(), lastSeenMs: new Map<string, number>() };
  presences.set(core, known);
  return known;
}

/** Counts a connection among the open ones until the returned function is called. */
export function present(core: object, presence: Presence): () => void {
  const { open, lastSeenMs } = presentOf(core);
  open.add(presence);
  return () => {
    open.delete(presence);
    const principal = presence.principal();
    if (principal.kind !== 'operator') return;
    lastSeenMs.set(principal.id, Math.max(lastSeenMs.get(principal.id) ?? 0, presence.lastSeenMs()));
  };
}

/** Open sessions of operators, and when each operator was seen last. */
function whoIsThere(core: object) {
  const { open, lastSeenMs } = presentOf(core);
  const sessions = [];
  const seen = new Map(lastSeenMs);
  for (const one of open) {
    const principal = one.principal();
    if (principal.kind !== 'operator') continue;
    seen.set(principal.id, Math.max(seen.get(principal.id) ?? 0, one.lastSeenMs()));
    sessions.push({ ...one, operator: principal.id, name: principal.name });
  }
  return { sessions, seen };
}

export function operatorView(operator: OperatorRecord, lastSeenMs: number | null = null) {
  const { id, name, role, publicKey, createdMs, disabled } = operator;
  return { id, name, role, publicKey, createdMs, lastSeenMs, disabled };
}

async function sessionView(context: RequestContext) {
  const { core, session } = context;
  const principal = context.principal();
  const all = await allOperators(core);
  const own = all.find(({ operator }) => operator.id === (principal.kind === 'operator' ? principal.id : ''));
  const { settings } = core.snapshot();
  return {
    operator: own ? operatorView(own.operator) : null,
    locked: session?.isLocked() ?? false,
    permissions: [...principal.permissions],
    workspaceName: settings.name,
    sample: settings.sample,
    idleLockMs: settings.idleLockMs,
    operatorNames: all.filter(({ operator }) => !operator.disabled).map(({ operator }) => operator.name),
  };
}

function requireSession(context: RequestContext) {
  return (
    context.session ??
    refuse({
      code: 'STATE_FORBIDS',
      detail: 'Only a person signs in.',
      fix: 'An API key needs no session.',
    })
  );
}

export const session = {
  get: os.session.get.handler(({ context }) => sessionView(context)),
  signIn: os.session.signIn.handler(async ({ input, context }) => {
    await requireSession(context).signIn(input.name, input.passphrase);
    return sessionView(context);
  }),
  lock: os.session.lock.handler(({ context }) => {
    context.session?.lock();
    return sessionView(context);
  }),
};

async function requireOperator(core: Core, id: string): Promise<{ operator: OperatorRecord; tx: number }> {
  const found = (await allOperators(core)).find(({ operator }) => operator.id === id);
  return found ?? refuse({ code: 'NOT_FOUND', detail: `There is no operator ${id}.`, fix: 'List the operators.' });
}

/** Whoever asks, with the private key that their passphrase opens. A key of a machine has none to sign with. */
export async function unsealOwn(
  context: RequestContext,
  passphrase: string,
): Promise<{ operator: OperatorRecord; tx: number; privateKey: Buffer }> {
  const principal = context.principal();
  if (principal.kind !== 'operator') {
    return refuse({ code: 'UNAUTHENTICATED', detail: 'Nobody is signed in.', fix: 'Sign in first.' });
  }
  const { operator, tx } = await requireOperator(context.core, principal.id);
  const privateKey = await unseal(operator, passphrase);
  if (!privateKey) {
    const values = { field: 'passphrase' };
    return refuse({ code: 'STATE_FORBIDS', detail: 'The passphrase is not right.', fix: 'Try again.', values });
  }
  return { operator, tx, privateKey };
}

export const operators = {
  list: os.operators.list.handler(async ({ input, context: { core } }) => {
    // Who was there is kept while the core runs, and for no instant that has passed.
    const seen = isPast(input) ? null : whoIsThere(core).seen;
    const all = await allOperators(core, input);
    return { items: all.map(({ operator }) => operatorView(operator, seen?.get(operator.id) ?? null)) };
  }),
  sessions: os.operators.sessions.handler(({ context: { core, session: own } }) => {
    const items = whoIsThere(core).sessions.map(({ operator, name, session: one, sinceMs, lastSeenMs }) => ({
      operator,
      name,
      locked: one.isLocked(),
      sinceMs,
      lastSeenMs: lastSeenMs(),
      own: one === own,
    }));
    return { items: items.toSorted((a, b) => b.lastSeenMs - a.lastSeenMs) };
  }),
  create: os.operators.create.handler(async ({ input, context }) => {
    const operator = await newOperator(context.core, input);
    await writeOperator(context.core, operator, context.principal().actor, 0);
    return operatorView(operator);
  }),
  setRole: os.operators.setRole.handler(async ({ input, context }) => {
    const { core } = context;
    const { operator, tx } = await requireOperator(core, input.id);
    const admins = (await allOperators(core)).filter((one) => one.operator.role === 'admin' && !one.operator.disabled);
    const isLast = admins.length === 1 && admins[0]?.operator.id === operator.id;
    if (isLast && (input.role !== 'admin' || input.disabled)) {
      refuse({
        code: 'STATE_FORBIDS',
        detail: `${operator.name} is the last admin.`,
        fix: 'Make somebody else an admin first.',
      });
    }
    const changed = { ...operator, role: input.role, disabled: input.disabled };
    await writeOperator(core, changed, context.principal().actor, tx);
    return operatorView(changed);
  }),
  changePassphrase: os.operators.changePassphrase.handler(async ({ input, context }) => {
    const { operator, tx, privateKey } = await unsealOwn(context, input.current);
    const credential = await seal(input.next, privateKey);
    await writeOperator(context.core, { ...operator, ...credential }, operator.id, tx);
    return { ok: true as const };
  }),
};
