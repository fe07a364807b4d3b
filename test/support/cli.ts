/** Runs the command line and holders of workspaces as processes of their own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runProgram } from '#core/cli/program.ts';
import { PASSPHRASE } from './workspace.ts';

const MAIN = fileURLToPath(import.meta.resolve('#core/cli/main.ts'));
const HOLDER = fileURLToPath(new URL('./holder.ts', import.meta.url));

export type Ran = Readonly<{ code: number | null; out: string; err: string; json: unknown }>;
type RunOptions = Readonly<{ env?: Readonly<Record<string, string>>; input?: string }>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Text for people.
  }
}

/** What a process wrote, once it has ended. */
async function ended(child: ChildProcess): Promise<Ran> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err, json: parsed(out) };
}

/** Starts `tollkeeper …` and leaves it running. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { TOLLKEEPER_WORKSPACE: _workspace, ...rest } = process.env;
  return spawn(process.execPath, [MAIN, ...args], { env: { ...rest, TOLLKEEPER_PASSPHRASE: PASSPHRASE, ...env } });
}

export function tollkeeper(args: readonly string[], { env = {}, input = '' }: RunOptions = {}): Promise<Ran> {
  const child = startCli(args, env);
  child.stdin?.end(input);
  return ended(child);
}

/** Runs `tollkeeper …` in this process: what is tested is the command, not the process around it. */
export async function here(args: readonly string[], { env = {} }: RunOptions = {}): Promise<Ran> {
  let [out, err] = ['', ''];
  const wanted = { TOLLKEEPER_PASSPHRASE: PASSPHRASE, ...env };
  const before = Object.keys(wanted).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, wanted);
  const screen = { out: (text: string) => void (out += text), err: (text: string) => void (err += text), width: 100 };
  const { signal } = new AbortController();
  try {
    const code = await runProgram(args, { screen, isTty: false, signal });
    return { code, out, err, json: parsed(out) };
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

export type Holder = Readonly<{ pid: number; stop: () => Promise<void>; kill: () => Promise<void> }>;

/** Holds a workspace in another process, ready to be asked. */
export async function holder(file: string): Promise<Holder> {
  const child = spawn(process.execPath, [HOLDER, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), gone]);
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  return { pid: child.pid ?? 0, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}
