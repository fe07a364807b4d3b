/** `tollkeeper serve`: the core without a window, until it is told to stop. */
import { checkUse, flagOf, workspaceOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { answerText, toJson } from '../output.ts';

function optionsOf(invocation: Invocation): { gateway?: string; port?: number } {
  const gateway = flagOf(invocation, 'gateway');
  const port = flagOf(invocation, 'port');
  if (gateway !== undefined && !/^.+:\d{1,5}$/.test(gateway)) {
    usage(`--gateway does not take "${gateway}".`, 'It takes HOST:PORT, as 127.0.0.1:8080.');
  }
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    usage(`--port does not take "${port}".`, 'It takes a number up to 65535; 0 takes a free one.');
  }
  return { ...(gateway === undefined ? {} : { gateway }), ...(port === undefined ? {} : { port: Number(port) }) };
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(serve, invocation, 0);
  const { signal, screen, format } = invocation;
  const options = optionsOf(invocation);
  const { start } = await import('#core/runtime/start.ts');
  const { close, chains: _, ...ready } = await start({ host: 'none', workspace: workspaceOf(invocation), ...options });
  screen.out(format === 'json' ? `${toJson(ready)}\n` : answerText(ready, screen));
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await close();
  return EXIT.ok;
}

export const serve: OwnCommand = {
  name: 'serve',
  usage: 'tollkeeper serve [--workspace FILE] [--gateway HOST:PORT] [--port N]',
  doc: 'Run the core without a window: gateway, console on loopback, and this command for everyone else.',
  flags: ['gateway', 'port'],
  run,
};
