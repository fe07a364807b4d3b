/**
 * A review as two people do it on two machines: exported from the real core with its sample, proven and answered in
 * another workspace, and taken back; the sheet a customer sees, printed by Chromium; and the viewer without a network.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { viewerWith } from '#core/files/review-viewer.ts';
import { SAMPLE_OPERATOR } from '#core/runtime/sample.ts';
import { start } from '#core/runtime/start.ts';
import type { Started } from '#core/runtime/start.ts';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { ADMIN, makeWorkspace } from '../support/workspace.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-reviews-'));
const SHOTS = join(import.meta.dirname, '..', '..', '.cache', 'shots');
type Machine = { started: Started; cookies?: Awaited<ReturnType<BrowserContext['storageState']>> };
let browser: Browser;
let ours: Machine;
let theirs: Machine;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  await buildRenderer();
  browser = await launchBrowser();
  const other = join(folder, 'theirs.toll');
  await makeWorkspace(other);
  const quiet = { host: 'none', logLevel: 'error' } as const;
  ours = { started: await start({ ...quiet, workspace: join(folder, 'sample.toll'), fresh: true }) };
  theirs = { started: await start({ ...quiet, workspace: other }) };
}, 180_000);
afterAll(async () => {
  await browser.close();
  await ours.started.close();
  await theirs.started.close();
  rmSync(folder, { recursive: true, force: true });
});

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}`));
}

async function enter(machine: Machine, look: Readonly<{ scheme: 'light' | 'dark'; width: number; height: number }>) {
  const { scheme, width, height } = look;
  const options = { colorScheme: scheme, viewport: { width, height }, acceptDownloads: true };
  const { cookies } = machine;
  const { page, complaints } = await openPage(browser, cookies ? { ...options, storageState: cookies } : options);
  await page.goto(cookies ? new URL('/', machine.started.consoleUrl).href : machine.started.consoleUrl);
  const overview = page.getByRole('heading', { name: 'Overview' });
  const passphrase = page.getByLabel('Passphrase');
  await overview.or(passphrase).first().waitFor();
  if (await passphrase.isVisible()) {
    await passphrase.fill(ADMIN.passphrase);
    await page.keyboard.press('Enter');
    await overview.waitFor();
  }
  machine.cookies = await page.context().storageState();
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor();
  const shot = (name: string) => page.screenshot({ path: join(SHOTS, `reviews-${name}-${scheme}-${width}.png`) });
  return { page, complaints, shot };
}

const WIDE = { scheme: 'light', width: 1440, height: 900 } as const;
const SMALL = { scheme: 'dark', width: 1024, height: 700 } as const;

/** What a click saves, in a file of the test's folder. */
async function saved(page: Page, click: () => Promise<void>): Promise<string> {
  const waiting = page.waitForEvent('download');
  await click();
  const download = await waiting;
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

/** Opens the newest invoice that is final, by keyboard; gives its number. */
async function openFinal(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Finalized' }).click();
  await page.locator('main tr[data-row]').first().press('Enter');
  const drawer = page.locator('[data-drawer="invoice"]');
  await drawer.getByRole('heading', { name: 'Reviews' }).waitFor();
  return (await drawer.getByRole('heading', { level: 1 }).innerText()).trim();
}

describe('a review', () => {
  let bundle = '';
  let answer = '';
  let number = '';

  test('goes out of the invoice, signed by whoever exports it', { timeout: 90_000 }, async () => {
    const { page, complaints, shot } = await enter(ours, WIDE);
    number = await openFinal(page);
    await page.getByText('Not reviewed yet').waitFor();
    expect(await violations(page)).toEqual([]);
    await shot('none');
    await page.getByRole('button', { name: 'Export for review' }).click();
    const dialog = page.getByRole('dialog', { name: `Export ${number} for review` });
    await dialog.getByLabel('Your passphrase').fill('not the passphrase');
    await page.keyboard.press('Enter');
    await dialog.getByText('The passphrase is not right. Try again. Nothing was exported or changed.').waitFor();
    await dialog.getByLabel('Your passphrase').fill(SAMPLE_OPERATOR.passphrase);
    await shot('export');
    bundle = await saved(page, () => page.keyboard.press('Enter'));
    expect(bundle).toBe(join(folder, `${number}.tollbundle`));
    await page.getByText('Waiting for an answer').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('is proven, annotated and approved on another machine', { timeout: 90_000 }, async () => {
    const { page, complaints, shot } = await enter(theirs, WIDE);
    await page.getByRole('link', { name: 'Review a bundle' }).press('Enter');
    await page.getByText('Prove an invoice that somebody sent you').waitFor();
    expect(await violations(page)).toEqual([]);
    await shot('open-empty');
    await page.getByLabel('Bundle file').setInputFiles(bundle);
    await page.getByRole('status').getByText('Everything agrees').waitFor();
    expect(await page.getByText(/events, \d+ transactions and \d+ blocks hashed again/).count()).toBe(1);
    const notes = page.getByLabel(/^Note on (?!the whole)/);
    await notes.first().fill('As agreed in the contract.');
    await page.getByLabel('Note on the whole invoice').fill('Fine with me.');
    expect(await violations(page)).toEqual([]);
    await shot('opened');
    await page.getByRole('button', { name: 'Approve' }).click();
    const dialog = page.getByRole('dialog', { name: `Approve ${number}` });
    await dialog.getByText('a note on 1 line').waitFor();
    await dialog.getByLabel('Your passphrase').fill(ADMIN.passphrase);
    await shot('approve');
    answer = await saved(page, () => page.keyboard.press('Enter'));
    expect(answer).toBe(join(folder, `${number}-approved.tollanswer`));
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('names what was changed, and cannot be approved then', { timeout: 90_000 }, async () => {
    const { page, complaints, shot } = await enter(theirs, SMALL);
    const text = readFileSync(bundle, 'utf8');
    const bent = join(folder, 'bent.tollbundle');
    writeFileSync(bent, text.replace('"delta\\":\\"', '"delta\\":\\"9'));
    await page.getByRole('link', { name: 'Review a bundle' }).click();
    await page.getByLabel('Bundle file').setInputFiles(bent);
    await page.getByText(/things? do(es)? not agree/).waitFor();
    await page.getByText('It was changed after it was sealed.').waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
    expect(await violations(page)).toEqual([]);
    await shot('bent');
    const binary = join(folder, 'binary.tollbundle');
    writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x00]));
    await page.getByLabel('Bundle file').setInputFiles(binary);
    await page.getByText('This file is not what was signed').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('comes back, once its reviewer is known, and counts once', { timeout: 90_000 }, async () => {
    const { page, complaints, shot } = await enter(ours, SMALL);
    await openFinal(page);
    await page.getByLabel('Answer file').setInputFiles(answer);
    const refused = page.getByRole('dialog', { name: 'The answer does not count' });
    await refused.getByText('belongs to nobody who may review here').waitFor();
    expect(await violations(page)).toEqual([]);
    await shot('unknown');
    await refused.getByLabel('Name of the reviewer').fill('Ada elsewhere');
    await page.keyboard.press('Enter');
    const drawer = page.locator('[data-drawer="invoice"]');
    await drawer.getByText('Signature verified').waitFor();
    await drawer.getByText('Ada elsewhere').waitFor();
    await drawer.getByText('Fine with me.').waitFor();
    await drawer.getByText('As agreed in the contract.').waitFor();
    expect(await violations(page)).toEqual([]);
    await drawer.getByText('Signature verified').scrollIntoViewIfNeeded();
    await shot('approved');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test.each([WIDE, SMALL])(
    'is proven by the viewer with the network off, $scheme',
    { timeout: 60_000 },
    async (look) => {
      const file = join(folder, 'viewer.html');
      if (!existsSync(file)) writeFileSync(file, viewerWith(readFileSync(bundle, 'utf8')));
      const { page, complaints } = await openPage(browser, {
        colorScheme: look.scheme,
        viewport: { width: look.width, height: look.height },
        offline: true,
      });
      await page.goto(`file://${file}`);
      await page.getByText('✓ Everything agrees').waitFor();
      await page.getByRole('heading', { name: `Invoice ${number}` }).waitFor();
      expect(await page.getByText(/^Signed by /).count()).toBe(1);
      await page.locator('details.line summary').first().press('Enter');
      await page.screenshot({ path: join(SHOTS, `reviews-viewer-${look.scheme}-${look.width}.png`) });
      await page.getByLabel('Open another bundle').setInputFiles(join(folder, 'bent.tollbundle'));
      await page.getByText(/✗ \d+ things? do(es)? not agree/).waitFor();
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );
});

/** The texts of a PDF's streams, as Chromium writes them: deflated, with the characters in maps of the fonts. */
function streamsOf(pdf: Buffer): string[] {
  const found: string[] = [];
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 7)) {
    const end = pdf.indexOf('endstream', at);
    try {
      found.push(inflateSync(pdf.subarray(at + 7, end)).toString('latin1'));
    } catch {
      // A stream that is not deflated, such as a font's own tables, holds no text of the page.
    }
  }
  return found;
}

describe('an invoice as the customer sees it', () => {
  test.each([WIDE, SMALL])('is a sheet on screen and a page on paper, $scheme', { timeout: 90_000 }, async (look) => {
    const { page, complaints, shot } = await enter(ours, look);
    const number = await openFinal(page);
    await page.getByRole('link', { name: 'See it as the customer does' }).press('Enter');
    const sheet = page.getByRole('article', { name: `Invoice ${number}` });
    await sheet.waitFor();
    for (const word of ['Due on', 'Paid from credit', 'To pay', 'SHA-256 of this invoice'])
      expect(await sheet.innerText()).toContain(word);
    expect(await violations(page)).toEqual([]);
    await shot('print');
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    writeFileSync(join(SHOTS, `reviews-print-${look.scheme}.pdf`), pdf);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    // ISO 32000-1 §7.7.3: each page is an object of the type Page; a tagged PDF carries its text structure.
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g) ?? [];
    expect(pages.length).toBe(1);
    // A4 in points, which Chromium rounds to a hundredth.
    expect(pdf.toString('latin1')).toMatch(/\/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]/);
    expect(pdf.length).toBeGreaterThan(5_000);
    expect(streamsOf(pdf).some((text) => text.includes('BT') && text.includes('Tj'))).toBe(true);
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('navigation', { name: 'Screens' }).isVisible()).toBe(false);
    expect(await sheet.isVisible()).toBe(true);
    await page.emulateMedia({ media: 'screen' });
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
