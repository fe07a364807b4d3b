/** `tollkeeper info`: what the workspace is and how it stands. */
import { checkUse } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { overConnection, printAnswer } from '../run.ts';

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(info, invocation, 0);
  const answer = await overConnection(invocation, { mayRepeat: true, mayReadOnly: true }, async ({ client, kind }) => ({
    ...(await client.workspace.info({})),
    askedBy: kind,
  }));
  printAnswer(answer, invocation);
  return EXIT.ok;
}

export const info: OwnCommand = {
  name: 'info',
  usage: 'tollkeeper info [--workspace FILE]',
  doc: 'What the workspace is, how far it is posted, when it was last verified and backed up.',
  flags: [],
  run,
};
