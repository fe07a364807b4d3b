/** JSON in and out of the interface: whole numbers of any size out, nothing too deep in. */

/** `JSON.rawJSON` of ECMAScript's "JSON.parse source text access", which Node 24 has and its types do not name yet. */
const raw = (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON; // not yet in the ES2024 library

/** Text of an answer; a bigint becomes a whole number, as a node writes its u64. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? raw(each.toString()) : each));
}

/** serde_json gives up at this depth, and so does everything here that walks a value. */
const MAX_DEPTH = 127;

/** Whether brackets outside of strings nest deeper than a node reads. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (isText) {
      if (code === 92) index += 1;
      else if (code === 34) isText = false;
    } else if (code === 34) isText = true;
    else if (code === 91 || code === 123) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (code === 93 || code === 125) depth -= 1;
  }
  return false;
}

/** The value of a text, or undefined when it is no JSON that a node would read. */
export function fromJson(text: string): { value: unknown } | undefined {
  if (isTooDeep(text)) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined; // The caller answers with the code for it.
  }
}
