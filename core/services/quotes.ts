/** Quotes and what-ifs: prices before they count. */
import { checkModel, encodeModel } from '#core/domain/price.ts';
import { refuse } from '#core/domain/refusal.ts';
import { os } from './base.ts';
import { readModel } from './catalog.ts';
import { clockOf, instantOf } from './instant.ts';
import { unitsOf } from './money.ts';

export const quotes = {
  make: os.quotes.make.handler(({ input, context: { core } }) => {
    const { customer, plan, atMs = clockOf(core, input), items } = input;
    return core.reader.read('quote', {
      ...instantOf(input),
      customer,
      plan,
      atMs,
      items: items.map(({ meter, quantity }) => ({ meter, units: unitsOf(core, meter, quantity) })),
    });
  }),
  whatIf: os.quotes.whatIf.handler(async ({ input, context: { core } }) => {
    const { month, limit, customer: ref, model: sent, asOfMs, knownAtMs, ...draft } = input;
    const then = { asOfMs, knownAtMs };
    const model = readModel(sent);
    const fault = checkModel(model);
    if (fault) refuse(fault);
    const customer =
      ref === null ? null : (await core.reader.read('customerRecord', { customer: ref, ...then })).body.id;
    const whole = { ...draft, customer, model: encodeModel(model) };
    return core.reader.read('whatIf', { draft: whole, month, limit, ...then });
  }),
};
