/** The commands of the contract as the command line sees them: noun, verb, fields from the schema, doc line. */
import { getEventIteratorSchemaDetails } from '@orpc/contract';
import { z } from 'zod';
import type { CommandMeta } from '#core/contract/command.ts';
import { contract } from '#core/contract/index.ts';

/** The part of JSON Schema (draft 2020-12) that zod writes for inputs. */
export type FieldSchema = Readonly<{
  type?: string;
  enum?: readonly unknown[];
  const?: unknown;
  items?: FieldSchema;
  anyOf?: readonly FieldSchema[];
  oneOf?: readonly FieldSchema[];
  properties?: Readonly<Record<string, FieldSchema>>;
  required?: readonly string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  additionalProperties?: boolean | FieldSchema;
}>;

export type Field = Readonly<{
  /** As in the contract, `amountMinor`. */
  name: string;
  /** As on the command line, `amount-minor`. */
  flag: string;
  schema: FieldSchema;
  isRequired: boolean;
  isNullable: boolean;
}>;

export type ContractCommand = Readonly<{
  noun: string;
  verb: string;
  meta: CommandMeta;
  fields: readonly Field[];
  /** Answers with a stream of values. */
  isStream: boolean;
  /** Answers page by page: takes a cursor. */
  isPaged: boolean;
  input: z.ZodType;
}>;

type Procedure = { '~orpc': { meta: CommandMeta; inputSchema: z.ZodType; outputSchema: z.ZodType } };

/**
 * Fields whose own name is a flag of every command (`--operator` says who signs in, not who is made), and the times
 * of reads, which people type most.
 */
const OTHER_FLAGS: Readonly<Record<string, string>> = {
  operator: 'first-operator',
  asOfMs: 'as-of',
  knownAtMs: 'known-at',
  oldAsOfMs: 'old-as-of',
  oldKnownAtMs: 'old-known-at',
  newAsOfMs: 'new-as-of',
  newKnownAtMs: 'new-known-at',
};

export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The schema under "or null", and whether null is taken. */
function bare(schema: FieldSchema): { schema: FieldSchema; isNullable: boolean } {
  const choices = schema.anyOf?.filter(({ type }) => type !== 'null');
  const [only] = choices ?? [];
  if (!choices || !only || choices.length === schema.anyOf?.length) return { schema, isNullable: false };
  const kept = choices.length === 1 ? only : { anyOf: choices };
  return { schema: 'default' in schema ? { ...kept, default: schema.default } : kept, isNullable: true };
}

export function inputSchemaOf(input: z.ZodType): FieldSchema {
  return z.toJSONSchema(input, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as FieldSchema;
}

function fieldsOf(input: z.ZodType): Field[] {
  const { properties = {}, required = [] } = inputSchemaOf(input);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    flag: OTHER_FLAGS[name] ?? kebab(name),
    isRequired: required.includes(name),
    ...bare(schema),
  }));
}

/** Every command of the contract, in its order. */
export function contractCommands(): ContractCommand[] {
  return Object.entries(contract).flatMap(([noun, verbs]) =>
    Object.entries(verbs as Record<string, Procedure>).map(([verb, procedure]) => {
      const { meta, inputSchema, outputSchema } = procedure['~orpc'];
      const fields = fieldsOf(inputSchema);
      return {
        noun,
        verb,
        meta,
        fields,
        isStream: getEventIteratorSchemaDetails(outputSchema) !== undefined,
        isPaged: fields.some(({ name }) => name === 'cursor'),
        input: inputSchema,
      };
    }),
  );
}
