/** `tollkeeper explain ID`: why? From an invoice line to its events and entries, and from an event to its line. */
import { checkUse, flagOf, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import type { Client } from '../connection.ts';
import { EXIT } from '../failure.ts';
import { TIME_FLAGS, timesOf } from '../fields.ts';
import type { ExitCode } from '../failure.ts';
import { overConnection, printAnswer } from '../run.ts';
import { rowsText, tame } from '../output.ts';
import type { Screen } from '../output.ts';

type Explanation = Awaited<ReturnType<Client['invoices']['explain']>>;

const mark = (ok: boolean | null): string => (ok === null ? ' ' : ok ? '✓' : '✗');

/** Step by step, with the sum of each recomputed; then what it stands on. */
function explanationText(told: Explanation, screen: Screen): string {
  const { subject, steps, events, eventCount, entries, entryCount, agrees, invoice } = told;
  const lines = [`${tame(subject.title)} (${subject.kind} ${tame(subject.id)})`, ''];
  for (const { title, text, arithmetic, ok } of steps) {
    lines.push(
      `${mark(ok)} ${tame(title)}`,
      `  ${tame(text)}`,
      ...(arithmetic === null ? [] : [`  ${tame(arithmetic)}`]),
    );
  }
  lines.push('', `Events: ${eventCount}`);
  if (events.length > 0) lines.push(rowsText(events, screen));
  lines.push(`Entries: ${entryCount}`);
  if (entries.length > 0) lines.push(rowsText(entries, screen, invoice?.asset));
  lines.push(
    agrees ? 'Every figure agrees with what was booked.' : 'A figure does not agree with what was booked.',
    '',
  );
  return lines.join('\n');
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(explain, invocation, 1);
  const id = wordOf(explain, invocation, 0);
  const source = flagOf(invocation, 'source');
  const times = timesOf(invocation.flags);
  const answer = await overConnection(invocation, { mayRepeat: true, mayReadOnly: true }, ({ client }) =>
    client.invoices.explain({ id, ...(source === undefined ? {} : { source }), ...times }),
  );
  if (invocation.format === 'json') printAnswer(answer, invocation);
  else invocation.screen.out(explanationText(answer, invocation.screen));
  return answer.agrees ? EXIT.ok : EXIT.refused;
}

export const explain: OwnCommand = {
  name: 'explain',
  usage: 'tollkeeper explain ID [--source SOURCE] [--as-of TIME] [--known-at TIME]',
  doc: 'Why? From an invoice line, event, transaction or hold to its entries and back. An event needs its source.',
  flags: ['source', ...TIME_FLAGS],
  run,
};
