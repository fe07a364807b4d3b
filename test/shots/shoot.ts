/** Takes pictures of places: of the sample on a clock that stands still, and of lists empty, loading and in error. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page, WebSocketRoute } from 'playwright-core';
import { openPage } from '../support/browser.ts';
import { PICTURED_MS, startFixedCore } from './fixed-core.ts';
import { LISTS, PLACES } from './places.ts';
import type { Place } from './places.ts';
import { fillForPictures } from './sample.ts';

const EMPTY = { name: 'nia', passphrase: 'pictures of nothing' };

export type Look = Readonly<{ scheme: 'light' | 'dark'; width: number; height: number }>;
export const LOOKS: readonly Look[] = [
  { scheme: 'light', width: 1440, height: 900 },
  { scheme: 'dark', width: 1440, height: 900 },
  { scheme: 'light', width: 1024, height: 700 },
  { scheme: 'dark', width: 1024, height: 700 },
];

/** How the core answers the reads of a screen. */
export type State = 'full' | 'empty' | 'loading' | 'error';

export type Job = Readonly<{ base: string; places: readonly Place[]; state: State; entered: BrowserContextOptions }>;

/** What a picture is called, without its look. */
export const nameOf = (place: Place, state: State): string =>
  state === 'full' ? place.name : `${place.name}-${state}`;

/** Reads that the frame itself wants, without which no screen is shown at all. */
const OF_THE_FRAME = /\/session\/|\/workspace\/(info|changes|needs)/;

/**
 * Between page and core: holds reads back, or asks for what does not exist in their place. Answers how that ends: what
 * was held goes on, and what is asked from then on is answered.
 */
export async function interfere(page: Page, state: State): Promise<() => void> {
  const held: (() => void)[] = [];
  let isOver = state !== 'loading' && state !== 'error';
  await page.routeWebSocket(/\/rpc/, (socket: WebSocketRoute) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const text = typeof message === 'string' ? message : message.toString();
      const path = /"u":"([^"]*)"/.exec(text)?.[1] ?? '';
      if (isOver || path === '' || OF_THE_FRAME.test(path)) server.send(message);
      else if (state === 'error') server.send(text.replace(`"u":"${path}"`, '"u":"/no/such"'));
      else held.push(() => server.send(message));
    });
  });
  return () => {
    isOver = true;
    for (const go of held.splice(0)) go();
  };
}

/** The page once it looks the same twice: on a busy machine answers and fonts come late. */
async function settled(page: Page): Promise<Buffer> {
  let before = await page.screenshot();
  for (let asked = 0; asked < 20; asked += 1) {
    await page.waitForTimeout(200);
    const now = await page.screenshot();
    if (now.equals(before)) return now;
    before = now;
  }
  return before;
}

/** Goes to each place of a job in one look and gives its picture away. Answers what the pages complained about. */
export async function shoot(
  browser: Browser,
  { base, places, state, entered }: Job,
  { look, take }: { look: Look; take: (name: string, png: Buffer) => Promise<void> | void },
): Promise<string[]> {
  const { scheme: colorScheme, ...viewport } = look;
  const { page, complaints } = await openPage(browser, { colorScheme, viewport, timezoneId: 'UTC', ...entered });
  await page.clock.setFixedTime(PICTURED_MS + 40_000);
  await interfere(page, state);
  for (const place of places) {
    const name = nameOf(place, state);
    try {
      await page.goto(new URL(place.path, base).href);
      await page.locator('#main h1, #main h2').first().waitFor();
      await page.waitForTimeout(250);
      if (state === 'full') await place.after?.(page);
    } catch (error) {
      complaints.push(`${name}: ${String(error).slice(0, 300)}`);
    }
    await take(name, await settled(page));
  }
  await page.context().close();
  return state === 'error' ? [] : complaints;
}

/** A one-time link lets one browser in; its cookie is taken along to every window. */
export async function enter(browser: Browser, link: string, who?: typeof EMPTY): Promise<BrowserContextOptions> {
  const { page } = await openPage(browser);
  await page.goto(link);
  if (who) {
    await page.getByLabel('Passphrase').fill(who.passphrase);
    await page.keyboard.press('Enter');
  }
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const storageState = await page.context().storageState();
  await page.context().close();
  return { storageState };
}

/** The sample with all that a picture wants in it, and beside it a workspace that has nothing yet. */
export async function openStudio(browser: Browser) {
  const folder = await mkdtemp(join(tmpdir(), 'tollkeeper-shots-'));
  const sample = await startFixedCore(join(folder, 'sample.tollkeeper'));
  const file = join(folder, 'empty.tollkeeper');
  await fillForPictures(sample.client);
  const { name: operator, passphrase } = EMPTY;
  await sample.client.workspace.create({ file, name: 'Plain', issuer: 'Plain Ltd', operator, passphrase });
  const empty = await startFixedCore(file, EMPTY);
  const full = { base: sample.consoleUrl, entered: await enter(browser, sample.consoleUrl) };
  const none = { base: empty.consoleUrl, entered: await enter(browser, empty.consoleUrl, EMPTY) };
  const jobs: readonly Job[] = [
    { ...full, places: PLACES, state: 'full' },
    { ...none, places: LISTS, state: 'empty' },
    { ...full, places: LISTS, state: 'loading' },
    { ...full, places: LISTS, state: 'error' },
  ];
  const close = async (): Promise<void> => {
    await sample.close();
    await empty.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { jobs, close };
}
