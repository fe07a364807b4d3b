/** The one search for leaks of this page. */
import { client } from './rpc.ts';
import type { Outputs } from './rpc.ts';
import { StreamJob } from './stream-job.ts';

export type LeakStep = Outputs['leaks']['find'] extends AsyncIterable<infer Step> ? Step : never;
export type Finding = NonNullable<LeakStep['items']>[number];
export type LeakSearch = Readonly<{ days: number; idleDays: number }>;

export const leakJob = new StreamJob<LeakStep, LeakSearch>();

export function findLeaks(search: LeakSearch): void {
  void leakJob.run(search, (signal) => client.leaks.find({ ...search, limit: 1000 }, { signal }));
}
