/** Every screen at 200 % zoom, and for whoever asked for less motion: the real core with its sample, in Chromium. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCREENS } from '#renderer/app/screens.ts';
import { openConsole, violations } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';

/** What a window of 1440 by 900 has left at 200 %. */
const ZOOMED = { scheme: 'light', width: 720, height: 450 } as const;
let desk: Console;
let entered: Awaited<ReturnType<Console['enter']>>;

beforeAll(async () => {
  desk = await openConsole('zoom');
  entered = await desk.enter(ZOOMED);
}, 180_000);
afterAll(() => desk.close());

/** What a person cannot get to: a page that scrolls sideways, and words or buttons outside of all that scrolls. */
function outOfReach(): string[] {
  const found: string[] = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth} wide`);
  const scrolls = (place: Element): boolean => /auto|scroll/.test(getComputedStyle(place).overflow);
  for (const place of document.querySelectorAll<HTMLElement>('button, a[href], input, select, textarea, h1')) {
    const { left, right, top, bottom, width } = place.getBoundingClientRect();
    if (width === 0 || place.closest('[class*="skip"]') !== null || !place.checkVisibility()) continue;
    let box = place.parentElement;
    while (box !== null && !scrolls(box)) box = box.parentElement;
    if (box !== null) continue;
    if (left < 0 || top < 0 || right > innerWidth + 1 || bottom > innerHeight + 1) {
      found.push(`${place.tagName.toLowerCase()} "${place.textContent.trim().slice(0, 30)}" is outside the window`);
    }
  }
  return found;
}

/** What moves by itself, now or when it is used. */
function moving(): string[] {
  const running = document.getAnimations().map((one) => one.constructor.name);
  const styled = [...document.querySelectorAll('*')].filter((place) => {
    const { animationName, transitionDuration } = getComputedStyle(place);
    return animationName !== 'none' || transitionDuration.split(', ').some((each) => each !== '0s');
  });
  return [...running, ...styled.map((place) => `${place.tagName} ${place.className.toString()}`)];
}

test.each(SCREENS.map(({ to, title }) => [title, to] as const))('%s', { timeout: 60_000 }, async (title, to) => {
  const { page, complaints, shots } = entered;
  await page.goto(new URL(to, page.url()).href);
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
  const reading = page.locator('main').getByRole('status', { name: /^Reading/ });
  await expect.poll(() => reading.count()).toBe(0);
  expect(await page.evaluate(outOfReach)).toEqual([]);
  expect(await page.evaluate(moving)).toEqual([]);
  await shots(title);
  expect(await violations(page)).toEqual([]);
  const row = page.locator('main tr[data-row][data-open]').first();
  if (await row.isVisible()) {
    await row.press('Enter');
    await page.locator('[data-drawer]').waitFor();
    expect(await page.evaluate(outOfReach)).toEqual([]);
    await shots(`${title}-drawer`);
  }
  expect(complaints).toEqual([]);
});
