/** Screens look as they were recorded, until somebody looks at them and records them anew. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildRenderer } from '../../build/renderer.ts';
import { TOLERATED_PIXELS, differing, recordedWith, takeCompared } from '../shots/compared.ts';
import { openStudio } from '../shots/shoot.ts';
import { launchBrowser } from '../support/browser.ts';

const LOOK_AT = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

test('each picture is the recorded one, but for a few pixels', { timeout: 240_000 }, async ({ skip }) => {
  await buildRenderer();
  const browser = await launchBrowser();
  try {
    const recorded = await recordedWith();
    if (recorded !== browser.version())
      return skip(`recorded with Chromium ${recorded}; this is ${browser.version()}, which draws letters otherwise`);
    const studio = await openStudio(browser);
    try {
      const { pictures, complaints } = await takeCompared(browser, studio.jobs);
      expect(complaints).toEqual([]);
      expect(pictures.size).toBeGreaterThan(30);
      const changed: string[] = [];
      for (const [name, png] of pictures) {
        const pixels = await differing(name, png);
        if (pixels <= TOLERATED_PIXELS) continue;
        changed.push(`${name}: ${pixels} pixels`);
        await mkdir(LOOK_AT, { recursive: true });
        await writeFile(join(LOOK_AT, `${name}.png`), png);
      }
      expect(changed, 'look at .cache/pictures; when it is meant, npm run shots -- --record').toEqual([]);
    } finally {
      await studio.close();
    }
  } finally {
    await browser.close();
  }
});
