/**
 * Gets the machine ready and runs one script on the pinned Node: installs what the lockfile names when it is missing,
 * finds the binary, starts the script and stays its faithful parent. Has no dependencies and reads on Node 20, as
 * nothing is installed when it starts. It writes to stderr only: stdout belongs to the script.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const OLDEST_NODE = 20;
const PINNED_MAJOR = 24;

/** A script that outlives its signal by this much is killed, so that Ctrl-C always gives the terminal back. */
const STOP_WITHIN_MS = 4800;

/** How often to look whether npm is still there. npm's shell does not pass signals on, so its end is one. */
const LOOK_EVERY_MS = 500;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The exit code a shell gives a process that one of these signals ended. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

function say(sentence) {
  process.stderr.write(`tollkeeper: ${sentence}\n`);
}

/** Says in one sentence what is missing, and ends. */
export function stop(sentence) {
  say(sentence);
  process.exit(1);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // Missing and broken read the same here: both lead to an install, which names its own errors.
  }
}

/** Whether an optional package may be absent; not when the lock names this very platform and holds its build. */
function mayBeAbsent({ optional, os, cpu, libc, integrity }) {
  if (!optional) return false;
  return !(os?.includes(process.platform) && cpu?.includes(process.arch) && integrity && libc === undefined);
}

/**
 * Whether node_modules holds what the lock names. npm writes what it installed to `.package-lock.json` as its last
 * act, so comparing the two sees an interrupted install and an edited lock, and accepts an install made by hand.
 */
export function matchesLock(lock, installed) {
  if (!lock?.packages || !installed?.packages) return false;
  return Object.entries(lock.packages).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const there = installed.packages[path];
    return there ? there.version === entry.version : mayBeAbsent(entry);
  });
}

/** The command that runs npm: the npm that started us, else the one on the PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.[cm]?js$/.test(cli) && existsSync(cli)) return { file: process.execPath, args: [cli] };
  if (process.platform === 'win32') return { file: 'npm.cmd', args: [], shell: true };
  return { file: 'npm', args: [] };
}

/** Calls back once when npm, having started us, is gone. Outside npm a parent may leave first, as under nohup. */
function watchNpm(onGone) {
  if (process.platform === 'win32' || process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onGone();
  }, LOOK_EVERY_MS);
  return watch;
}

/** Runs a child to its end while signals pass through to it; says how it ended and whether it was asked to. */
function runToEnd(file, args, options) {
  return new Promise((resolve) => {
    const child = spawn(file, args, options);
    let asked = false;
    let killer;
    const pass = (signal) => {
      child.kill(signal);
      if (!asked) killer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      asked = true;
    };
    for (const signal of SIGNALS) process.on(signal, pass);
    const watch = watchNpm(() => pass('SIGTERM'));
    const end = (result) => {
      clearTimeout(killer);
      clearInterval(watch);
      for (const signal of SIGNALS) process.off(signal, pass);
      resolve({ ...result, asked });
    };
    child.on('error', (error) => end({ error }));
    child.on('exit', (code, signal) => end({ code, signal }));
  });
}

async function install(stopsCleanly) {
  const lock = readJson(join(ROOT, 'package-lock.json'));
  if (lock === undefined) stop('package-lock.json is missing or damaged; run "git checkout package-lock.json".');
  if (matchesLock(lock, readJson(join(ROOT, 'node_modules', '.package-lock.json')))) return;
  say('installing the packages of package-lock.json (npm ci --ignore-scripts) …');
  const startedAtMs = Date.now();
  const npm = npmCommand();
  const args = [...npm.args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const ended = await runToEnd(npm.file, args, { cwd: ROOT, stdio: ['ignore', 2, 2], shell: npm.shell ?? false });
  if (ended.error) stop('npm was not found; install Node 20 or newer together with npm, then run this again.');
  if (ended.asked) process.exit(stopsCleanly ? 0 : 130);
  if (ended.code !== 0) stop('npm ci failed; its message above says why (often: no network, or no space left).');
  say(`installed in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s.`);
}

/** The Node to run on: the pinned package of this platform, else this very Node when it is new enough. */
function pinnedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = join(ROOT, 'node_modules', name, 'bin');
  for (const file of ['node', 'node.exe']) if (existsSync(join(folder, file))) return join(folder, file);
  const [major] = process.versions.node.split('.');
  if (Number(major) >= PINNED_MAJOR) return process.execPath;
  const pins = readJson(join(ROOT, 'package.json'))?.optionalDependencies ?? {};
  if (name in pins) return stop(`the pinned Node (${name}) is missing; run "npm ci --ignore-scripts".`);
  return stop(`there is no pinned Node for ${name}, and this is Node ${major}: install Node ${PINNED_MAJOR} or newer.`);
}

/** Scripts that keep books open: their short-lived objects have little room, so that memory stays within its limit. */
const SMALL = new Set(['build/start.ts', 'core/cli/main.ts']);
const SMALL_FLAGS = ['--max-semi-space-size=4'];

/**
 * Runs one script, `{ script, args, stopsCleanly }`, and exits as it exits. The IPC channel is the script's life line:
 * when this process dies in any way, even by SIGKILL, the channel closes and `build/lifeline.mjs`, preloaded in the
 * script's process, brings it down.
 */
export async function launch({ script, args = [], stopsCleanly = false }, rest) {
  const [major] = process.versions.node.split('.');
  if (Number(major) < OLDEST_NODE) stop(`Tollkeeper needs Node ${OLDEST_NODE} or newer, and this is Node ${major}.`);
  await install(stopsCleanly);
  if (!existsSync(join(ROOT, script))) stop(`there is no ${script} in this version.`);
  const node = pinnedNode();
  const lifeline = pathToFileURL(join(ROOT, 'build', 'lifeline.mjs')).href;
  const flags = SMALL.has(script) ? SMALL_FLAGS : [];
  const ended = await runToEnd(node, [...flags, '--import', lifeline, join(ROOT, script), ...args, ...rest], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      // What was compiled once starts at once the next time.
      NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'compiled'),
      ...process.env,
      PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
    },
  });
  if (ended.error) stop(`the pinned Node could not be started (${ended.error.message}).`);
  if (ended.signal === null) process.exit(ended.code);
  const isCleanStop = stopsCleanly && ended.asked && ended.signal !== 'SIGKILL';
  process.exit(isCleanStop ? 0 : (SIGNAL_CODES[ended.signal] ?? 1));
}
