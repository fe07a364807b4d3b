/** Inputs that a command must refuse, made from its schema. */
import type { ContractCommand, FieldSchema } from '#core/cli/catalog.ts';
import { inputSchemaOf } from '#core/cli/catalog.ts';

export type Negative = Readonly<{ name: string; input: Readonly<Record<string, unknown>> }>;
type Valid = Readonly<Record<string, unknown>>;

/** The schemas a value may fit, "or null" and unions unfolded. */
function choices(schema: FieldSchema): readonly FieldSchema[] {
  const inner = schema.anyOf ?? schema.oneOf;
  return inner ? inner.flatMap(choices) : [schema];
}

const typesOf = (schema: FieldSchema): (string | undefined)[] => choices(schema).map(({ type }) => type);

/** Values of other types than a field takes. */
function wrongValues(schema: FieldSchema): unknown[] {
  const types = typesOf(schema);
  if (types.includes(undefined)) return []; // Anything goes: what is inside is checked one by one, with a result each.
  const candidates: [string[], unknown][] = [
    [['string'], 'wrong type'],
    [['number', 'integer'], 1.5],
    [['boolean'], true],
    [['object'], { wrong: { type: true } }],
    [['array'], [{ wrong: true }]],
    [['null'], null],
  ];
  return candidates.filter(([names]) => !names.some((name) => types.includes(name))).map(([, value]) => value);
}

/** Longer, larger or more than a field takes; nothing where it states no limit. */
function oversized(schema: FieldSchema): unknown[] {
  return choices(schema).flatMap((choice): unknown[] => {
    const { type, maxLength, maxItems, maximum, minimum, minLength, pattern, items } = choice;
    if (choice.enum || choice.const !== undefined) return ['no such word', ''];
    const over: unknown[] = [];
    if (type === 'string' && (maxLength !== undefined || pattern !== undefined))
      over.push('9'.repeat((maxLength ?? 5000) + 1));
    if (type === 'string' && (minLength ?? 0) > 0) over.push('');
    if (type === 'array' && maxItems !== undefined)
      over.push(Array.from({ length: maxItems + 1 }, () => sample(items)));
    if (type === 'integer' && maximum !== undefined) over.push(maximum + 1);
    if (type === 'integer' && minimum !== undefined) over.push(minimum - 1);
    return over;
  });
}

function sample(schema: FieldSchema | undefined): unknown {
  const [first] = schema ? choices(schema) : [];
  if (first?.enum) return first.enum[0];
  return first?.type === 'string' ? 'a' : {};
}

/** Fields that take text or lists of any length. */
export function unlimited(command: ContractCommand): string[] {
  const { properties = {} } = inputSchemaOf(command.input);
  const isFree = (schema: FieldSchema): boolean =>
    choices(schema).some(
      ({ type, maxLength, maxItems, pattern, enum: words, const: word }) =>
        (type === 'string' && maxLength === undefined && pattern === undefined && !words && word === undefined) ||
        (type === 'array' && maxItems === undefined),
    );
  return Object.entries(properties)
    .filter(([, schema]) => isFree(schema))
    .map(([name]) => name);
}

/** A nested object with a field that its schema does not name. */
function nested(schema: FieldSchema, value: unknown): unknown[] {
  const isClosed = choices(schema).some(
    ({ properties, additionalProperties }) => properties && additionalProperties === false,
  );
  return isClosed && typeof value === 'object' && value !== null ? [{ ...value, surprise: 1 }] : [];
}

/** Every way in which an input can be off by one field. */
export function negatives(command: ContractCommand, valid: Valid): Negative[] {
  const { properties = {}, required = [] } = inputSchemaOf(command.input);
  const found: Negative[] = [{ name: 'an unknown field', input: { ...valid, surprise: 1 } }];
  for (const name of required) {
    const { [name]: _left, ...input } = valid;
    found.push({ name: `no ${name}`, input });
  }
  for (const [name, schema] of Object.entries(properties)) {
    for (const wrong of wrongValues(schema)) {
      found.push({ name: `${name} = ${JSON.stringify(wrong)}`, input: { ...valid, [name]: wrong } });
    }
    for (const inner of nested(schema, valid[name]))
      found.push({ name: `an unknown field in ${name}`, input: { ...valid, [name]: inner } });
    for (const over of oversized(schema)) {
      found.push({ name: `${name} out of bounds`, input: { ...valid, [name]: over } });
    }
  }
  return found;
}
