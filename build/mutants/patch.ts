/** Reads test/mutants: small patches that each remove one guard, and the test that must turn red without it. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const MUTANTS = 'test/mutants';

/** `guard` says what is taken away; `test` is the file that must notice. */
export type Mutant = Readonly<{
  name: string;
  path: string;
  guard: string;
  test: string;
  /** Changes an on-chain program whose test runs what is compiled: it is compiled anew first. */
  isCompiled: boolean;
}>;

/** The arithmetic of the programs is compiled by its own test. */
const HOST_TEST = 'test/programs/host.test.ts';

function header(text: string, name: string): string {
  return new RegExp(`^${name}: *(.+)$`, 'm').exec(text)?.[1]?.trim() ?? '';
}

/** Every mutant, by name. A header that is missing reads as empty; the unit suite refuses it. */
export function readMutants(): Mutant[] {
  const names = readdirSync(MUTANTS).filter((name) => name.endsWith('.patch'));
  return names.toSorted().map((file) => {
    const path = join(MUTANTS, file);
    const text = readFileSync(path, 'utf8');
    const head = text.slice(0, text.search(/^(?:diff|---) /m));
    const test = header(head, 'Test');
    const isCompiled = /^\+\+\+ b\/programs\//m.test(text) && test !== HOST_TEST;
    return { name: file.slice(0, -'.patch'.length), path, guard: header(head, 'Guard'), test, isCompiled };
  });
}
