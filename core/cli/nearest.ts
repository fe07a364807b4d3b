/** The word somebody may have meant. */

/** Edits (insert, delete, replace) that turn one word into another. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The nearest of some words, one that begins alike first; nothing when there is none at all. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const score = (other: string): number =>
    distance(word, other) - (word.length > 1 && (other.startsWith(word) || word.startsWith(other)) ? other.length : 0);
  return words.toSorted((a, b) => score(a) - score(b))[0];
}
