/**
 * The pictures that every run compares with what was recorded. They are recorded by `npm run shots -- --record` and
 * compared only under the Chromium they were recorded with, for letters are drawn differently by another.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import type { Browser } from 'playwright-core';
import { LOOKS, nameOf, shoot } from './shoot.ts';
import type { Job, Look } from './shoot.ts';

const FOLDER = join(import.meta.dirname, '..', 'e2e', 'pictures');
const VERSION = join(FOLDER, 'chromium.txt');

/** So many pixels may differ, each by more than a tenth of what a person sees between black and white. */
export const TOLERATED_PIXELS = 200;
const TENTH = 0.1;

/**
 * Places whose content follows from the sample alone. What shows sequences of the books is left out: how many events
 * one transaction takes hangs on how fast the machine is.
 */
const NAMES = [
  'overview',
  'keys',
  'story',
  'customers',
  'customer',
  'customer-credit',
  'customer-events',
  'customer-prices',
  'customer-notes',
  'customer-details',
  'customer-grant',
  'usage',
  'usage-charts',
  'usage-unrated',
  'usage-import',
  'leaks',
  'leaks-found',
  'tiers-plans',
  'tiers-discounts',
  'tiers-rates',
  'tiers-quote',
  'price-new',
  'invoices',
  'credits',
  'alerts-rules',
  'alerts-rule-new',
  'alerts-webhooks',
  'alerts-mail',
  'settings-keys',
  'vaults',
  'customers-empty',
  'customers-error',
  'customers-loading',
] as const;

/** Each is looked at once, in one of the four looks in turn. */
const lookOf = (name: string): Look | undefined => LOOKS[NAMES.indexOf(name as (typeof NAMES)[number]) % LOOKS.length];

/** Every picture that is compared, as it is now. */
export async function takeCompared(
  browser: Browser,
  jobs: readonly Job[],
): Promise<{ pictures: ReadonlyMap<string, Buffer>; complaints: readonly string[] }> {
  const pictures = new Map<string, Buffer>();
  const complaints: string[] = [];
  const wanted: readonly string[] = NAMES;
  for (const job of jobs) {
    for (const look of LOOKS) {
      const places = job.places.filter((place) => {
        const name = nameOf(place, job.state);
        return wanted.includes(name) && lookOf(name) === look;
      });
      if (places.length === 0) continue;
      const take = (name: string, png: Buffer): void => void pictures.set(`${name}-${look.scheme}-${look.width}`, png);
      complaints.push(...(await shoot(browser, { ...job, places }, { look, take })));
    }
  }
  return { pictures, complaints };
}

/** The Chromium that the pictures were recorded with, or null before the first time. */
export async function recordedWith(): Promise<string | null> {
  try {
    return (await readFile(VERSION, 'utf8')).trim();
  } catch {
    // Nothing was recorded yet.
    return null;
  }
}

/** Keeps the pictures as they are now. */
export async function record(browser: Browser, jobs: readonly Job[]): Promise<readonly string[]> {
  const { pictures, complaints } = await takeCompared(browser, jobs);
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  for (const [name, png] of pictures) await writeFile(join(FOLDER, `${name}.png`), png);
  await writeFile(VERSION, `${browser.version()}\n`);
  return complaints;
}

/** How many pixels of a picture differ from what was recorded; all of them where it has another size or none was. */
export async function differing(name: string, png: Buffer): Promise<number> {
  const now = PNG.sync.read(png);
  try {
    const then = PNG.sync.read(await readFile(join(FOLDER, `${name}.png`)));
    if (then.width !== now.width || then.height !== now.height) return now.width * now.height;
    return pixelmatch(then.data, now.data, undefined, now.width, now.height, { threshold: TENTH });
  } catch {
    // It was never recorded.
    return now.width * now.height;
  }
}
