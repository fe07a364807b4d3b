/**
 * Starts a workspace with its carriers: gateway, browser door and attach socket. Used by `npm start`, `tollkeeper
 * serve` and tests.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { removeChains, startChains } from '#core/chain/local/embedded.ts';
import type { ChainChoice, ChainsReady, RunningChains } from '#core/chain/local/embedded.ts';
import { createGateway } from '#core/gateway/server.ts';
import { createFile } from '#core/ledger/open.ts';
import { WorkspaceError } from '#core/ledger/diagnosis.ts';
import { openAttachDoor } from '#core/serve/attach.ts';
import { openBrowserDoor } from '#core/serve/browser-door.ts';
import { openWindowDoor } from '#core/serve/window-door.ts';
import type { WindowDoor } from '#core/serve/window-door.ts';
import { createRouter } from '#core/services/router.ts';
import type { Router } from '#core/services/router.ts';
import type { Core, Log, Principal } from '#core/services/core.ts';
import { openCore } from './core.ts';
import type { CoreHandle } from './core.ts';
import { createLog } from './log.ts';
import type { LogLevel } from './log.ts';
import { watchNeeds } from './needs.ts';
import { defaultWorkspace } from './paths.ts';
import { buildSample, createLiveTraffic, sampleKeyOf, sampleOperator } from './sample.ts';

export type StartOptions = Readonly<{
  host: 'electron' | 'browser' | 'none';
  workspace?: string;
  port?: number;
  gateway?: string;
  fresh?: boolean;
  /** Local chains to start beside the workspace once it is ready; none unless said. */
  chains?: ChainChoice;
  logLevel?: LogLevel;
  /** For windows of our own: told when one of them locks, and how many things wait for a person. */
  onLocked?: () => void;
  onNeeds?: (count: number) => void;
}>;
export type Started = Readonly<{
  host: 'electron' | 'browser' | 'none';
  consoleUrl: string;
  /** Where windows of our own come in, unless a browser does. */
  windows?: WindowDoor;
  gatewayUrl: string;
  workspace: string;
  sample: boolean;
  sampleKey: string | null;
  readyMs: number;
  /** What becomes of the local chains; they start after everything else and nothing waits for them. */
  chains: Promise<ChainsReady>;
  close: () => Promise<void>;
}>;

/** The console's address inside a window of our own. */
const WINDOW_URL = 'app://console/';
const FILES_DIR = resolve(import.meta.dirname, '../../dist/renderer');
/** Where the gateway listens when nobody says otherwise; a taken port falls back to a free one for the sample only. */
const DEFAULT_GATEWAY = '127.0.0.1:0';

function removeWorkspace(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '.lock', '.attach', '.browsers', '.spool']) {
    rmSync(`${file}${suffix}`, { force: true, recursive: true });
  }
}

/** Makes sure there is a file to open; answers whether it is new and wants the sample in it. */
async function prepareFile(file: string, options: StartOptions): Promise<boolean> {
  if (options.fresh && existsSync(file)) await removeOld(file, options);
  if (existsSync(file)) return false;
  mkdirSync(dirname(file), { recursive: true });
  createFile(file);
  return true;
}

/**
 * Moves a sample aside that a version before the first release made in another way: it can neither be opened nor
 * brought up to date, and what is in it is no customer's. Its place is free then for a new one.
 */
function moveAside(file: string): void {
  const aside = file.replace(/(\.tollkeeper)?$/, `-${new Date().toISOString().replaceAll(/[:.]/g, '-')}$1`);
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
}

const isOtherHistory = (error: unknown): boolean => error instanceof WorkspaceError && error.code === 'other-history';

/** Opens the file; only the sample that nobody named is made anew where it cannot be opened any more. */
async function openOrRemake(
  file: string,
  { options, log, isNew }: { options: StartOptions; log: Log; isNew: boolean },
): Promise<{ handle: CoreHandle; isNew: boolean }> {
  try {
    return { handle: await openCore(file, { log }), isNew };
  } catch (error) {
    if (options.workspace !== undefined || !isOtherHistory(error)) throw error;
    moveAside(file);
    createFile(file);
    return { handle: await openCore(file, { log }), isNew: true };
  }
}

async function removeOld(file: string, options: StartOptions): Promise<void> {
  try {
    await removeSample(file);
  } catch (error) {
    if (options.workspace !== undefined || !isOtherHistory(error)) throw error;
    moveAside(file);
  }
}

