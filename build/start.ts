/** `npm start`: builds what is stale, starts core in this process and shows where the console is. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { electronBinary } from './desktop/binary.ts';
import { DESKTOP, bundleDesktop } from './desktop/bundle.ts';
import { buildRenderer } from './renderer.ts';

const USAGE =
  'npm start -- [--workspace FILE] [--port N] [--gateway HOST:PORT] [--chains CHOICE] [--no-open] [--fresh]\n' +
  '             [--json]\n' +
  '  --workspace FILE     the books to open; without it, the sample workspace\n' +
  '  --port N             port of the console on 127.0.0.1 (0, the default, takes a free one)\n' +
  '  --gateway HOST:PORT  where the HTTP API listens\n' +
  '  --chains CHOICE      local chains to run beside it: none, evm, solana or all (the default: all that run here);\n' +
  '                       where it is given, the line of --json waits for them\n' +
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
  chains: ChainChoice;
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
  chains: Promise<ChainsReady>;
  close: () => Promise<void>;
}>;

const RUNTIME = '../core/runtime/start.ts';

/** Ctrl-C gives the terminal back within 5 s; the bootstrap kills what takes longer. */
const CLOSE_WITHIN_MS = 4000;

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** As in core/chain/local/embedded.ts, which is loaded only with the rest of core. */
const CHAIN_CHOICES = ['none', 'evm', 'solana', 'all'] as const;
type ChainChoice = (typeof CHAIN_CHOICES)[number];
type ChainsReady = Readonly<{ facts: Readonly<Record<string, string | null>>; complaints: readonly string[] }>;

type Options = Readonly<{ runtime: RuntimeOptions; isJson: boolean; mayOpen: boolean; waitsForChains: boolean }>;

function isChainChoice(text: string): text is ChainChoice {
  return CHAIN_CHOICES.some((choice) => choice === text);
}

/** Reads the options, or says what is wrong with them. */
function readOptions(args: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        workspace: { type: 'string' },
        port: { type: 'string' },
        gateway: { type: 'string' },
        chains: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const { workspace, port, gateway, chains, fresh, json: isJson } = values;
    if (port !== undefined && !/^\d{1,5}$/.test(port)) return `--port takes a number, not "${port}".`;
    if (gateway !== undefined && !/^.+:\d{1,5}$/.test(gateway)) return `--gateway takes HOST:PORT, not "${gateway}".`;
    if (chains !== undefined && !isChainChoice(chains))
      return `--chains takes ${CHAIN_CHOICES.join(', ')}, not "${chains}".`;
    return {
      isJson,
      waitsForChains: chains !== undefined,
      mayOpen: !values['no-open'] && !isJson && !process.env['CI'],
      runtime: {
        host: 'browser',
        fresh,
        chains: chains ?? 'all',
        ...(workspace === undefined ? {} : { workspace }),
        ...(port === undefined ? {} : { port: Number(port) }),
        ...(gateway === undefined ? {} : { gateway }),
      },
    };
  } catch (error) {
    return (error as Error).message;
  }
}

/** Why the console is shown in the browser and not in a window of its own; nothing where it gets one. */
export function whyBrowser({ mayOpen, runtime }: Options, binary: string | undefined): string | undefined {
  if (binary === undefined) return "Electron's binary is not installed";
  if (runtime.port !== undefined) return '--port asks for a port';
  if (runtime.chains === 'solana') return 'the local Solana chain needs Node, which the desktop starts none of';
  if (!mayOpen) return 'no window was asked for';
  return opener() === undefined ? 'this machine has no display' : undefined;
}

/** The arguments that give Electron the desktop, with the options it shares with this command. */
export function windowArguments({ workspace, gateway, chains, fresh }: RuntimeOptions): string[] {
  const named = Object.entries({ workspace: workspace && resolve(workspace), gateway, chains });
  const given = named.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
  return [DESKTOP, ...given, ...(fresh ? ['--fresh'] : [])];
}

/** Opens the desktop and ends with it; a signal to this process ends the desktop in order. */
async function openDesktop(binary: string, runtime: RuntimeOptions, state: Running): Promise<void> {
  if ((await bundleDesktop()) === 'built') tell('Bundled the desktop.');
  process.stdout.write('Tollkeeper is in a window of its own.\n');
  if (runtime.chains === 'all')
    tell('The local Solana chain runs beside a console in the browser: npm start -- --no-open');
  const child = spawn(binary, windowArguments(runtime), { stdio: 'inherit' });
  const ended = Promise.withResolvers<number>();
  state.close = async () => {
    child.kill('SIGTERM');
    await ended.promise;
  };
  child.once('error', ended.reject);
  child.once('exit', (code) => ended.resolve(code ?? 0));
  process.exit(await ended.promise);
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

/** What a signal has to end, once it runs. */
type Running = { close?: () => Promise<void> };

/** Closes once, whatever number of signals comes; a terminal sends Ctrl-C to this process and to its parent. */
function closeOnSignal(state: Running): void {
  let isClosing = false;
  const close = async () => {
    if (isClosing) return;
    isClosing = true;
    setTimeout(() => process.exit(0), CLOSE_WITHIN_MS).unref();
    await state.close?.();
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
  const state: Running = {};
  closeOnSignal(state);
  const renderer = await buildRenderer();
  if (renderer === 'built') tell('Built the console.');
  if (renderer === 'absent') tell('There is no renderer/index.html, so the console has no pages.');
  const binary = electronBinary();
  const why = whyBrowser(options, binary);
  if (binary !== undefined && why === undefined) return openDesktop(binary, options.runtime, state);
  return serveBrowser(options, why, state);
}

async function serveBrowser(options: Options, why: string | undefined, state: Running): Promise<void> {
  const { start } = (await import(RUNTIME)) as { start: (given: RuntimeOptions) => Promise<Runtime> };
  const runtime = await start(options.runtime);
  state.close = runtime.close;
  const { close: _, chains, ...facts } = runtime;
  if (options.isJson) {
    const awaited = options.waitsForChains ? await chains : undefined;
    process.stdout.write(`${JSON.stringify({ ...facts, ...awaited?.facts })}\n`);
    for (const complaint of awaited?.complaints ?? []) tell(complaint);
    return;
  }
  const { host, consoleUrl, gatewayUrl, workspace, readyMs } = facts;
  const where = `Tollkeeper is in the ${host} (${why}): ${consoleUrl}`;
  process.stdout.write(`${where} · gateway ${gatewayUrl} · ${workspace} · ready in ${readyMs.toFixed(0)} ms\n`);
  if (options.mayOpen) openBrowser(consoleUrl);
  tellChains(await chains);
}

/** Where the local chains are, once they are; a person who reads the console has no need to wait for it. */
function tellChains({ facts, complaints }: ChainsReady): void {
  const running = Object.entries(facts).filter(([, value]) => value !== null);
  if (running.length > 0) tell(`Local chains: ${running.map(([name, value]) => `${name} ${value}`).join(' · ')}`);
  for (const complaint of complaints) tell(complaint);
}

function fail(error: unknown): never {
  // A refusal is a sentence for people; anything else is a defect, and its stack helps to mend it.
  const refusal = (error as { refusal?: { detail: string; fix: string } }).refusal;
  tell(refusal === undefined ? String((error as Error).stack ?? error) : `${refusal.detail} ${refusal.fix}`);
  process.exit(1);
}

if (import.meta.main) main().catch(fail);
