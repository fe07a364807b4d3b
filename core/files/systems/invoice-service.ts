/**
 * The invoice service (facts/rails.md §5): credits and invoices by the fields of its design, amounts in micro-SYNOR.
 * What is unspent of a credit becomes a grant; lines of drafts become usage that is billed here. What was finalized
 * there is owed or paid there, and is left.
 */
import { parseInstant } from '#core/gateway/own-event.ts';
import type { IngestTerms } from '#core/gateway/slices.ts';
import { eventIn, integerIn, keyOf, leaving, nameOf, needed, problem, textIn } from './makes.ts';
import type { Converter, GrantSource, Made, Make, Values } from './makes.ts';

const SOURCE = 'invoice-service';
const ASSET = 'SYNOR/6';

/** RFC 3339, or Unix seconds, as serializers of its language write instants. */
function instantIn(values: Values, name: string): number | null {
  const text = textIn(values, name);
  if (text === null) return null;
  const instantMs = /^\d{1,12}$/.test(text) ? Number(text) * 1000 : parseInstant(text);
  return instantMs ?? problem(`The ${name} "${text.slice(0, 40)}" is no instant.`, name);
}

const GRANTS: Readonly<Record<string, GrantSource>> = {
  prepaid: 'prepaid',
  promotional: 'promotional',
  referral: 'referral',
  slacredit: 'sla',
  manual: 'manual',
};

/** A variant with fields, as a name, as `{"Prepaid": {…}}`, or with its name under `type`. */
function sourceIn(values: Values): { source: GrantSource; note: string } {
  const given = values['source'] as unknown;
  const isObject = typeof given === 'object' && given !== null;
  const tagged = isObject && 'type' in given ? given.type : isObject ? Object.keys(given)[0] : given;
  const name = typeof tagged === 'string' ? tagged : '';
  const source = GRANTS[name.toLowerCase().replaceAll('_', '')];
  if (!source) return problem(`There is no source "${name.slice(0, 40)}" of credit.`, 'source');
  return { source, note: isObject ? JSON.stringify(given).slice(0, 500) : name };
}

const customer = (externalId: string): Make => ({
  kind: 'customer',
  externalId,
  name: nameOf(externalId),
  timeZone: 'UTC',
});

function credit(values: Values, terms: IngestTerms): Made {
  const [id, owner] = [needed(values, 'credit_id'), needed(values, 'account_id')];
  const [amount, remaining] = [integerIn(values, 'amount'), integerIn(values, 'remaining')];
  if (remaining < 0n || remaining > amount) problem('More remains than was given.', 'remaining');
  const expiresAtMs = instantIn(values, 'expires_at');
  const leave = (what: string, why: string): Made => ({ makes: [customer(owner)], leftOut: [{ what, why }] });
  if (remaining === 0n) return leave('credits that are used up', 'nothing of them is left to grant');
  if (expiresAtMs !== null && expiresAtMs <= terms.nowMs)
    return leave('credits that have expired', 'nobody may use them');
  const { source, note } = sourceIn(values);
  const grant: Make = {
    kind: 'grant',
    key: `import/${SOURCE}/credit/${id}`,
    customer: owner,
    asset: ASSET,
    amountMinor: String(remaining),
    source,
    note,
    expiresAtMs,
  };
  const used = { what: 'used parts of credits', why: 'they were spent there' };
  return { makes: [customer(owner), grant], leftOut: remaining < amount ? [used] : [] };
}

const INVOICE_LEFT = {
  discounts: 'discounts are set here anew',
  credits_applied: 'credits are applied here when an invoice is finalized',
};

function line(values: Values, at: number, invoice: Values, terms: IngestTerms): Make[] {
  const [service, unit] = [needed(values, 'service'), textIn(values, 'unit') ?? 'unit'];
  const key = keyOf(`${service}.${unit}`);
  const dimensions = { resource: '$.resource' };
  const data = { value: String(integerIn(values, 'quantity')), resource: textIn(values, 'resource') ?? '' };
  const amountMinor = String(integerIn(values, 'unit_price_micro_synor'));
  const atMs = instantIn(invoice, 'period_start') ?? problem('The period_start is missing.', 'period_start');
  const model = { kind: 'per-unit', rate: { amountMinor, perUnits: '1' } } as const;
  const raw = {
    specversion: '1.0',
    source: SOURCE,
    id: `${needed(invoice, 'invoice_id')}/${at}`,
    type: key,
    subject: needed(invoice, 'account_id'),
    time: new Date(atMs).toISOString(),
    data,
  };
  return [
    {
      kind: 'meter',
      key,
      name: key,
      aggregation: 'sum',
      unit: unit.slice(0, 40),
      scale: 0,
      dimensions,
      billable: true,
    },
    { kind: 'price', key: `import/${SOURCE}/price/${key}/${amountMinor}`, meter: key, asset: ASSET, model },
    eventIn(raw, terms),
  ];
}

function fromInvoice(values: Values, terms: IngestTerms): Made {
  const [owner, status] = [needed(values, 'account_id'), needed(values, 'status').toLowerCase()];
  const leftOut = leaving(values, INVOICE_LEFT);
  if (status !== 'draft') {
    const why = ['paid', 'voided'].includes(status) ? 'they are settled there' : 'what is owed on them is owed there';
    return { makes: [customer(owner)], leftOut: [...leftOut, { what: `invoices that are ${status}`, why }] };
  }
  const lines = values['line_items'] as unknown;
  if (!Array.isArray(lines)) return problem('The line_items are no list.', 'line_items');
  const makes = (lines as Values[]).flatMap((one, at) => line(one, at, values, terms));
  return { makes: [customer(owner), ...makes], leftOut };
}

export const invoiceService = (): Converter => (values, terms) => {
  if (textIn(values, 'invoice_id') !== null) return fromInvoice(values, terms);
  if (textIn(values, 'credit_id') !== null) return credit(values, terms);
  return problem('The record is no credit or invoice of the invoice service.');
};
