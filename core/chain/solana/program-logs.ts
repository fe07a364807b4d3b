/** Reads a transaction's log: whose line is whose. A program can write any text, but not the runtime's own lines. */

const INVOKE = /^Program (\w{32,44}) invoke \[(\d+)\]$/;
const END = /^Program (\w{32,44}) (?:success|failed)/;
const DATA = 'Program data: ';
const TRUNCATED = 'Log truncated';

/** Payloads of `Program data:` lines that were written while a program itself was running, in base64. */
export function ownDataLines(logs: readonly string[], program: string): string[] {
  const stack: string[] = [];
  const found: string[] = [];
  for (const line of logs) {
    const invoked = INVOKE.exec(line)?.[1];
    if (invoked !== undefined) stack.push(invoked);
    else if (END.test(line)) stack.pop();
    else if (line.startsWith(DATA) && stack.at(-1) === program) found.push(line.slice(DATA.length));
  }
  return found;
}

/** Whether lines are missing at the end: then events may be too, and accounts have to be read instead. */
export function isTruncated(logs: readonly string[]): boolean {
  return logs.includes(TRUNCATED);
}
