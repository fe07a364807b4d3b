/** Every list before there is anything, while it is read, and when it cannot be: what it says, and how one goes on. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildRenderer } from '../../build/renderer.ts';
import { LISTS } from '../shots/places.ts';
import type { Place } from '../shots/places.ts';
import { interfere, openStudio } from '../shots/shoot.ts';
import type { Job, State } from '../shots/shoot.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { violations } from '../support/looks.ts';

/** The overview is asked for with the frame, so that it has no such states of its own. */
const ASKED = LISTS.filter(({ name }) => name !== 'overview');
/** What ships with every workspace is there from the start. */
const NEVER_EMPTY = new Set(['tiers', 'usage-charts']);

let browser: Browser;
let studio: Awaited<ReturnType<typeof openStudio>>;

beforeAll(async () => {
  await buildRenderer();
  browser = await launchBrowser();
  studio = await openStudio(browser);
}, 180_000);
afterAll(async () => {
  await studio.close();
  await browser.close();
});

const jobOf = (state: State): Job => {
  const job = studio.jobs.find((one) => one.state === state);
  if (job === undefined) throw new RangeError(`nothing is shot ${state}`);
  return job;
};

async function visit(place: Place, state: State, work: (page: Page, lift: () => void) => Promise<void>): Promise<void> {
  const { base, entered } = jobOf(state);
  const { page, complaints } = await openPage(browser, entered);
  const lift = await interfere(page, state);
  await page.goto(new URL(place.path, base).href);
  await page.locator('#main h1').first().waitFor();
  await work(page, lift);
  // What the core refuses is said on the page; nothing else may be in its console.
  expect(complaints).toEqual([]);
  await page.context().close();
}

describe.each(ASKED)('$name', (place) => {
  test.skipIf(NEVER_EMPTY.has(place.name))('empty: says what comes here, and the next step as a command', async () => {
    await visit(place, 'empty', async (page) => {
      const main = page.locator('#main');
      await main
        .getByText(/^(No|Nothing|The books are empty)/)
        .first()
        .waitFor();
      expect(await main.locator('code', { hasText: 'npx tollkeeper' }).count()).toBeGreaterThan(0);
      expect(await violations(page)).toEqual([]);
    });
  });

  test('loading: says so, and shows the rows when they come', async () => {
    await visit(place, 'loading', async (page, lift) => {
      const main = page.locator('#main');
      await main.getByRole('status').first().waitFor();
      expect(await main.locator('tr[data-row]').count()).toBe(0);
      expect(await violations(page)).toEqual([]);
      lift();
      await main.locator('tr[data-row]').first().waitFor();
    });
  });

  test('error: says what it means for the money, and goes on when it is tried again', async () => {
    await visit(place, 'error', async (page, lift) => {
      const main = page.locator('#main');
      const again = main.getByRole('button', { name: 'Try again' });
      await again.first().waitFor();
      await main
        .getByText(/nothing was (charged or )?changed/i)
        .first()
        .waitFor();
      expect(await violations(page)).toEqual([]);
      lift();
      while ((await again.count()) > 0) {
        await again.first().press('Enter');
        await page.waitForTimeout(150);
      }
      await main.locator('tr[data-row]').first().waitFor();
    });
  });
});
