/** The world that the console's double answers from, and how it is emptied. */
import type { InferContractRouterOutputs } from '@orpc/contract';
import type { Contract } from '#core/contract/index.ts';

type Outputs = InferContractRouterOutputs<Contract>;
export type Fault = Readonly<{ code: string; detail: string; fix: string }>;

/** What a test may change: the session, the data, and which calls fail, wait for ever or take long. */
export type World = {
  nowMs: number;
  session: Outputs['session']['get'];
  signedOut: Outputs['session']['get'];
  passphrase: string;
  info: Outputs['workspace']['info'];
  overview: Outputs['workspace']['overview'];
  customers: Outputs['customers']['list']['items'];
  grants: Outputs['credits']['list']['items'];
  holds: Outputs['holds']['list']['items'];
  keys: Outputs['keys']['list']['items'];
  events: Outputs['usage']['list']['items'];
  parked: Outputs['unrated']['list']['items'];
  invoices: Outputs['invoices']['list']['items'];
  lines: Outputs['invoices']['get']['lines'];
  entries: Outputs['ledger']['entries']['items'];
  plans: Outputs['plans']['list']['items'];
  changes: Outputs['workspace']['changes'] extends AsyncIterable<infer C> ? C[] : never;
  /** Calls by path, as `customers.list`, that fail with this refusal. */
  faults: Map<string, Fault>;
  /** Calls by path that never answer. */
  stuck: Set<string>;
  /** Every call in order, with its input, for a test to look at. */
  calls: { path: string; input: unknown }[];
  verifyStepMs: number;
};

/** Takes everything away, as in a workspace of one minute. */
export function emptyWorld(world: World): void {
  for (const list of [
    world.customers,
    world.grants,
    world.holds,
    world.keys,
    world.events,
    world.parked,
    world.invoices,
    world.entries,
  ])
    list.length = 0;
  world.overview = {
    ...world.overview,
    needsYou: [],
    held: [],
    runsOut: [],
    recent: [],
    days: world.overview.days.map((day) => ({ ...day, meters: [] })),
    today: { events: '0', eventsYesterdayByNow: '0', revenue: [], refused402: 0, refusedCustomers: 0 },
  };
  world.info = {
    ...world.info,
    events: '0',
    lastEventMs: null,
    lastVerifyMs: null,
    lastVerifyOk: null,
    lastVerifyBlock: null,
  };
}
