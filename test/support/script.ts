/**
 * What a small business says to its books, stating only what matters. It knows nothing of an engine, so that one script
 * can be sent to several.
 */
import type { AlertRuleRecord } from '#core/domain/alert.ts';
import type { OvershootPolicy } from '#core/domain/charge.ts';
import { encodeDiscount } from '#core/domain/discount.ts';
import type { DiscountRule } from '#core/domain/discount.ts';
import { encodeSnapshot, parseExchange } from '#core/domain/exchange.ts';
import { fingerprintText } from '#core/domain/event.ts';
import { newId } from '#core/domain/id.ts';
import { leafHash, root } from '#core/domain/merkle.ts';
import type { Aggregation } from '#core/domain/meter.ts';
import type { Asset } from '#core/domain/money.ts';
import type { WebhookRecord } from '#core/domain/notice.ts';
import { encodeModel } from '#core/domain/price.ts';
import type { PriceModel } from '#core/domain/price.ts';
import type { CustomerRecord, MeterRecord, PlanRecord, PriceRecord, SettingsRecord } from '#core/ledger/catalog.ts';
import { sha256, sha256Hex } from '#core/ledger/hash.ts';
import type { AcceptUsage, Command, NoticeTried, SetRecord, SaveSend } from '#core/ledger/port.ts';

/** 1 March 2026, noon UTC: in the middle of a day, far from any boundary. */
export const NOON_MS = Date.UTC(2026, 2, 1, 12);
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const ACTOR = 'tester';

/** A clock that moves only when a test says so. */
export type Clock = { nowMs: number };

/** An event as a test states it; the rest is made up. */
export type Usage = Readonly<{
  id?: string;
  source?: string;
  subject: string;
  meter?: string | null;
  units?: bigint | null;
  type?: string;
  occurredMs?: number | null;
  data?: Readonly<Record<string, unknown>>;
}>;

const canonicalOf = (data: Readonly<Record<string, unknown>>): string => JSON.stringify(data);

/** Ids and keys of a world count up, so that two runs of it are the same. */
class Counter {
  #last = 0;
  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

/** The commands of a world. They know nothing of an engine, so that one script can be sent to several. */
export class Script {
  readonly #counter = new Counter();
  readonly clock: Clock;
  readonly #scales = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** An id that sorts by time and does not repeat. */
  id(prefix: string): string {
    return newId(prefix, this.clock.nowMs, sha256(`${prefix} ${this.#counter.next()}`).subarray(0, 10));
  }

  record(kind: string, id: string, body: object, names: SetRecord['names'] = []): SetRecord {
    return { type: 'record.set', kind, id, body: body as Readonly<Record<string, unknown>>, names, actor: ACTOR };
  }

  customer(id: string, fields: Partial<CustomerRecord> = {}): SetRecord {
    const customer: CustomerRecord = {
      id,
      externalId: null,
      name: id,
      terms: [{ fromMs: 0, plan: null }],
      anchorDay: 1,
      timeZone: 'UTC',
      overdrafts: {},
      subjects: [],
      addresses: [],
      createdMs: this.clock.nowMs,
      ...fields,
    };
    const names = [...customer.subjects, ...(customer.externalId === null ? [] : [customer.externalId])];
    return this.record(
      'customer',
      id,
      customer,
      names.map((name) => ({ kind: 'customer', name })),
    );
  }

  meter(key: string, fields: Partial<MeterRecord> = {}): SetRecord {
    const aggregation: Aggregation = fields.aggregation ?? 'sum';
    const meter: MeterRecord = {
      key,
      name: key,
      eventType: key,
      aggregation,
      scale: 0,
      unit: 'unit',
      dimensions: {},
      billable: true,
      valuePath: aggregation === 'count' ? null : '$.value',
      window: 'month',
      overshoot: 'debt' as OvershootPolicy,
      createdMs: this.clock.nowMs,
      ...fields,
    };
    this.#scales.set(key, meter.scale);
    return this.record('meter', key, meter, [{ kind: 'meter', name: key }]);
  }

  /** A price per unit unless a model is given. */
  price(
    id: string,
    meter: string,
    fields: Partial<PriceRecord> & { perUnit?: bigint; priced?: PriceModel } = {},
  ): SetRecord {
    const { perUnit = 10n, priced, ...rest } = fields;
    const model: PriceModel = priced ?? { kind: 'per-unit', rate: { amountMinor: perUnit, perUnits: 1n } };
    const price: PriceRecord = {
      id,
      version: 1,
      meter,
      plan: null,
      customer: null,
      asset: 'USDC/6',
      model: encodeModel(model),
      rounding: 'floor',
      minimumMinor: '0',
      effectiveFromMs: 0,
      createdMs: this.clock.nowMs,
      createdBy: ACTOR,
      ...rest,
    };
    return this.record('price', id, price);
  }

