/** The one what-if of this page. */
import { client } from './rpc.ts';
import type { Inputs, Outputs } from './rpc.ts';
import { StreamJob } from './stream-job.ts';

type Step = Outputs['quotes']['whatIf'] extends AsyncIterable<infer S> ? S : never;
type Order = Inputs['quotes']['whatIf'];
/** Of which price, the time and change in words, and where it was asked. */
export type Compared = Readonly<{ price: string; words: string; href: string }>;

const MOST_SHOWN = 200;

export const whatIfJob = new StreamJob<Step, Compared>();

/** Compares a past time under a draft: the price it would have been, in the asset it is charged in. */
export function compareUnder(about: Compared, draft: Order & { chargedIn?: string | null }) {
  const { from, to, meter, plan, customer, asset, chargedIn, model, rounding, minimumMinor } = draft;
  const order = { from, to, meter, plan, customer, asset: chargedIn ?? asset, model, rounding, minimumMinor };
  return whatIfJob.run(about, (signal) => client.quotes.whatIf({ ...order, limit: MOST_SHOWN }, { signal }));
}
