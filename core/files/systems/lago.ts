/**
 * Events, customers and subscriptions of Lago as its API lists them (OpenAPI of lago-javascript-client 1.53.0:
 * EventObject, CustomerObject, SubscriptionObject). Events count once with what the gateway's dialect took of them.
 */
import { isTimeZone } from '#core/domain/zone.ts';
import { readLago } from '#core/gateway/lago-event.ts';
import { parseInstant } from '#core/gateway/own-event.ts';
import type { IngestTerms } from '#core/gateway/slices.ts';
import { leaving, nameOf, needed, objectIn, problem, textIn } from './makes.ts';
import type { Converter, Made, Values } from './makes.ts';

const HERE = 'nothing here keeps it';
const CUSTOMER_LEFT = {
  email: HERE,
  legal_number: HERE,
  tax_identification_number: HERE,
  address_line1: HERE,
  country: HERE,
  phone: HERE,
  metadata: HERE,
  currency: 'a balance here is of the assets that grants and prices name',
  billing_configuration: 'payment providers are connected here anew',
};
const SUBSCRIPTION_LEFT = {
  plan_code: 'plans differ; give the customer one of the plans here',
  ending_at: 'a subscription here is a name of its customer, which does not end',
};

/** Lago lists its times as RFC 3339 and takes them as Unix seconds; both are the same instant. */
function secondsOf(value: unknown): unknown {
  const instantMs = typeof value === 'string' ? parseInstant(value) : null;
  return instantMs === null ? value : `${Math.floor(instantMs / 1000)}.${String(instantMs % 1000).padStart(3, '0')}`;
}

function event(values: Values, terms: IngestTerms): Made {
  const properties = objectIn(values, 'properties') ?? values['properties'];
  const raw = { ...values, properties, timestamp: secondsOf(values['timestamp']) };
  const read = readLago(raw, { ...terms, refuseUnknown: false });
  if ('event' in read) return { makes: [{ kind: 'event', event: read.event }], leftOut: [] };
  const [[field, [code]] = ['event', []]] = Object.entries(read.faults);
  return problem(`The ${field} is not one that Lago has: ${code ?? 'invalid'}.`, field);
}

function customer(values: Values): Made {
  const externalId = needed(values, 'external_id');
  const timeZone = textIn(values, 'timezone') ?? textIn(values, 'applicable_timezone') ?? 'UTC';
  if (!isTimeZone(timeZone)) problem(`There is no time zone "${timeZone.slice(0, 40)}".`, 'timezone');
  const name = nameOf(textIn(values, 'name') ?? textIn(values, 'legal_name') ?? externalId);
  return { makes: [{ kind: 'customer', externalId, name, timeZone }], leftOut: leaving(values, CUSTOMER_LEFT) };
}

function subscription(values: Values): Made {
  const [owner, subject] = [needed(values, 'external_customer_id'), needed(values, 'external_id')];
  return { makes: [{ kind: 'subject', customer: owner, subject }], leftOut: leaving(values, SUBSCRIPTION_LEFT) };
}

export const lago = (): Converter => (values, terms) => {
  if (textIn(values, 'transaction_id') !== null) return event(values, terms);
  if (textIn(values, 'external_customer_id') !== null) return subscription(values);
  if (textIn(values, 'external_id') !== null) return customer(values);
  return problem('The record is no event, customer or subscription of Lago.');
};