  plan(key: string, fields: Partial<PlanRecord> = {}): SetRecord {
    const plan: PlanRecord = {
      key,
      name: key,
      asset: 'USDC/6',
      baseFeeMinor: '0',
      rateLimitPerMinute: null,
      dailyLimit: null,
      ...fields,
    };
    return this.record('plan', key, plan);
  }

  /** A promotion of ten percent for everyone unless it says otherwise. */
  discount(id: string, fields: Partial<DiscountRule> = {}): SetRecord {
    const rule: DiscountRule = {
      id,
      kind: 'promotion',
      name: id,
      customer: null,
      plan: null,
      asset: 'USDC/6',
      meters: null,
      terms: { kind: 'percent', basisPoints: 1000 },
      mostMinor: null,
      committedMinor: null,
      fromMs: 0,
      untilMs: null,
      ...fields,
    };
    return this.record('discount', id, encodeDiscount(rule));
  }

  /** What one whole unit of an asset is worth in another, seen now unless it says otherwise. */
  rate(id: string, [from, to]: readonly [Asset, Asset], worth: string, observedMs = this.clock.nowMs): SetRecord {
    const exchange = parseExchange(worth, from, to);
    if (exchange === null) throw new TypeError(`${worth} is no rate`);
    return this.record('rate', id, encodeSnapshot({ id, from, to, ...exchange, source: 'desk', observedMs }));
  }

  settings(fields: Partial<SettingsRecord>): SetRecord {
    return this.record('settings', 'workspace', fields);
  }

  grant(
    customer: string,
    amountMinor: bigint,
    fields: Partial<Extract<Command, { type: 'credit.grant' }>> = {},
  ): Command {
    const id = this.id('grn');
    return {
      type: 'credit.grant',
      actor: ACTOR,
      key: id,
      request: `grant ${id}`,
      id,
      customer,
      asset: 'USDC/6',
      amountMinor,
      source: 'prepaid',
      note: '',
      priority: 10,
      expiresAtMs: null,
      ...fields,
    };
  }

  /** Takes back what a grant has left, or an amount of it. */
  clawBack(grant: string, amountMinor: bigint | null = null): Command {
    const key = this.id('clw');
    return {
      type: 'credit.claw-back',
      actor: ACTOR,
      key,
      request: `claw back ${grant} ${amountMinor} ${key}`,
      grant,
      amountMinor,
      reason: 'test',
    };
  }

  hold(
    customer: string,
    meter: string,
    units: bigint,
    fields: Partial<Extract<Command, { type: 'hold.open' }>> = {},
  ): Command {
    const id = this.id('hld');
    return {
      type: 'hold.open',
      actor: ACTOR,
      key: id,
      request: `hold ${id}`,
      id,
      customer,
      meter,
      units,
      ttlMs: 60_000,
      ...fields,
    };
  }

  capture(
    id: string,
    units: bigint | null = null,
    fields: Partial<Extract<Command, { type: 'hold.capture' }>['event']> = {},
  ): Command {
    const event = { source: '', id: '', occurredMs: null, data: '{}', fingerprint: null, units, ...fields };
    return { type: 'hold.capture', actor: ACTOR, id, event };
  }

  release(id: string): Command {
    return { type: 'hold.release', actor: ACTOR, id };
  }

