/**
 * Customers and prices of Stripe: as its API lists them (docs.stripe.com/api, Customer and Price), and as its dashboard
 * exports them to CSV, whose columns are named after what the page shows ("Price ID", "Amount", "Created (UTC)").
 */
import { integerIn, keyOf, leaving, nameOf, needed, objectIn, problem, ratioOf, textIn } from './makes.ts';
import type { Converter, LeftOut, Made, Make, Values, WireModel } from './makes.ts';

const HERE = 'nothing here keeps it';
const CUSTOMER_LEFT = {
  description: HERE,
  address: HERE,
  phone: HERE,
  shipping: HERE,
  metadata: HERE,
  discount: 'discounts are set here anew',
  default_source: 'means of payment stay with Stripe',
  Description: HERE,
  Plan: 'subscriptions are no part of this export; give the customer a plan here',
  Status: 'subscriptions are no part of this export',
  Delinquent: 'what is owed there stays there',
  'Total Spend': 'it was paid there',
};
const PRICE_LEFT = {
  metadata: HERE,
  currency_options: 'a price here is of one asset',
  custom_unit_amount: 'a price here is not the payer’s to choose',
  'Trial Period Days': 'trials have no counterpart',
  'Product Tax Code': HERE,
  'Product Statement Descriptor': HERE,
};

/** Currencies without minor units, and with a thousand (docs.stripe.com/currencies, zero- and three-decimal). */
const WHOLE = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF'.split(' '));
const THOUSANDTHS = new Set('BHD JOD KWD OMR TND'.split(' '));

function assetIn(values: Values, name: string): { asset: string; scale: number } {
  const currency = needed(values, name).toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) problem(`The currency "${currency.slice(0, 10)}" is none.`, name);
  const scale = WHOLE.has(currency) ? 0 : THOUSANDTHS.has(currency) ? 3 : 2;
  return { asset: `${currency}/${scale}`, scale };
}

function customer(values: Values): Made {
  const externalId = needed(values, 'id');
  const email = textIn(values, 'email') ?? textIn(values, 'Email');
  const named = textIn(values, 'name') ?? textIn(values, 'Name');
  const leftOut: LeftOut[] = leaving(values, CUSTOMER_LEFT);
  if (email !== null && named !== null) leftOut.push({ what: 'email', why: HERE });
  const makes: Make[] = [{ kind: 'customer', externalId, name: nameOf(named ?? email ?? externalId), timeZone: 'UTC' }];
  const balance = textIn(values, 'balance') === null ? 0n : integerIn(values, 'balance');
  if (balance > 0n) leftOut.push({ what: 'balance', why: 'what the customer owes there stays there' });
  // Below zero it is credit of the customer, in minor units of the customer's currency.
  if (balance < 0n) {
    makes.push({
      kind: 'grant',
      key: `import/stripe/${externalId}/balance`,
      customer: externalId,
      asset: assetIn(values, 'currency').asset,
      amountMinor: String(-balance),
      source: 'prepaid',
      note: 'Credit balance at Stripe',
      expiresAtMs: null,
    });
  }
  return { makes, leftOut };
}

/** A price in one shape, whichever way it came. Amounts are decimals of minor units in text. */
type Price = Readonly<{
  id: string;
  product: string;
  name: string;
  isActive: boolean;
  isMetered: boolean;
  isMonthly: boolean;
  isRecurring: boolean;
  asset: string;
  amount: string | null;
  aggregation: string;
  tiersMode: string | null;
  tiers: readonly Values[];
  divideBy: Values | null;
}>;

/** "29.90" in major units as minor ones: the point moves, so that no digit is lost. */
function minorOf(text: string, scale: number): string {
  const [, whole, fraction = ''] = /^(\d{1,15})(?:[.,](\d{1,12}))?$/.exec(text) ?? [];
  if (whole === undefined) return problem(`The Amount "${text.slice(0, 40)}" is no amount.`, 'Amount');
  const digits = fraction.padEnd(scale, '0');
  return `${whole}${digits.slice(0, scale)}${digits.length > scale ? `.${digits.slice(scale)}` : ''}`;
}

function fromTable(values: Values): Price {
  const { asset, scale } = assetIn(values, 'Currency');
  const [amount, interval] = [textIn(values, 'Amount'), textIn(values, 'Interval')];
  const product = needed(values, 'Product ID');
  const isTiered = textIn(values, 'Billing Scheme') === 'tiered';
  if (isTiered)
    problem('The dashboard does not export tiers.', 'Billing Scheme', 'Import the price as the API lists it.');
  return {
    id: needed(values, 'Price ID'),
    product,
    name: nameOf(textIn(values, 'Product Name') ?? product),
    isActive: true,
    isMetered: textIn(values, 'Usage Type') === 'metered',
    isMonthly: interval === 'month' && (textIn(values, 'Interval Count') ?? '1') === '1',
    isRecurring: interval !== null,
    asset,
    amount: amount === null ? null : minorOf(amount, scale),
    aggregation: textIn(values, 'Aggregate Usage') ?? 'sum',
    tiersMode: null,
    tiers: [],
    divideBy: null,
  };
}

