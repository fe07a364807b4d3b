/** Customers, their addresses and API keys. */
import { canonicalJson } from '#core/domain/canonical.ts';
import { refuse } from '#core/domain/refusal.ts';
import { checkTimeZone } from '#core/domain/period.ts';
import { isAsset } from '#core/domain/money.ts';
import type { CustomerRecord } from '#core/ledger/catalog.ts';
import { isPast } from '#core/domain/instant.ts';
import type { Instant } from '#core/domain/instant.ts';
import type { SetRecord } from '#core/ledger/port.ts';
import type { NoteRecord } from '#core/ledger/reads/notes.ts';
import { commitOne, os } from './base.ts';
import type { Core, RequestContext } from './core.ts';
import { clockOf, settledBy } from './instant.ts';
import { newSecret } from './key-ring.ts';
import type { KeyRecord } from './key-ring.ts';

type Written<T> = { id: string; body: T; tx: number; existed: boolean };

async function write(
  context: RequestContext,
  body: CustomerRecord,
  more: Partial<SetRecord> = {},
): Promise<Written<CustomerRecord>> {
  return commitOne(context.core, {
    type: 'record.set',
    kind: 'customer',
    id: body.id,
    body,
    names: [],
    actor: context.principal().actor,
    ...more,
  });
}

const show = (core: Core, id: string, instant: Instant = {}) =>
  core.reader.read('customer', { customer: id, nowMs: clockOf(core, instant), ...settledBy(instant) });

function checkPlan(core: Core, plan: string | null): void {
  if (plan !== null && !core.snapshot().plans.has(plan)) {
    refuse({ code: 'NOT_FOUND', detail: `There is no plan "${plan}".`, fix: 'List the plans, or create it first.' });
  }
}

function checkZone(timeZone: string): void {
  const refusal = checkTimeZone(timeZone);
  if (refusal) refuse(refusal);
}

/** Changes a customer as it was read; a change in between by somebody else is read again once. */
async function change(
  context: RequestContext,
  ref: string,
  make: (body: CustomerRecord) => CustomerRecord,
  names: SetRecord['names'] = [],
) {
  const { body, tx } = await context.core.reader.read('customerRecord', { customer: ref });
  await write(context, make(body), { expect: tx, names });
  return show(context.core, body.id);
}

export const customers = {
  list: os.customers.list.handler(({ input, context: { core } }) =>
    core.reader.read('customers', { ...input, nowMs: clockOf(core, input) }),
  ),
  get: os.customers.get.handler(({ input, context: { core } }) => show(core, input.customer, input)),
  create: os.customers.create.handler(async ({ input, context }) => {
    const { core } = context;
    checkPlan(core, input.plan);
    checkZone(input.timeZone);
    const externalId = input.externalId ?? null;
    const body: CustomerRecord = {
      id: core.newId('cus'),
      externalId,
      name: input.name,
      terms: [{ fromMs: 0, plan: input.plan }],
      anchorDay: input.anchorDay,
      timeZone: input.timeZone,
      overdrafts: {},
      subjects: input.subjects,
      addresses: [],
      createdMs: core.now(),
    };
    const names = [...(externalId === null ? [] : [externalId]), ...input.subjects];
    const written = await write(context, body, {
      names: names.map((name) => ({ kind: 'customer', name })),
      orExisting: externalId !== null,
    });
    return show(core, written.id);
  }),
  update: os.customers.update.handler(async ({ input, context }) => {
    const { core } = context;
    if (input.plan !== undefined) checkPlan(core, input.plan);
    if (input.timeZone !== undefined) checkZone(input.timeZone);
    return change(context, input.customer, (body) => ({
      ...body,
      name: input.name ?? body.name,
      anchorDay: input.anchorDay ?? body.anchorDay,
      timeZone: input.timeZone ?? body.timeZone,
      terms: input.plan === undefined ? body.terms : [...body.terms, { fromMs: core.now(), plan: input.plan }],
    }));
  }),
  setOverdraft: os.customers.setOverdraft.handler(({ input, context }) => {
    if (!isAsset(input.asset) || input.amountMinor.startsWith('-')) {
      refuse({
        code: 'AMOUNT_INVALID',
        detail: 'An overdraft is zero or more.',
        fix: 'Send how far below zero is allowed.',
      });
    }
    return change(context, input.customer, (body) => ({
      ...body,
      overdrafts: { ...body.overdrafts, [input.asset]: BigInt(input.amountMinor).toString() },
    }));
  }),
  notes: os.customers.notes.handler(({ input, context: { core } }) => {
    const { limit, cursor, customer } = input;
    return core.reader.read('notes', { limit, cursor, customer, ...settledBy(input) });
  }),
  addNote: os.customers.addNote.handler(async ({ input, context }) => {
    const { core } = context;
    const { key, customer: ref, text } = input;
    const { actor } = context.principal();
    const [{ body: customer }, operator] = await Promise.all([
      core.reader.read('customerRecord', { customer: ref }),
      core.reader.read('record', { kind: 'operator', id: actor }),
    ]);
    const byName = (operator?.body as { name?: string } | undefined)?.name ?? actor;
    const written = await commitOne<Written<NoteRecord>>(core, {
      type: 'record.set',
      kind: 'note',
      id: `${customer.id}/${core.newId('not')}`,
      body: { text, by: actor, byName, writtenMs: core.now() } satisfies NoteRecord,
      actor,
      names: [],
      key: `customers.addNote:${key}`,
      request: canonicalJson({ customer: customer.id, text }),
    });
    return { id: written.id.slice(customer.id.length + 1), ...written.body };
  }),
  linkAddress: os.customers.linkAddress.handler(({ input, context }) => {
    const { chain, label } = input;
    const address = chain === 'evm' ? input.address.toLowerCase() : input.address;
    return change(
      context,
      input.customer,
      (body) => ({
        ...body,
        addresses: [...body.addresses.filter((one) => one.address !== address), { chain, address, label }],
      }),
      [{ kind: 'address', name: `${chain}:${address}` }],
    );
  }),
  balances: os.customers.balances.handler(({ input, context: { core } }) => core.reader.read('balances', input)),
};

