/**
 * What records of other systems make beside events: customers, meters, plans, prices and credit, each through the
 * command of the contract that makes one, with the rights of whoever asked. Known things are left as they are.
 */
import { createRouterClient } from '@orpc/server';
import type { ImportStep, SystemStep } from '#core/contract/imports.ts';
import { refuse } from '#core/domain/refusal.ts';
import { commitOne } from '#core/services/base.ts';
import type { RequestContext } from '#core/services/core.ts';
import { createRouter } from '#core/services/router.ts';
import type { Thing } from './import-thread.ts';
import { nameInRun } from './systems/makes.ts';
import type { LeftOut, MakeKind } from './systems/makes.ts';

type Make = Thing['make'];
type Of<Kind extends Make['kind']> = Extract<Make, { kind: Kind }>;
type Outcome = 'new' | 'known';
type Refusal = Readonly<{ row: number; detail: string; fix: string }>;
type Batch = Readonly<{ things: readonly Thing[]; leftOut: readonly LeftOut[] }>;

/** What names others comes after them, within a batch as from file to file. */
const ORDER: readonly Make['kind'][] = ['customer', 'meter', 'plan', 'subject', 'price', 'grant'];
/** Made many at once, so that they share commits. The others read what the one before them wrote. */
const TOGETHER: ReadonlySet<Make['kind']> = new Set(['customer', 'grant']);
const AT_ONCE = 100;

export class Things {
  readonly #context: RequestContext;
  readonly #books: boolean;
  readonly #client;
  readonly #counts = new Map<MakeKind, { new: number; known: number; refused: number }>();
  readonly #left = new Map<string, LeftOut & { count: number }>();
  /** What this run made or would make, by kind and name. */
  readonly #seen = new Map<string, string>();
  /** Meters for which this run has a price already. */
  readonly #priced = new Map<string, string>();

  constructor(context: RequestContext, books: boolean) {
    [this.#context, this.#books] = [context, books];
    this.#client = createRouterClient(createRouter(), { context });
  }

  /** Makes the things of a batch, what others name first; gives those that were refused. */
  async take({ things, leftOut }: Batch): Promise<Refusal[]> {
    for (const { what, why } of leftOut) {
      const one = this.#left.get(what) ?? { what, why, count: 0 };
      this.#left.set(what, { ...one, count: one.count + 1 });
    }
    const refused: Refusal[] = [];
    for (const kind of ORDER) {
      const some = things.filter(({ make }) => make.kind === kind);
      const atOnce = TOGETHER.has(kind) ? AT_ONCE : 1;
      for (let from = 0; from < some.length; from += atOnce) {
        await Promise.all(some.slice(from, from + atOnce).map((thing) => this.#takeOne(thing, refused)));
      }
    }
    return refused.sort((a, b) => a.row - b.row);
  }

  async #takeOne({ row, make }: Thing, refused: Refusal[]): Promise<void> {
    try {
      this.#count(make.kind, await this.#make(make));
    } catch (error) {
      this.#count(make.kind, 'refused');
      refused.push({ row, ...toldIn(error) });
    }
  }

  #count(kind: MakeKind, outcome: Outcome | 'refused'): void {
    const counts = this.#counts.get(kind) ?? { new: 0, known: 0, refused: 0 };
    counts[outcome] += 1;
    this.#counts.set(kind, counts);
  }

  /** The same thing again in one run is known; another under its name is a conflict of the file with itself. */
  async #make(make: Make): Promise<Outcome> {
    const [name, text] = [JSON.stringify([make.kind, nameInRun(make)]), JSON.stringify(make)];
    const before = this.#seen.get(name);
    if (before === text) return 'known';
    if (before !== undefined) {
      const detail = `The file has another ${make.kind} under the name ${nameInRun(make).slice(0, 80)}.`;
      refuse({ code: 'CONFLICT', detail, fix: 'Leave one of the two; the first was taken.' });
    }
    // Before it is made: two of one name may be under way at once.
    this.#seen.set(name, text);
    try {
      return await this.#makeNew(make);
    } catch (error) {
      this.#seen.delete(name);
      throw error;
    }
  }

