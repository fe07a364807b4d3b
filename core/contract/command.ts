/**
 * How a command is declared: one shape for all, so that tests can derive its negatives and carriers can enforce its
 * permission.
 */
import { oc } from '@orpc/contract';
import type { HTTPMethod } from '@orpc/contract';
import { z } from 'zod';
import { REFUSALS } from '#core/domain/refusal.ts';
import type { RefusalCode } from '#core/domain/refusal.ts';
import type { Permission } from './permissions.ts';

/**
 * What a retry does: `no` effect twice is possible, `by nature` the result is the same, `by key` the stored answer is
 * given again.
 */
export type Idempotency = 'read' | 'by nature' | 'by key' | 'no';

/** What each command says about itself beside its schemas. */
export type CommandMeta = Readonly<{
  permission: Permission | 'anyone';
  idempotent: Idempotency;
  doc: string;
  /** Why a read does not take `asOfMs`, `knownAtMs` or both. */
  noPast?: string;
}>;

const RefusalData = z.strictObject({
  detail: z.string(),
  fix: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
});

type ErrorEntry = { status: number; message: string; data: typeof RefusalData };

function errorMap<const Codes extends readonly RefusalCode[]>(codes: Codes): { [C in Codes[number]]: ErrorEntry } {
  const entries = codes.map((code) => [
    code,
    { status: REFUSALS[code].status, message: REFUSALS[code].title, data: RefusalData },
  ]);
  return Object.fromEntries(entries) as { [C in Codes[number]]: ErrorEntry };
}

/** Codes any command may answer, whatever it does. */
const ALWAYS = ['INPUT_INVALID', 'UNAUTHENTICATED', 'LOCKED', 'FORBIDDEN', 'READ_ONLY', 'BUSY', 'INTERNAL'] as const;

type Declaration<I extends z.ZodType, O extends z.ZodType, Codes extends readonly RefusalCode[]> = Readonly<{
  permission: Permission | 'anyone';
  idempotent: Idempotency;
  doc: string;
  /** A sentence, for a read that does not take both instants (`AsOf`); it is part of the doc line. */
  noPast?: string;
  input: I;
  output: O;
  errors?: Codes;
  http?: Readonly<{ method: HTTPMethod; path: `/${string}`; status?: number }>;
}>;

/** Declares one command. With `http` it is also part of the gateway's HTTP interface and of `docs/openapi.json`. */
export function command<I extends z.ZodType, O extends z.ZodType, const Codes extends readonly RefusalCode[] = []>(
  declaration: Declaration<I, O, Codes>,
) {
  const { permission, idempotent, noPast, http } = declaration;
  const doc = noPast === undefined ? declaration.doc : `${declaration.doc} ${noPast}`;
  const codes = [...ALWAYS, ...(declaration.errors ?? [])] as const;
  const base = oc
    .$meta<CommandMeta>({ permission, idempotent, doc, ...(noPast === undefined ? {} : { noPast }) })
    .errors(errorMap(codes as readonly [...typeof ALWAYS, ...Codes]));
  const routed = http
    ? base.route({ method: http.method, path: http.path, successStatus: http.status ?? 200, summary: doc })
    : base;
  return routed.input(declaration.input).output(declaration.output);
}
