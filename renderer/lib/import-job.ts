/** The trial and the import of this page: one at a time each, going on when the screen is left. */
import { client } from './rpc.ts';
import type { Inputs, Outputs } from './rpc.ts';
import { StreamJob } from './stream-job.ts';
import type { StreamState } from './stream-job.ts';

type StepOf<Stream> = Stream extends AsyncIterable<infer Step> ? Step : never;
export type SystemStep = StepOf<Outputs['imports']['runFrom']>;
export type OwnStep = StepOf<Outputs['imports']['run']>;
/** A step of either; what is made and left out is told for other systems alone. */
export type ImportStep = OwnStep & Partial<Pick<SystemStep, 'made' | 'leftOut'>>;
export type Mapping = Inputs['imports']['run']['mapping'];
export type System = Inputs['imports']['runFrom']['from'];

/** A file at the console or on the machine of the books. */
export type ImportFile = Readonly<{ upload: string; name: string } | { path: string; name: string }>;
export type ImportOrder = Readonly<{ file: ImportFile; system: System | null; mapping: Mapping | null }>;
/** What a job is of: its order, and that as text, by which a changed mapping is told from the one that was tried. */
export type ImportAbout = Readonly<{ order: ImportOrder; key: string }>;
export type ImportState = StreamState<ImportStep, ImportAbout>;

export const trialJob = new StreamJob<ImportStep, ImportAbout>();
export const bookJob = new StreamJob<ImportStep, ImportAbout>();

export const whereIs = (file: ImportFile): { upload: string } | { path: string } =>
  'upload' in file ? { upload: file.upload } : { path: file.path };

export const keyOf = (order: ImportOrder): string => JSON.stringify([order.file, order.system, order.mapping]);

/** Tries the file, or takes it. Without a mapping there is nothing that a file of our own kind could be read by. */
export function runImport(order: ImportOrder, book: boolean): Promise<ImportState> {
  const { file, system, mapping } = order;
  return (book ? bookJob : trialJob).run({ order, key: keyOf(order) }, async (signal) => {
    if (system !== null) return client.imports.runFrom({ ...whereIs(file), from: system, book }, { signal });
    return client.imports.run({ ...whereIs(file), mapping: mapping as Mapping, book }, { signal });
  });
}