/** `--fresh` makes the sample anew; it never removes books that are somebody's. */
async function removeSample(file: string): Promise<void> {
  const handle = await openCore(file, { log: createLog('error') });
  const isSample = handle.core.snapshot().settings.sample || handle.core.book.head().sequence === 0;
  await handle.close();
  if (!isSample) {
    throw new WorkspaceError({
      code: 'failed',
      detail: `${file} is a real workspace, not a sample.`,
      fix: '--fresh only makes a sample anew; start without it, or name another file.',
    });
  }
  removeWorkspace(file);
  removeChains(file);
}

function parseAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}

async function openCarriers(handle: CoreHandle, options: StartOptions, isNew: boolean) {
  const { core, book } = handle;
  const router = createRouter();
  const gateway = await createGateway({
    core,
    ingestPort: book.ingestPort,
    router,
    ...parseAddress(options.gateway ?? DEFAULT_GATEWAY),
  });
  core.facts.gatewayUrl = gateway.url;
  if (isNew) await buildSample(core, { url: gateway.url, router });
  const sample = core.snapshot().settings.sample;
  if (sample) core.facts.liveTraffic = createLiveTraffic(core, gateway.url);
  const initial: { initial?: Principal } = sample ? { initial: await sampleOperator(core) } : {};
  const door = await openConsole(core, router, { options, initial });
  const attach = await openAttachDoor(core, { router, ...(door.newLink ? { newLink: door.newLink } : {}) });
  return { gateway, door, attach, sample };
}

type ConsoleDoor = Readonly<{
  consoleUrl: () => string;
  windows?: WindowDoor;
  newLink?: () => string;
  close: () => Promise<void>;
}>;

/** The one door for people: a port to each window of our own, or loopback for a browser. */
async function openConsole(
  core: Core,
  router: Router,
  { options, initial }: { options: StartOptions; initial: { initial?: Principal } },
): Promise<ConsoleDoor> {
  if (options.host !== 'electron') {
    const door = await openBrowserDoor(core, { router, port: options.port ?? 0, filesDir: FILES_DIR, ...initial });
    return { consoleUrl: door.newLink, newLink: door.newLink, close: door.close };
  }
  const { onLocked = () => undefined, onNeeds = () => undefined } = options;
  const windows = openWindowDoor(core, { router, onLocked, ...initial });
  const stopWatching = watchNeeds(core, { router, tell: onNeeds });
  const close = (): Promise<void> => {
    stopWatching();
    windows.close();
    return Promise.resolve();
  };
  return { consoleUrl: () => WINDOW_URL, windows, close };
}

/** Tells the core of each local chain as soon as it runs. */
async function embedIn(handle: CoreHandle, chains: RunningChains): Promise<void> {
  const [evm, solana] = await Promise.all([chains.chain('evm'), chains.chain('solana')]);
  handle.embed({ ...(evm === undefined ? {} : { evm }), ...(solana === undefined ? {} : { solana }) });
}

/** Opens (or makes) a workspace and everything that leads to it. Rejects with a WorkspaceError that says what to do. */
export async function start(options: StartOptions): Promise<Started> {
  const file = resolve(options.workspace ?? defaultWorkspace());
  const log = createLog(options.logLevel ?? 'warn');
  const prepared = await prepareFile(file, options);
  const { handle, isNew } = await openOrRemake(file, { options, log, isNew: prepared });
  try {
    const { gateway, door, attach, sample } = await openCarriers(handle, options, isNew);
    const chains = startChains(options.chains ?? 'none', file);
    void embedIn(handle, chains);
    return {
      host: options.host,
      consoleUrl: door.consoleUrl(),
      ...(door.windows ? { windows: door.windows } : {}),
      gatewayUrl: gateway.url,
      workspace: file,
      sample,
      sampleKey: sampleKeyOf(handle.core),
      readyMs: Math.round(performance.now()),
      chains: chains.ready,
      close: async () => {
        handle.core.facts.liveTraffic?.set(false);
        await Promise.all([gateway.close(), door.close(), attach.close()]);
        // The core first: a job that runs is stopped while its chain still answers.
        await handle.close();
        await chains.close();
      },
    };
  } catch (error) {
    await handle.close();
    if (isNew) removeWorkspace(file);
    throw error;
  }
}