  /** One slice of events, in columns with their fingerprints, as the ingest side hands it over. */
  usage(events: readonly Usage[]): AcceptUsage {
    const full = events.map((event) => this.#eventOf(event));
    const prints = full.map((event) => event.fingerprint);
    return {
      type: 'usage.accept',
      actor: ACTOR,
      source: full.map(({ source }) => source),
      id: full.map(({ id }) => id),
      subject: full.map(({ subject }) => subject),
      kind: full.map(({ type }) => type),
      meter: full.map(({ meter }) => meter),
      units: full.map(({ units }) => units),
      occurredMs: full.map(({ occurredMs }) => occurredMs ?? -1),
      data: full.map(({ data }) => data),
      fingerprints: Buffer.concat(prints),
      root: root(sha256, prints),
    };
  }

  #eventOf(usage: Usage) {
    const meter = usage.meter === undefined ? null : usage.meter;
    const occurredMs = usage.occurredMs === undefined ? this.clock.nowMs : usage.occurredMs;
    const event = {
      source: usage.source ?? 'test',
      id: usage.id ?? this.id('evt'),
      subject: usage.subject,
      type: usage.type ?? meter ?? '',
      meter,
      units: usage.units ?? null,
      data: canonicalOf(usage.data ?? {}),
    };
    const text = fingerprintText(
      { ...event, occurredMs: occurredMs ?? 0, holdId: null },
      { timeGiven: occurredMs !== null, scale: meter === null ? null : (this.#scales.get(meter) ?? null) },
    );
    return { ...event, occurredMs, fingerprint: leafHash(sha256, new TextEncoder().encode(text)) };
  }

  /** Writes the sends of one account of a chain; what is not said is as little as passes. */
  sends(network: string, account: string) {
    let epoch = 0;
    return {
      lease: (owner: string): Command => {
        epoch += 1;
        return { type: 'send.lease', actor: ACTOR, network, account, owner, ttlMs: 60_000 };
      },
      save: ({
        bytes,
        ...given
      }: Partial<SaveSend> & Pick<SaveSend, 'id' | 'version' | 'state'> & { bytes?: string }) =>
        ({
          type: 'send.save',
          actor: ACTOR,
          network,
          account,
          generation: 0,
          nonce: null,
          summary: 'A test',
          intent: '{}',
          detail: `{"at":${given.version}}`,
          attempt: bytes === undefined ? null : { hash: `0x${bytes}`, bytes, detail: '{}' },
          lease: { epoch, ttlMs: 60_000 },
          ...given,
        }) satisfies SaveSend,
    };
  }

  /** A rule that fires below 100 minor units and re-arms at 120; what is not said is as little as passes. */
  alertRule(id: string, fields: Partial<AlertRuleRecord> = {}): SetRecord {
    const watched = { kind: 'balance-below', threshold: '100', margin: '20', asset: 'USDC/6' } as const;
    const nobody = { customer: null, meter: null, job: null, quiet: null, channels: null, removedMs: null };
    const told = { name: 'Low balance', severity: 'attention', tellsCleared: true, isOn: true } as const;
    const rule: AlertRuleRecord = { id, ...told, ...watched, ...nobody, ...fields };
    return this.record('alert-rule', id, rule);
  }

  /** A webhook and the secret that signs for it. */
  webhook(id: string, secret: string, fields: Partial<WebhookRecord> = {}): SetRecord {
    const record: WebhookRecord = {
      id,
      name: 'Ops',
      url: 'https://ops.example/hook',
      createdMs: this.clock.nowMs,
      isOn: true,
      removedMs: null,
      secrets: [{ id: `sec_${id}`, sha256: sha256Hex(secret), untilMs: null }],
      ...fields,
    };
    return {
      ...this.record('webhook', id, record),
      secrets: { keep: [{ id: `sec_${id}`, value: secret }], forget: [] },
    };
  }

  observe(rule: string, subject: string, value: bigint | null): Command {
    const words = { title: `${subject} runs low`, detail: `${value} left`, customer: null, asset: null, meter: null };
    return { type: 'alert.observe', actor: 'watch', rule, subject, value, words };
  }

  tried(notice: string, count: number, fields: Partial<NoticeTried> = {}): Command {
    const went = { ok: false, status: 500, detail: 'It answered 500.', isGone: false };
    return { type: 'notice.tried', actor: 'notices', notice, no: count, ...went, ...fields };
  }

  close(customers: readonly string[], untilMs = this.clock.nowMs, early = false): Command {
    return { type: 'invoice.close', actor: ACTOR, customers, untilMs, early };
  }

  finalize(invoices: readonly string[]): Command {
    return { type: 'invoice.finalize', actor: ACTOR, invoices };
  }

  correct(id: string, units: bigint, fields: Partial<Extract<Command, { type: 'usage.correct' }>> = {}): Command {
    return {
      type: 'usage.correct',
      actor: ACTOR,
      key: this.id('cor'),
      source: 'test',
      id,
      units,
      reason: 'miscounted',
      book: true,
      ...fields,
    };
  }

  assign(ids: readonly string[], to: { customer?: string; meter?: string; dismiss?: string } = {}): Command {
    return {
      type: 'unrated.assign',
      actor: ACTOR,
      ids,
      customer: to.customer ?? null,
      meter: to.meter ?? null,
      dismiss: to.dismiss ?? null,
    };
  }
}