  async #makeNew(make: Make): Promise<Outcome> {
    switch (make.kind) {
      case 'customer':
        return this.#customer(make);
      case 'subject':
        return this.#subject(make);
      case 'meter':
        return this.#meter(make);
      case 'plan':
        return this.#plan(make);
      case 'price':
        return this.#price(make);
      case 'grant':
        return this.#grant(make);
    }
  }

  async #isCustomer(name: string): Promise<boolean> {
    return (await this.#context.core.reader.read('nameTarget', { kind: 'customer', name })) !== null;
  }

  async #customer({ externalId, name, timeZone }: Of<'customer'>): Promise<Outcome> {
    if (await this.#isCustomer(externalId)) return 'known';
    if (this.#books) await this.#client.customers.create({ name, externalId, timeZone });
    return 'new';
  }

  /** A customer that this run would make counts as there. */
  async #requireCustomer(name: string): Promise<void> {
    if (this.#seen.has(JSON.stringify(['customer', name])) || (await this.#isCustomer(name))) return;
    refuse({
      code: 'CUSTOMER_UNKNOWN',
      detail: `No customer is known as "${name.slice(0, 80)}".`,
      fix: 'Import the customers first, then this file again.',
    });
  }

  async #subject({ customer, subject }: Of<'subject'>): Promise<Outcome> {
    const { core, principal } = this.#context;
    await this.#requireCustomer(customer);
    const target = await core.reader.read('nameTarget', { kind: 'customer', name: subject });
    const owner = await core.reader.read('nameTarget', { kind: 'customer', name: customer });
    if (target !== null && target === owner) return 'known';
    if (target !== null) {
      const detail = `"${subject.slice(0, 80)}" is the name of another customer here.`;
      refuse({ code: 'CONFLICT', detail, fix: 'A name leads to one customer; leave the record out.' });
    }
    if (!this.#books) return 'new';
    if (!principal().permissions.includes('customers:write')) {
      refuse({ code: 'FORBIDDEN', detail: 'This needs the permission customers:write.', fix: 'Ask an admin for it.' });
    }
    const { body, tx } = await core.reader.read('customerRecord', { customer });
    await commitOne(core, {
      type: 'record.set',
      kind: 'customer',
      id: body.id,
      body: { ...body, subjects: [...body.subjects, subject] },
      names: [{ kind: 'customer', name: subject }],
      expect: tx,
      actor: principal().actor,
    });
    return 'new';
  }

  /** A meter of the same key that was here before is taken as it is: what it has counted cannot change. */
  async #meter({ kind: _kind, ...meter }: Of<'meter'>): Promise<Outcome> {
    if (this.#context.core.snapshot().meters.has(meter.key)) return 'known';
    if (this.#books) await this.#client.meters.create({ ...meter, dimensions: { ...meter.dimensions } });
    return 'new';
  }

  async #plan({ kind: _kind, ...plan }: Of<'plan'>): Promise<Outcome> {
    const known = this.#context.core.snapshot().plans.get(plan.key);
    if (known && known.asset === plan.asset && known.baseFeeMinor === plan.baseFeeMinor) return 'known';
    if (known) {
      const detail = `The plan ${plan.key} is here with another fee.`;
      refuse({ code: 'CONFLICT', detail, fix: 'Change it by hand if that is meant.' });
    }
    if (this.#books) await this.#client.plans.create({ ...plan, rateLimitPerMinute: null, dailyLimit: null });
    return 'new';
  }

  /** A price never takes the place of one that this key did not publish: for everyone there is one at a time. */
  async #price({ key, meter, asset, model }: Of<'price'>): Promise<Outcome> {
    const isKnown = await this.#context.core.reader.read('isKeyKnown', { key: `prices.publish:${key}` });
    const order = { key, meter, asset, model, rounding: 'half-even' as const };
    if (isKnown) {
      if (this.#books) await this.#client.prices.publish(order);
      this.#priced.set(meter, key);
      return 'known';
    }
    const { items } = await this.#client.prices.list({ meter });
    if (items.some((one) => one.plan === null && one.customer === null) || this.#priced.has(meter)) {
      const detail = `The meter ${meter} has a price for everyone already.`;
      refuse({ code: 'CONFLICT', detail, fix: 'Publish this one for a plan or a customer, if it is one of those.' });
    }
    if (this.#books) await this.#client.prices.publish(order);
    this.#priced.set(meter, key);
    return 'new';
  }

  async #grant({ kind: _kind, ...grant }: Of<'grant'>): Promise<Outcome> {
    await this.#requireCustomer(grant.customer);
    const isKnown = await this.#context.core.reader.read('isKeyKnown', { key: `credit.grant:${grant.key}` });
    if (this.#books) await this.#client.credits.grant(grant);
    return isKnown ? 'known' : 'new';
  }

  /** By kind, with the events of the step. */
  made(step: ImportStep): SystemStep['made'] {
    const events = { kind: 'event' as const, new: step.accepted, known: step.duplicates, refused: step.conflicts };
    const all = [...this.#counts].map(([kind, counts]) => ({ kind, ...counts }));
    return events.new + events.known + events.refused > 0 ? [...all, events] : all;
  }

  leftOut(): SystemStep['leftOut'] {
    return [...this.#left.values()];
  }
}

/** The sentences of a refusal, as the core throws it or as its commands answer it. */
function toldIn(error: unknown): { detail: string; fix: string } {
  const { data, refusal } = error as { data?: unknown; refusal?: unknown };
  const { detail, fix } = (refusal ?? data ?? {}) as { detail?: unknown; fix?: unknown };
  if (typeof detail === 'string' && typeof fix === 'string') return { detail, fix };
  throw error;
}
