/** The contact sheets: every picture at a glance, one sheet for light and one for dark, kept in `docs/screenshots`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';

const KEPT = join(import.meta.dirname, '..', '..', 'docs', 'screenshots');
const [COLUMNS, THUMB] = [6, { width: 400, height: 250 }] as const;

async function figure(folder: string, name: string, scheme: string): Promise<string> {
  const picture = await readFile(join(folder, `${name}-${scheme}-1440.png`), 'base64');
  return `<figure><img src="data:image/png;base64,${picture}"><figcaption>${name}</figcaption></figure>`;
}

/** Lays the pictures of `names` out in the order they were taken. */
export async function contactSheet(browser: Browser, folder: string, names: readonly string[]): Promise<void> {
  const width = COLUMNS * (THUMB.width + 12) + 12;
  for (const scheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const figures = await Promise.all(names.map((name) => figure(folder, name, scheme)));
    const ink = scheme === 'dark' ? 'background:#0d0f12;color:#c9ced6' : 'background:#e9ebee;color:#2a2f37';
    await page.setContent(
      `<style>body{margin:12px;${ink};font:12px sans-serif;display:grid;gap:12px;` +
        `grid-template-columns:repeat(${COLUMNS},${THUMB.width}px)}figure{margin:0}` +
        `img{width:${THUMB.width}px;height:${THUMB.height}px;display:block}</style>${figures.join('')}`,
    );
    await page.screenshot({
      path: join(KEPT, `contact-sheet-${scheme}.jpg`),
      type: 'jpeg',
      quality: 72,
      fullPage: true,
    });
    await page.close();
  }
}
