/** The one JSON text a value can have (RFC 8785), so that equal values have equal bytes and hashes. Not for reading. */
import { invariant, refuse } from './refusal.ts';

/** What has a canonical text. A member that is `undefined` is absent, as in JSON. */
export type Canonical =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Canonical[]
  | { readonly [key: string]: Canonical | undefined };

/** Deeper values are refused: no event needs more, and the writer must not be driven off its stack by a client. */
export const MAX_DEPTH = 100;

/** Control characters, quote, backslash and surrogates: what a string must be looked at closely for. */
// oxlint-disable-next-line no-control-regex -- JSON escapes control characters, so the pattern has to name them
const NEEDS_ESCAPE = /[\u0000-\u001f"\\\ud800-\udfff]/;

/**
 * The canonical text of a value: no spaces, members sorted by UTF-16 code units, numbers and strings as ECMAScript
 * writes them (RFC 8785 §3.2). A bigint is written as a string of its decimal digits, so the schema around it must
 * say which of the two a field is. A lone surrogate keeps its `\ud800` escape, where the RFC would stop: clients may
 * send one, and the escape is as unique as the character.
 * Throws INPUT_INVALID beyond 100 levels; asserts that it is given plain data.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      invariant(Number.isFinite(value), 'a canonical number is finite');
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return `"${value}"`;
    case 'object':
      if (value === null) return 'null';
      if (depth >= MAX_DEPTH) tooDeep();
      return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1);
    default:
      invariant(false, `a canonical value is plain data, not ${typeof value}`);
  }
}

function writeArray(items: readonly unknown[], depth: number): string {
  let text = '[';
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ',';
    text += write(items[index], depth);
  }
  return `${text}]`;
}

function writeObject(object: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  invariant(prototype === Object.prototype || prototype === null, 'a canonical object is plain');
  const members = object as Readonly<Record<string, unknown>>;
  // The default order of `sort` is that of UTF-16 code units, which is what the RFC asks for.
  const keys = Object.keys(members).sort();
  let text = '';
  for (const key of keys) {
    const member = members[key];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${quote(key)}:${write(member, depth)}`;
  }
  return `{${text}}`;
}

function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

function tooDeep(): never {
  return refuse({
    code: 'INPUT_INVALID',
    detail: `The value is nested deeper than ${MAX_DEPTH} levels.`,
    fix: 'Send flatter data.',
    values: { maxDepth: MAX_DEPTH },
  });
}
