/** The browser that the browser tests run in is there and starts with our arguments. */
import { chromium } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { CHROMIUM_ARGS, CHROMIUM_MISSING, chromiumPath } from './chromium.ts';

const path = chromiumPath();
const named = process.env['CHROMIUM'];

afterEach(() => {
  if (named === undefined) delete process.env['CHROMIUM'];
  else process.env['CHROMIUM'] = named;
});

test.skipIf(path === undefined)(
  `runs a page${path === undefined ? ` (skipped: ${CHROMIUM_MISSING})` : ''}`,
  async () => {
    const browser = await chromium.launch({ executablePath: path ?? '', args: CHROMIUM_ARGS });
    const page = await browser.newPage();
    await page.setContent('<h1>Tollkeeper</h1>');
    expect(await page.textContent('h1')).toBe('Tollkeeper');
    await browser.close();
  },
);

test('CHROMIUM, when set, decides alone', () => {
  process.env['CHROMIUM'] = '/no/such/browser';
  expect(chromiumPath()).toBeUndefined();
  process.env['CHROMIUM'] = process.execPath;
  expect(chromiumPath()).toBe(process.execPath);
});
