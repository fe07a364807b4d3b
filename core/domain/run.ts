/** Runs: when the books were proven, backed up, and a backup tried. What each of them did is kept beside it as text. */

export const RUN_KINDS = ['verify', 'backup', 'drill'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** What a copy or its drill came to. `problem` is null where all was well. */
export type CopyRun = Readonly<{ file: string; bytes: number; tookMs: number; problem: string | null }>;

export function copyRunText({ file, bytes, tookMs, problem }: CopyRun): string {
  return JSON.stringify({ file, bytes, tookMs, problem });
}

/** Reads what `copyRunText` wrote; before sizes were kept the text was the file alone. */
export function readCopyRun(
  text: string,
): Readonly<{ file: string; bytes: number | null; tookMs: number | null; problem: string | null }> {
  if (!text.startsWith('{')) return { file: text, bytes: null, tookMs: null, problem: null };
  return JSON.parse(text) as CopyRun;
}
