/** Quotes and what-ifs: prices before they count. */
import { checkModel, encodeModel } from '#core/domain/price.ts';
import { refuse } from '#core/domain/refusal.ts';
import { os } from './base.ts';
import { readModel } from './catalog.ts';
import { unitsOf } from './money.ts';

export const quotes = {
  make: os.quotes.make.handler(({ input, context: { core } }) => {
    const { customer, plan, atMs = core.now(), items } = input;
    return core.reader.read('quote', {
      customer,
      plan,
      atMs,
      items: items.map(({ meter, quantity }) => ({ meter, units: unitsOf(core, meter, quantity) })),
    });
  }),
  whatIf: os.quotes.whatIf.handler(async ({ input, context: { core } }) => {
    const { month, limit, customer: ref, model: sent, ...draft } = input;
    const model = readModel(sent);
    const fault = checkModel(model);
    if (fault) refuse(fault);
    const customer = ref === null ? null : (await core.reader.read('customerRecord', { customer: ref })).body.id;
    return core.reader.read('whatIf', { draft: { ...draft, customer, model: encodeModel(model) }, month, limit });
  }),
};