function keyView(key: KeyRecord, lastUsedMs: number | null) {
  const { id, customer, name, prefix, scopes, createdMs, endsMs, replacedBy } = key;
  return { id, customer, name, prefix, scopes: [...scopes], createdMs, lastUsedMs, endsMs, replacedBy };
}

async function writeKey(context: RequestContext, key: KeyRecord, isNew: boolean, expect?: number): Promise<void> {
  await commitOne(context.core, {
    type: 'record.set',
    kind: 'key',
    id: key.id,
    body: key,
    actor: context.principal().actor,
    names: isNew ? [{ kind: 'key', name: key.hash }] : [],
    ...(expect === undefined ? {} : { expect }),
  });
  context.core.keyRing.forget();
}

async function makeKey(context: RequestContext, from: Pick<KeyRecord, 'customer' | 'name' | 'scopes'>) {
  const { core } = context;
  const { secret, prefix, hash } = newSecret();
  const key: KeyRecord = {
    id: core.newId('key'),
    customer: from.customer,
    name: from.name,
    prefix,
    hash,
    scopes: from.scopes,
    createdMs: core.now(),
    endsMs: null,
    replacedBy: null,
  };
  await writeKey(context, key, true);
  return { key: keyView(key, null), secret };
}

async function requireKey(core: Core, id: string): Promise<{ key: KeyRecord; tx: number }> {
  const row = await core.reader.read('record', { kind: 'key', id });
  if (!row) return refuse({ code: 'NOT_FOUND', detail: `There is no key ${id}.`, fix: 'List the keys.' });
  return { key: row.body as KeyRecord, tx: row.tx };
}

export const keys = {
  list: os.keys.list.handler(async ({ input, context: { core } }) => {
    const owner = input.customer === undefined ? undefined : (await show(core, input.customer, input)).id;
    const then = settledBy(input);
    const [rows, uses] = await Promise.all([
      core.reader.read('records', { kind: 'key', ...then }),
      core.reader.read('keyUses', then),
    ]);
    // The last use is all that is kept: where it came after the instant, the one before is not known any more.
    const lately = (id: string) => (isPast(input) ? null : core.keyRing.lastUse(id));
    const items = rows
      .map(({ body }) => body as KeyRecord)
      .filter((key) => owner === undefined || key.customer === owner)
      .map((key) => keyView(key, lately(key.id) ?? uses[key.id] ?? null));
    return { items };
  }),
  create: os.keys.create.handler(async ({ input, context }) => {
    const customer = input.customer === undefined ? null : (await show(context.core, input.customer)).id;
    return makeKey(context, { customer, name: input.name, scopes: input.scopes });
  }),
  rotate: os.keys.rotate.handler(async ({ input, context }) => {
    const { core } = context;
    const { key, tx } = await requireKey(core, input.id);
    if (key.endsMs !== null) {
      refuse({ code: 'STATE_FORBIDS', detail: 'This key has ended or was replaced.', fix: 'Rotate its successor.' });
    }
    const made = await makeKey(context, key);
    const ended = { ...key, endsMs: core.now() + input.overlapMs, replacedBy: made.key.id };
    await writeKey(context, ended, false, tx);
    return made;
  }),
  revoke: os.keys.revoke.handler(async ({ input, context }) => {
    const { key, tx } = await requireKey(context.core, input.id);
    const now = context.core.now();
    if (key.endsMs === null || key.endsMs > now) await writeKey(context, { ...key, endsMs: now }, false, tx);
    return { ok: true as const };
  }),
};
