/** A price as it is typed, before it is one: read into a model or into what is wrong with each field. Books nothing. */
import { formatMinor, parseDecimal } from '#core/domain/money.ts';
import { trimmed } from '#core/domain/words.ts';
import { plainAmount, readAmount } from '../../lib/money.ts';
import type { Meter, Price } from '../../lib/shapes.ts';

export type WireModel = Price['model'];
export const KINDS = ['per-unit', 'quota', 'package', 'graduated', 'volume'] as const;
export type Kind = (typeof KINDS)[number];

export type TierDraft = Readonly<{ upTo: string; amount: string; flat: string }>;
export type PriceDraft = Readonly<{
  kind: Kind;
  /** Of a unit price, a package or what lies above a quota. */
  amount: string;
  /** For so many units: of every rate of the price, and the size of a package. */
  per: string;
  /** Units that cost nothing; empty: all of them. */
  quota: string;
  tiers: readonly TierDraft[];
  minimum: string;
}>;

/** Which field, and what to do about it; tiers by their place. */
export type Problems = Readonly<Record<string, string>>;
export type Read = Readonly<{ model: WireModel; minimumMinor: string }> | Readonly<{ problems: Problems }>;

export const EMPTY_DRAFT: PriceDraft = {
  kind: 'per-unit',
  amount: '',
  per: '1',
  quota: '',
  tiers: [{ upTo: '', amount: '', flat: '0' }],
  minimum: '0',
};

type Units = Pick<Meter, 'scale'>;
const unitsText = (units: string, { scale }: Units): string => trimmed(formatMinor(BigInt(units), scale));

/** An existing price as it would be typed; its tiers share one divisor or are given per the first one's. */
export function draftOf(price: Price, meter: Units): PriceDraft {
  const { model, asset } = price;
  const money = (minor: string): string => trimmed(plainAmount(BigInt(minor), asset));
  const base = { ...EMPTY_DRAFT, kind: model.kind, minimum: money(price.minimumMinor) };
  switch (model.kind) {
    case 'per-unit':
      return { ...base, amount: money(model.rate.amountMinor), per: unitsText(model.rate.perUnits, meter) };
    case 'package':
      return { ...base, amount: money(model.amountMinor), per: unitsText(model.sizeUnits, meter) };
    case 'quota':
      return {
        ...base,
        amount: money(model.overage.amountMinor),
        per: unitsText(model.overage.perUnits, meter),
        quota: model.quotaUnits === null ? '' : unitsText(model.quotaUnits, meter),
      };
    case 'graduated':
    case 'volume':
      return { ...base, ...tiersOf(model.tiers, meter, money) };
  }
}

type WireTiers = Extract<WireModel, { kind: 'volume' }>['tiers'];

function tiersOf(tiers: WireTiers, meter: Units, money: (minor: string) => string) {
  const per = tiers.reduce((most, { rate }) => (BigInt(rate.perUnits) > most ? BigInt(rate.perUnits) : most), 1n);
  return {
    per: unitsText(per.toString(), meter),
    tiers: tiers.map(({ upTo, rate, flatMinor }) => ({
      upTo: upTo === null ? '' : unitsText(upTo, meter),
      amount: money(((BigInt(rate.amountMinor) * per) / BigInt(rate.perUnits)).toString()),
      flat: money(flatMinor),
    })),
  };
}

/** Reads fields and keeps what is wrong with each. */
class Reader {
  readonly problems: Record<string, string> = {};
  readonly #asset: string;
  readonly #scale: number;

  constructor(asset: string, { scale }: Units) {
    this.#asset = asset;
    this.#scale = scale;
  }

  money(name: string, typed: string): string {
    const read = readAmount(typed, this.#asset, 0n);
    if ('minor' in read) return read.minor;
    this.problems[name] = read.problem;
    return '0';
  }

  /** Units above zero. */
  units(name: string, typed: string): string {
    const read = parseDecimal(typed.trim(), this.#scale);
    if (typeof read === 'bigint' && read > 0n) return read.toString();
    const places = this.#scale === 0 ? 'a whole number' : `a number with at most ${this.#scale} decimals`;
    this.problems[name] = `Write ${places} above zero.`;
    return '1';
  }
}

function modelOf(draft: PriceDraft, reader: Reader): WireModel {
  const perUnits = reader.units('per', draft.per);
  const tiers = (): WireTiers =>
    draft.tiers.map(({ upTo, amount, flat }, at) => ({
      upTo: at === draft.tiers.length - 1 ? null : reader.units(`upTo ${at}`, upTo),
      rate: { amountMinor: reader.money(`amount ${at}`, amount), perUnits },
      flatMinor: reader.money(`flat ${at}`, flat === '' ? '0' : flat),
    }));
  switch (draft.kind) {
    case 'per-unit':
      return { kind: 'per-unit', rate: { amountMinor: reader.money('amount', draft.amount), perUnits } };
    case 'package':
      return { kind: 'package', sizeUnits: perUnits, amountMinor: reader.money('amount', draft.amount) };
    case 'quota': {
      const quotaUnits = draft.quota.trim() === '' ? null : reader.units('quota', draft.quota);
      const amountMinor =
        quotaUnits === null && draft.amount.trim() === '' ? '0' : reader.money('amount', draft.amount);
      return { kind: 'quota', quotaUnits, overage: { amountMinor, perUnits } };
    }
    case 'graduated':
    case 'volume':
      return { kind: draft.kind, tiers: tiers() };
  }
}

/** What was typed as a price, or what is wrong with it, field by field. */
export function readDraft(draft: PriceDraft, asset: string, meter: Units): Read {
  const reader = new Reader(asset, meter);
  const model = modelOf(draft, reader);
  const minimumMinor = reader.money('minimum', draft.minimum === '' ? '0' : draft.minimum);
  let before = 0n;
  if ('tiers' in model) {
    for (const [at, { upTo }] of model.tiers.entries()) {
      if (upTo === null) continue;
      if (BigInt(upTo) <= before) reader.problems[`upTo ${at}`] ??= 'Write more than the tier before.';
      before = BigInt(upTo);
    }
  }
  return Object.keys(reader.problems).length > 0 ? { problems: reader.problems } : { model, minimumMinor };
}
