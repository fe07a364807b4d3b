/** Subjects in the dialect: each is a name that leads to a customer; adding one that is new makes its customer. */
import type { Scope } from '#core/contract/permissions.ts';
import { RefusalError, refuse } from '#core/domain/refusal.ts';
import type { CustomerRecord } from '#core/ledger/catalog.ts';
import { requireOwn, requireUnbound } from './auth.ts';
import type { Asked, Gateway, Route } from './http.ts';
import { jsonBody } from './openmeter-input.ts';
import { isName } from './own-event.ts';
import { invalid, jsonReply, quoted } from './problem.ts';
import type { Reply } from './problem.ts';

const MOST_SUBJECTS = 100;
/** A metering client registers its subjects with the key that defines its meters; they begin with no credit at all. */
const WRITE_SCOPES = ['customers:write', 'meters:write'] as const satisfies readonly Scope[];
const READ_SCOPES = ['customers:read', 'usage:read', 'meters:write'] as const satisfies readonly Scope[];

export function subjectRoutes(gateway: Gateway): Route[] {
  const one = '/api/v1/subjects/:subject';
  return [
    { method: 'POST', url: '/api/v1/subjects', scopes: WRITE_SCOPES, answer: (asked) => upsert(gateway, asked) },
    { method: 'GET', url: '/api/v1/subjects', scopes: READ_SCOPES, answer: (asked) => listAll(gateway, asked) },
    { method: 'GET', url: one, scopes: READ_SCOPES, answer: (asked) => get(gateway, asked) },
    {
      method: 'DELETE',
      url: one,
      scopes: WRITE_SCOPES,
      answer: () =>
        refuse({
          code: 'STATE_FORBIDS',
          detail: 'A subject is not removed: usage may rest on it.',
          fix: 'Leave it unused.',
        }),
    },
  ];
}

type Wanted = Readonly<{ key: string; displayName: string | null }>;

async function upsert(gateway: Gateway, asked: Asked): Promise<Reply> {
  requireUnbound(asked.caller);
  const value = jsonBody(asked);
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (given.length > MOST_SUBJECTS)
    refuse(invalid(`There are ${given.length} subjects.`, `Send at most ${MOST_SUBJECTS}.`));
  const views: object[] = [];
  for (const wanted of given.map(wantedIn)) views.push(subjectView(wanted.key, await ensure(gateway, asked, wanted)));
  return jsonReply(views);
}

function wantedIn(value: unknown): Wanted {
  const raw = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const { key, displayName } = raw;
  if (typeof key !== 'string' || key === '' || key.length > 200 || !isName(key)) {
    return refuse(invalid('The key of a subject is not a text of 1 to 200 printable characters.'));
  }
  return {
    key,
    displayName: typeof displayName === 'string' && isName(displayName) ? displayName.slice(0, 120) : null,
  };
}

/** The customer that a subject leads to, made where there is none. A subject made meanwhile is the same subject. */
async function ensure(gateway: Gateway, { caller }: Asked, { key, displayName }: Wanted): Promise<CustomerRecord> {
  const { core, directory } = gateway;
  directory.forget();
  const known = await directory.find(key);
  if (known) return known;
  const body: CustomerRecord = {
    id: core.newId('cus'),
    externalId: null,
    name: displayName || key.slice(0, 120),
    terms: [{ fromMs: 0, plan: null }],
    anchorDay: 1,
    timeZone: 'UTC',
    overdrafts: {},
    subjects: [key],
    addresses: [],
    createdMs: core.now(),
  };
  const [answer] = await core.book.commit([
    {
      type: 'record.set',
      kind: 'customer',
      id: body.id,
      body,
      names: [{ kind: 'customer', name: key }],
      orExisting: true,
      actor: caller.actor,
    },
  ]);
  directory.forget();
  if (answer?.ok) return (answer.value as { body: CustomerRecord }).body;
  throw new RefusalError(
    answer?.refusal ?? { code: 'BUSY', detail: 'The books gave no answer.', fix: 'Send it again.' },
  );
}

function subjectView(key: string, customer: CustomerRecord): object {
  const at = new Date(customer.createdMs).toISOString();
  return { id: customer.id, key, displayName: customer.name, metadata: {}, createdAt: at, updatedAt: at };
}

async function get({ directory }: Gateway, { caller, params }: Asked): Promise<Reply> {
  const key = params['subject'] ?? '';
  const customer = await directory.find(key);
  requireOwn(caller, customer?.id ?? null, key);
  if (customer) return jsonReply(subjectView(customer.id === key ? (customer.subjects[0] ?? key) : key, customer));
  return refuse({ code: 'CUSTOMER_UNKNOWN', detail: `There is no subject ${quoted(key)}.`, fix: 'List the subjects.' });
}

async function listAll({ core }: Gateway, { caller }: Asked): Promise<Reply> {
  const views: object[] = [];
  for (const { body } of await core.reader.read('records', { kind: 'customer' })) {
    const customer = body as CustomerRecord;
    if (caller.customer !== null && caller.customer !== customer.id) continue;
    for (const key of customer.subjects) views.push(subjectView(key, customer));
  }
  return jsonReply(views);
}
