/**
 * A fixed business over the real writer thread, told step by step: the process under test of the crash and power-cut
 * tests.
 */
import { existsSync, statSync } from 'node:fs';
import { invariant } from '#core/domain/refusal.ts';
import { backup } from '#core/ledger/backup.ts';
import { openBook } from '#core/ledger/book.ts';
import type { OpenBook } from '#core/ledger/book.ts';
import { takeLock } from '#core/ledger/lock.ts';
import { createFile } from '#core/ledger/open.ts';
import type { Answer, Command } from '#core/ledger/port.ts';
import { Script } from '../support/world.ts';

/** Steps count from 0; an answered step is never sent again, every other one may have happened and is. */
export type Step = Readonly<{ name: string; commands?: (script: Script) => Command[]; backup?: true }>;

/** The real clock goes on by itself; everything the steps say is relative to this instant. */
const BEGAN_MS = Date.UTC(2026, 2, 1, 12);
const HOLDS = 6;
const CUSTOMERS = ['cus_a', 'cus_b'];

const usage =
  (round: number) =>
  (script: Script): Command[] => [
    script.usage(
      Array.from({ length: 20 }, (_, index) => ({
        id: `r${round}-${index}`,
        subject: CUSTOMERS[index % 2] ?? '',
        meter: 'calls',
        units: BigInt(1 + index),
        occurredMs: BEGAN_MS + round * 1000,
      })),
    ),
  ];

const hold =
  (index: number) =>
  (script: Script): Command[] => {
    const id = `hld_${index}`;
    return [script.hold('cus_a', 'calls', 3n, { id, key: id, request: id, ttlMs: 86_400_000 })];
  };

const ending =
  (index: number) =>
  (script: Script): Command[] => [
    index % 3 === 2
      ? script.release(`hld_${index}`)
      : script.capture(`hld_${index}`, BigInt(1 + index), { occurredMs: BEGAN_MS }),
  ];

const grant =
  (index: number) =>
  (script: Script): Command[] => {
    const id = `grn_${index}`;
    return [script.grant(CUSTOMERS[index % 2] ?? '', 9000n, { id, key: id, request: id })];
  };

const configure = (script: Script): Command[] => {
  const createdMs = BEGAN_MS;
  return [
    script.meter('calls', { createdMs }),
    script.price('prc_calls', 'calls', { createdMs, minimumMinor: '100000' }),
    script.plan('team', { baseFeeMinor: '500' }),
    script.customer('cus_a', { createdMs, terms: [{ fromMs: 0, plan: 'team' }] }),
    script.customer('cus_b', { createdMs }),
  ].map((command) => ({ ...command, expect: 0 }));
};

const close = (script: Script): Command[] => [script.close(CUSTOMERS, Date.UTC(2026, 3, 1))];

export const STEPS: readonly Step[] = [
  { name: 'configure', commands: configure },
  { name: 'grant', commands: grant(0) },
  { name: 'grant', commands: grant(1) },
  ...Array.from({ length: HOLDS }, (_, index): Step[] => [
    { name: 'usage', commands: usage(index) },
    { name: 'hold', commands: hold(index) },
    { name: 'end', commands: ending(index) },
  ]).flat(),
  { name: 'grant', commands: grant(2) },
  { name: 'post', commands: () => [{ type: 'post', actor: 'poster' }] },
  { name: 'backup', backup: true },
  { name: 'usage', commands: usage(HOLDS) },
  { name: 'close', commands: close },
  { name: 'finalize' },
  { name: 'usage', commands: usage(HOLDS + 1) },
  { name: 'post', commands: () => [{ type: 'post', actor: 'poster' }] },
];

async function finalize(book: OpenBook, script: Script): Promise<Answer[]> {
  const [closed] = await book.commit(close(script));
  const invoices = closed?.ok ? (closed.value as { invoices: string[] }).invoices : [];
  return book.commit([script.finalize(invoices)]);
}

async function take(
  book: OpenBook,
  step: Step,
  script: Script,
  paths: { file: string; copy: string },
): Promise<unknown> {
  if (step.backup) return existsSync(paths.copy) ? 'there' : backup(paths.file, paths.copy);
  if (step.commands) return book.commit(step.commands(script));
  return finalize(book, script);
}

/** Runs the steps from `from` on; tells each that was answered. Makes the workspace when it is not there. */
export async function runSteps(
  file: string,
  from: number,
  told: (step: number, answer: unknown) => void,
): Promise<void> {
  const lock = takeLock(file);
  invariant(lock, 'the process before has died and left the lock');
  if (!existsSync(file) || statSync(file).size === 0) createFile(file);
  const book = await openBook(file);
  const script = new Script({ nowMs: BEGAN_MS });
  configure(script); // A script that goes on must know the meters' scales, as the one before it did.
  for (let step = from; step < STEPS.length; step += 1) {
    const one = STEPS[step];
    if (one) told(step, await take(book, one, script, { file, copy: `${file}.copy` }));
  }
  await book.close();
  lock.release();
}

/** As a process: `workload.ts FILE FROM` says each answered step on a line of its own, and `done`. */
if (process.argv[1] === import.meta.filename) {
  const [, , file = '', from = '0'] = process.argv;
  await runSteps(file, Number(from), (step) => process.stdout.write(`${step}\n`));
  process.stdout.write('done\n');
}
