/** `tollkeeper open [URL]`: shows a console in the browser. */
import { spawn } from 'node:child_process';
import { WorkspaceError } from '#core/ledger/diagnosis.ts';
import { canonicalPath } from '#core/runtime/paths.ts';
import { checkUse, workspaceOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { ExitCode } from '../failure.ts';

/** The program that shows a page to the person at this machine. `BROWSER` goes first, as xdg-open itself has it. */
function opener(): readonly [string, ...string[]] {
  const named = process.env['BROWSER'];
  if (named) return [named];
  if (process.platform === 'darwin') return ['open'];
  return process.platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open'];
}

function checked(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href;
  return usage(`"${text}" is not the address of a console.`, 'Give the http:// link that start or serve has shown.');
}

async function linkOf(invocation: Invocation): Promise<string> {
  const workspace = canonicalPath(workspaceOf(invocation));
  const { askLink } = await import('../attach.ts');
  const link = await askLink(workspace);
  if (link !== null) return link;
  throw new WorkspaceError({
    code: 'failed',
    detail: `No console of ${workspace} is running here.`,
    fix: 'Start one with tollkeeper serve, or give the URL of one.',
  });
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(open, invocation, 1);
  const [given] = invocation.words;
  const url = given === undefined ? await linkOf(invocation) : checked(given);
  const [file, ...args] = opener();
  const child = spawn(file, [...args, url], { stdio: 'ignore', detached: true });
  const failed = await new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(true));
    child.on('spawn', () => resolve(false));
  });
  child.unref();
  invocation.screen.out(`${url}\n`);
  if (!failed) return EXIT.ok;
  invocation.screen.err(`${file} could not be started: no browser was opened.\nFollow the link above.\n`);
  return EXIT.cannot;
}

export const open: OwnCommand = {
  name: 'open',
  usage: 'tollkeeper open [URL]',
  doc: 'Show a console in the browser: the one at URL, or the one that runs on this workspace.',
  flags: [],
  run,
};
