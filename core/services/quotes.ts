/** Quotes and what-ifs: prices before they count. */
import { checkModel, encodeModel } from '#core/domain/price.ts';
import { RefusalError, refuse } from '#core/domain/refusal.ts';
import { asError, os } from './base.ts';
import { readModel } from './catalog.ts';
import type { Core } from './core.ts';
import { clockOf, instantOf } from './instant.ts';
import { stepsOf } from './steps.ts';
import { unitsOf } from './money.ts';

const EMPTY_PERIOD = {
  code: 'INPUT_INVALID',
  detail: 'The period ends before it begins.',
  fix: 'Name its first day, and the day after its last.',
} as const;
const BEGUN = { done: false, checked: '0', total: '0', result: null };

/** The first instant of a day in UTC; the contract takes only days that exist. */
const dayMs = (day: string): number => Date.parse(`${day}T00:00:00Z`);

type Asked = Parameters<Parameters<typeof os.quotes.whatIf.handler>[0]>[0]['input'];

/** What the reader is asked for: the period in instants, the model checked, the customer by its id. */
async function orderOf(
  core: Core,
  { from, to, limit, customer: ref, model: sent, asOfMs, knownAtMs, ...draft }: Asked,
) {
  const then = { asOfMs, knownAtMs };
  const [fromMs, toMs] = [dayMs(from), dayMs(to)];
  if (fromMs >= toMs) refuse(EMPTY_PERIOD);
  const model = readModel(sent);
  const fault = checkModel(model);
  if (fault) refuse(fault);
  const customer = ref === null ? null : (await core.reader.read('customerRecord', { customer: ref, ...then })).body.id;
  return { draft: { ...draft, customer, model: encodeModel(model) }, fromMs, toMs, limit, ...then };
}

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
  whatIf: os.quotes.whatIf.handler(async function* whatIf({ input, context: { core }, signal }) {
    try {
      for await (const step of stepsOf(core.reader, 'whatIf', await orderOf(core, input), signal)) {
        if ('value' in step) yield { ...BEGUN, done: true, result: step.value };
        else yield { ...BEGUN, checked: String(step.step.checked), total: String(step.step.total) };
      }
    } catch (error) {
      // A stream fails after its command was answered, where nothing else turns refusals into errors of the contract.
      throw error instanceof RefusalError ? asError(error.refusal) : error;
    }
  }),
};
