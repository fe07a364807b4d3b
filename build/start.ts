/** `npm start`: builds what is stale, starts core in this process and shows where the console is. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildRenderer } from './renderer.ts';

const USAGE =
  'npm start -- [--workspace FILE] [--port N] [--gateway HOST:PORT] [--no-open] [--fresh] [--json]\n' +
  '  --workspace FILE     the books to open; without it, the sample workspace\n' +
  '  --port N             port of the console on 127.0.0.1 (0, the default, takes a free one)\n' +
  '  --gateway HOST:PORT  where the HTTP API listens\n' +
  '  --no-open            do not open a browser\n' +
  '  --fresh              make the sample workspace anew\n' +
  '  --json               print one line of JSON on stdout when ready, and nothing else\n';

/** What `core/runtime/start.ts` takes. */
type RuntimeOptions = Readonly<{
  host: 'electron' | 'browser';
  workspace?: string;
  port?: number;
  gateway?: string;
  fresh: boolean;
}>;

/** What it gives when it is ready; `readyMs` counts from the start of this process. */
type Runtime = Readonly<{
  host: 'electron' | 'browser';
  consoleUrl: string;
  gatewayUrl: string;
  workspace: string;
  sample: boolean;
  sampleKey: string | null;
  readyMs: number;
  close: () => Promise<void>;
}>;

const RUNTIME = '../core/runtime/start.ts';

/** Ctrl-C gives the terminal back within 5 s; the bootstrap kills what takes longer. */
const CLOSE_WITHIN_MS = 4000;

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

type Options = Readonly<{ runtime: RuntimeOptions; isJson: boolean; mayOpen: boolean }>;

/** Reads the options, or says what is wrong with them. */
function readOptions(args: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        workspace: { type: 'string' },
        port: { type: 'string' },
        gateway: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const { workspace, port, gateway, fresh, json: isJson } = values;
    if (port !== undefined && !/^\d{1,5}$/.test(port)) return `--port takes a number, not "${port}".`;
    if (gateway !== undefined && !/^.+:\d{1,5}$/.test(gateway)) return `--gateway takes HOST:PORT, not "${gateway}".`;
    return {
      isJson,
      mayOpen: !values['no-open'] && !isJson && !process.env['CI'],
      runtime: {
        host: 'browser',
        fresh,
        ...(workspace === undefined ? {} : { workspace }),
        ...(port === undefined ? {} : { port: Number(port) }),
        ...(gateway === undefined ? {} : { gateway }),
      },
    };
  } catch (error) {
    return (error as Error).message;
  }
}

/** Why the console is shown in the browser and not in a window of its own. */
function whyBrowser(): string {
  if (!existsSync('electron/main')) return 'this version has no desktop window';
  return "Electron's binary is not installed";
}

/** The command that shows a page to the person at this machine; none where nobody sits. */
function opener(): [string, ...string[]] | undefined {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  const hasDisplay = Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
  return hasDisplay ? ['xdg-open'] : undefined;
}

function openBrowser(url: string): void {
  const command = opener();
  if (command === undefined) return;
  const [file, ...args] = command;
  const child = spawn(file, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => tell('No browser could be opened; follow the link above.'));
  child.unref();
}

/** Closes once, whatever number of signals comes; a terminal sends Ctrl-C to this process and to its parent. */
function closeOnSignal(state: { runtime?: Runtime }): void {
  let isClosing = false;
  const close = async () => {
    if (isClosing) return;
    isClosing = true;
    setTimeout(() => process.exit(0), CLOSE_WITHIN_MS).unref();
    await state.runtime?.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void close());
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    tell(`${options}\n\n${USAGE}`);
    process.exit(2);
  }
  const state: { runtime?: Runtime } = {};
  closeOnSignal(state);
  const renderer = await buildRenderer();
  if (renderer === 'built') tell('Built the console.');
  if (renderer === 'absent') tell('There is no renderer/index.html, so the console has no pages.');
  const { start } = (await import(RUNTIME)) as { start: (given: RuntimeOptions) => Promise<Runtime> };
  const runtime = await start(options.runtime);
  state.runtime = runtime;
  const { close: _, ...facts } = runtime;
  if (options.isJson) {
    process.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  const { host, consoleUrl, gatewayUrl, workspace, readyMs } = facts;
  const where = `Tollkeeper is in the ${host} (${whyBrowser()}): ${consoleUrl}`;
  process.stdout.write(`${where} · gateway ${gatewayUrl} · ${workspace} · ready in ${readyMs.toFixed(0)} ms\n`);
  if (options.mayOpen) openBrowser(consoleUrl);
}

main().catch((error: unknown) => {
  // A refusal is a sentence for people; anything else is a defect, and its stack helps to mend it.
  const refusal = (error as { refusal?: { detail: string; fix: string } }).refusal;
  tell(refusal === undefined ? String((error as Error).stack ?? error) : `${refusal.detail} ${refusal.fix}`);
  process.exit(1);
});