function fromApi(values: Values): Price {
  const recurring = objectIn(values, 'recurring');
  const expanded = objectIn(values, 'product');
  const product = expanded ? needed(expanded, 'id') : needed(values, 'product');
  const tiers = values['tiers'] as unknown;
  const isTiered = textIn(values, 'billing_scheme') === 'tiered';
  if (isTiered && !Array.isArray(tiers))
    problem('The tiers are not in the list.', 'tiers', 'List prices with expand[]=data.tiers.');
  return {
    id: needed(values, 'id'),
    product,
    name: nameOf((expanded && textIn(expanded, 'name')) ?? textIn(values, 'nickname') ?? product),
    isActive: values['active'] !== false,
    isMetered: textIn(recurring ?? {}, 'usage_type') === 'metered',
    isMonthly: recurring?.['interval'] === 'month' && Number(recurring['interval_count'] ?? 1) === 1,
    isRecurring: recurring !== null,
    asset: assetIn(values, 'currency').asset,
    amount: textIn(values, 'unit_amount_decimal') ?? textIn(values, 'unit_amount'),
    aggregation: textIn(recurring ?? {}, 'aggregate_usage') ?? 'sum',
    tiersMode: isTiered ? textIn(values, 'tiers_mode') : null,
    tiers: Array.isArray(tiers) ? (tiers as Values[]) : [],
    divideBy: objectIn(values, 'transform_quantity'),
  };
}

function flatOf(tier: Values): string {
  const text = textIn(tier, 'flat_amount_decimal') ?? textIn(tier, 'flat_amount') ?? '0';
  const [, whole] = /^(\d{1,20})(?:\.0*)?$/.exec(text) ?? [];
  return whole ?? problem(`The flat_amount "${text.slice(0, 40)}" is no whole minor unit.`, 'tiers');
}

function modelOf(price: Price): WireModel {
  if (price.tiersMode !== null) {
    if (price.divideBy) problem('Tiers of transformed quantities have no counterpart.', 'transform_quantity');
    const tiers = price.tiers.map((tier) => ({
      upTo: tier['up_to'] === null || tier['up_to'] === 'inf' ? null : String(integerIn(tier, 'up_to')),
      rate: ratioOf(textIn(tier, 'unit_amount_decimal') ?? textIn(tier, 'unit_amount') ?? '0', 'unit_amount'),
      flatMinor: flatOf(tier),
    }));
    return { kind: price.tiersMode === 'volume' ? 'volume' : 'graduated', tiers };
  }
  const rate = ratioOf(price.amount ?? problem('The price has no amount.', 'unit_amount'), 'unit_amount');
  if (!price.divideBy) return { kind: 'per-unit', rate };
  const isWhole = rate.perUnits === '1' && price.divideBy['round'] === 'up';
  if (!isWhole) problem('Packages here are begun ones, of a whole amount.', 'transform_quantity');
  return { kind: 'package', sizeUnits: String(integerIn(price.divideBy, 'divide_by')), amountMinor: rate.amountMinor };
}

/** How Stripe adds up metered usage, in our words. */
const AGGREGATIONS: Readonly<Record<string, 'sum' | 'max' | 'latest'>> = {
  sum: 'sum',
  max: 'max',
  last_during_period: 'latest',
  last_ever: 'latest',
};

function makesOf(price: Price): Make[] {
  const key = keyOf(price.product);
  const aggregation = AGGREGATIONS[price.aggregation];
  if (aggregation === undefined) return problem(`Usage cannot be added up by "${price.aggregation}" here.`);
  const meter = { key, name: price.name, aggregation, unit: 'unit', scale: 0, dimensions: {}, billable: true };
  const { asset } = price;
  return [
    { kind: 'meter', ...meter },
    { kind: 'price', key: `import/stripe/${price.id}`, meter: key, asset, model: modelOf(price) },
  ];
}

function planOf(price: Price): Make {
  const [, baseFeeMinor] = /^(\d{1,20})(?:\.0*)?$/.exec(price.amount ?? '') ?? [];
  if (baseFeeMinor === undefined) problem('A monthly fee here is a whole number of minor units.', 'unit_amount');
  return {
    kind: 'plan',
    key: keyOf(price.id),
    name: price.name,
    asset: price.asset,
    baseFeeMinor: baseFeeMinor ?? '0',
  };
}

function fromPrice(values: Values, one: Price): Made {
  const leftOut: LeftOut[] = leaving(values, PRICE_LEFT);
  const leave = (what: string, why: string): Made => ({ makes: [], leftOut: [...leftOut, { what, why }] });
  if (!one.isActive) return leave('inactive prices', 'they are in force for nothing new');
  if (!one.isRecurring) return leave('one-time prices', 'what is sold once is no metered service');
  if (one.isMetered) return { makes: makesOf(one), leftOut };
  if (!one.isMonthly) return leave('fees by another interval than a month', 'the fee of a plan here is a month’s');
  if (one.tiersMode !== null) return leave('tiered fees', 'the fee of a plan here is one amount');
  return { makes: [planOf(one)], leftOut };
}

export const stripe = (): Converter => (values) => {
  if (textIn(values, 'Price ID') !== null) return fromPrice(values, fromTable(values));
  const kind = textIn(values, 'object');
  if (kind === 'price') return fromPrice(values, fromApi(values));
  if (kind === 'customer' || (kind === null && textIn(values, 'id')?.startsWith('cus_'))) return customer(values);
  if (kind === 'product') {
    return { makes: [], leftOut: [{ what: 'products', why: 'a price brings the name of its product, when expanded' }] };
  }
  return problem('The record is no customer or price of Stripe.');
};
