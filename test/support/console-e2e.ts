/** The real core behind a browser, with its sample or with a new workspace, for what a person does at the console. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { askLink, attach } from '#core/cli/attach.ts';
import { openForReading } from '#core/ledger/open.ts';
import { SAMPLE_OPERATOR } from '#core/runtime/sample.ts';
import { start } from '#core/runtime/start.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from './browser.ts';
import { here } from './cli.ts';
import { ADMIN } from './workspace.ts';

const SHOTS = join(import.meta.dirname, '..', '..', '.cache', 'shots');

export type Look = Readonly<{ scheme: 'light' | 'dark'; width: number; height: number }>;
export const WIDE: Look = { scheme: 'light', width: 1440, height: 900 };
export const NARROW: Look = { scheme: 'dark', width: 1024, height: 700 };

export type Console = Awaited<ReturnType<typeof openConsole>>;

/** Makes a workspace that nobody has worked in, by the command that a person makes one with. */
export async function makeNew(workspace: string): Promise<void> {
  const made = await here(['init', workspace, '--name', 'Northwind', '--operator', ADMIN.name]);
  if (made.code !== 0) throw new TypeError(`no workspace was made: ${made.err}`);
}

/** Signs in somebody else at a page, as a person does; all tabs of a browser share who is signed in. */
async function signIn(page: Page, { name: who, passphrase }: { name: string; passphrase: string }): Promise<void> {
  await page.getByRole('button', { name: /, (admin|viewer|billing|settlement)$/ }).click();
  await page.getByRole('menuitem', { name: 'Lock' }).click();
  await page.getByRole('button', { name: 'Sign in as someone else' }).click();
  await page.getByLabel(who, { exact: true }).check();
  await page.getByLabel('Passphrase').fill(passphrase);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: new RegExp(`^${who}, `) }).waitFor();
}

/** How far the books have moved: whatever is written moves them. */
function sequenceOf(workspace: string): number {
  const reading = openForReading(workspace);
  try {
    return reading.prepare('SELECT seq FROM book').pluck().get() as number;
  } finally {
    reading.close();
  }
}

type Shot = Readonly<{ name: string; title: string; look: Look }>;

/** The place as it is; with `SHOTS=all` in both schemes and sizes, for whoever looks at the screens. */
async function shoot(page: Page, { name, title, look }: Shot): Promise<void> {
  const save = (scheme: string, width: number) =>
    page.screenshot({ path: join(SHOTS, `${name}-${title}-${scheme}-${width}.png`) });
  if (process.env['SHOTS'] !== 'all') return void (await save(look.scheme, look.width));
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const size of [WIDE, NARROW]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: size.width, height: size.height });
      await save(colorScheme, size.width);
    }
  }
  await page.emulateMedia({ colorScheme: look.scheme });
  await page.setViewportSize({ width: look.width, height: look.height });
}

/** `sample` is as a newcomer gets it; `new` has its first operator, the shipped catalogue and nothing else. */
export async function openConsole(name: string, books: 'sample' | 'new' = 'sample') {
  mkdirSync(SHOTS, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), `tollkeeper-${name}-`));
  const workspace = join(folder, `${books}.tollkeeper`);
  await buildRenderer();
  const browser: Browser = await launchBrowser();
  if (books === 'new') await makeNew(workspace);
  const started = await start({ host: 'none', workspace, fresh: books === 'sample', logLevel: 'error' });
  const connection = await attach(workspace);
  if (connection === null) throw new TypeError('nobody answers for the workspace');
  await connection.client.session.signIn(books === 'new' ? ADMIN : SAMPLE_OPERATOR);
  let cookies: Awaited<ReturnType<BrowserContext['storageState']>> | undefined;

  /** A browser of its own at the door, through a link of its own; nobody has signed in there yet. */
  const arrive = async ({ scheme, width, height }: Look) => {
    const opened = await openPage(browser, { colorScheme: scheme, viewport: { width, height } });
    await opened.page.goto((await askLink(workspace)) ?? '');
    return opened;
  };
  /** A page that came in by the link of the start, or goes on with the session that it opened. */
  const enter = async ({ scheme, width, height }: Look) => {
    const look = { colorScheme: scheme, viewport: { width, height } };
    const { page, complaints } = await openPage(browser, cookies ? { ...look, storageState: cookies } : look);
    await page.goto(cookies ? new URL('/', started.consoleUrl).href : started.consoleUrl);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    cookies = await page.context().storageState();
    const shots = (title: string) => shoot(page, { name, title, look: { scheme, width, height } });
    return { page, complaints, shots };
  };
  /** A page at which somebody of another role has signed in, until they leave. */
  const enterAs = async (role: 'viewer' | 'billing' | 'settlement') => {
    const other = { name: `Vic ${role}`, passphrase: `the ${role} signs in` };
    await connection.client.operators.create({ ...other, role });
    const entered = await enter(WIDE);
    await signIn(entered.page, other);
    return { ...entered, leave: () => signIn(entered.page, SAMPLE_OPERATOR) };
  };
  const close = async (): Promise<void> => {
    await browser.close();
    connection.close();
    await started.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    folder,
    workspace,
    browser,
    started,
    client: connection.client,
    arrive,
    enter,
    enterAs,
    signIn,
    sequence: () => sequenceOf(workspace),
    close,
  };
}

/** What axe finds, each with the element it finds it at. */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}`));
}
