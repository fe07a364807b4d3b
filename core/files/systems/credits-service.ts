/**
 * The credits service (facts/rails.md §4): accounts, transactions and usage events as its HTTP interface has them. One
 * credit is one US cent. Money comes from the transactions alone; usage events are counted beside them and cost
 * nothing, because each of them is in a transaction already.
 */
import { parseInstant } from '#core/gateway/own-event.ts';
import type { IngestTerms } from '#core/gateway/slices.ts';
import { eventIn, integerIn, leaving, nameOf, needed, objectIn, problem, textIn } from './makes.ts';
import type { Converter, GrantSource, Made, Make, Values } from './makes.ts';

const SOURCE = 'credits-service';
const ASSET = 'CREDIT/0';
/** What transactions of usage are counted by: a credit a unit. */
const SPENT = 'credits.spent';

const ACCOUNT_LEFT = {
  balance_cents: 'it is the sum of the transactions; import those',
  plan: 'plans differ; give the customer one of the plans here',
  auto_refill_enabled: 'refills are set up here anew',
  auto_refill: 'refills are set up here anew',
  stripe_customer_id: 'payment providers are connected here anew',
  lago_customer_id: 'nothing here keeps it',
};

function account(values: Values): Made {
  const externalId = needed(values, 'user_id');
  const makes: Make[] = [{ kind: 'customer', externalId, name: nameOf(externalId), timeZone: 'UTC' }];
  return { makes, leftOut: leaving(values, ACCOUNT_LEFT) };
}

/** Names of types on the wire: lower case without a separator (facts/rails.md §4.1). */
const GRANTS: Readonly<Record<string, GrantSource>> = {
  purchase: 'prepaid',
  autorefill: 'prepaid',
  subscriptiongrant: 'promotional',
  signupgrant: 'promotional',
  dailygrant: 'promotional',
  monthlyallowance: 'promotional',
  referralbonus: 'referral',
  bonus: 'manual',
  refund: 'manual',
};

function transaction(values: Values, terms: IngestTerms, first: Make[]): Made {
  const id = needed(values, 'id');
  const fix = 'The list of one user does not say whose it is: add a user_id to each record.';
  const owner = textIn(values, 'user_id') ?? problem('The transaction has no user_id.', 'user_id', fix);
  const [cents, type] = [integerIn(values, 'amount_cents'), needed(values, 'transaction_type').toLowerCase()];
  if (parseInstant(needed(values, 'created_at')) === null) problem('The created_at is no instant.', 'created_at');
  if (type === 'usage') {
    // Its row shows minus the amount, whatever the sign that the cost was sent with (facts/rails.md §4.3).
    if (cents > 0n) problem('Usage that adds credit is a fault of the service.', 'amount_cents');
    const data = { value: String(-cents) };
    const raw = { ...cloudEvent(`txn/${id}`, SPENT, owner), time: needed(values, 'created_at'), data };
    return { makes: [...first, eventIn(raw, terms)], leftOut: [] };
  }
  const source = GRANTS[type] ?? problem(`There is no transaction_type "${type.slice(0, 40)}".`, 'transaction_type');
  if (cents <= 0n) problem('A grant adds credit.', 'amount_cents');
  const note = `${type}: ${textIn(values, 'description') ?? ''}`.slice(0, 500);
  const key = `import/${SOURCE}/${id}`;
  const amountMinor = String(cents);
  return {
    makes: [{ kind: 'grant', key, customer: owner, asset: ASSET, amountMinor, source, note, expiresAtMs: null }],
    leftOut: [],
  };
}

const cloudEvent = (id: string, type: string, subject: string) => ({
  specversion: '1.0',
  source: SOURCE,
  id,
  type,
  subject,
});

const meter = (key: string, unit: string, scale: number, dimensions: readonly string[]): Make => ({
  kind: 'meter',
  key,
  name: key,
  aggregation: 'sum',
  unit,
  scale,
  dimensions: Object.fromEntries(dimensions.map((name) => [name, `$.${name}`])),
  billable: key === SPENT,
});
const ONE_EACH = { kind: 'per-unit', rate: { amountMinor: '1', perUnits: '1' } } as const;

/** Parts of a usage event by its metric: the id's suffix as the service itself makes it, meter, member, dimensions. */
const METRICS: Readonly<Record<string, readonly (readonly [string, string, string, readonly string[], number])[]>> = {
  llm_tokens: [
    ['_input', 'llm_input_tokens', 'input_tokens', ['provider', 'model'], 0],
    ['_output', 'llm_output_tokens', 'output_tokens', ['provider', 'model'], 0],
  ],
  compute: [
    ['_cpu', 'cpu_hours', 'cpu_hours', [], 9],
    ['_memory', 'memory_gb_hours', 'memory_gb_hours', [], 9],
  ],
  api_calls: [['', 'api_calls', 'count', ['endpoint'], 0]],
};
const USAGE_LEFT = {
  agent_id: 'nothing here keeps it',
  metadata: 'nothing here keeps it',
  cost_cents: 'what it cost is in its transaction',
};

function usage(values: Values, terms: IngestTerms, isNew: (key: string) => boolean): Made {
  const [id, owner] = [needed(values, 'event_id'), needed(values, 'user_id')];
  const metric = objectIn(values, 'metric') ?? problem('The metric is missing.', 'metric');
  const parts = METRICS[needed(metric, 'type')] ?? problem(`There is no metric "${needed(metric, 'type')}".`, 'metric');
  const makes: Make[] = [];
  for (const [suffix, key, member, dimensions, scale] of parts) {
    if (isNew(key)) makes.push(meter(key, 'unit', scale, dimensions));
    const known = Object.fromEntries(dimensions.map((name) => [name, textIn(metric, name) ?? '']));
    const data = { ...known, value: needed(metric, member) };
    const time = textIn(values, 'created_at') ?? undefined;
    makes.push(eventIn({ ...cloudEvent(`${id}${suffix}`, key, owner), time, data }, terms));
  }
  return { makes, leftOut: leaving(values, USAGE_LEFT) };
}

export const creditsService = (): Converter => {
  const made = new Set<string>();
  const isNew = (key: string): boolean => !made.has(key) && made.add(key) !== undefined;
  const spentFirst = (): Make[] =>
    isNew(SPENT)
      ? [
          meter(SPENT, 'credit', 0, []),
          { kind: 'price', key: `import/${SOURCE}/${SPENT}`, meter: SPENT, asset: ASSET, model: ONE_EACH },
        ]
      : [];
  return (values, terms) => {
    if (textIn(values, 'event_id') !== null) return usage(values, terms, isNew);
    if (textIn(values, 'transaction_type') !== null) {
      const isUsage = textIn(values, 'transaction_type')?.toLowerCase() === 'usage';
      return transaction(values, terms, isUsage ? spentFirst() : []);
    }
    if (textIn(values, 'user_id') !== null) return account(values);
    return problem('The record is no account, transaction or usage event of the credits service.');
  };
};
