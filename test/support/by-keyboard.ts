/** A person without a mouse: goes on by Tab and keys only, and must see at each step where they are. */
import type { Locator, Page } from 'playwright-core';

/** Nobody tabs further than this for one thing. */
const MOST_STEPS = 90;

/** Where the focus is, in words, and whether a person sees it: a ring or a caret, inside the window and uncovered. */
function lookAtFocus(): { name: string; isSeen: boolean } {
  const place = document.activeElement;
  // A guard at the edge of a dialog hands the focus on, into the dialog.
  const isNowhere = place === document.body || place?.hasAttribute('data-base-ui-focus-guard');
  if (!(place instanceof HTMLElement) || isNowhere) return { name: 'nothing', isSeen: false };
  const labels = place instanceof HTMLInputElement || place instanceof HTMLSelectElement ? place.labels : null;
  const text = place.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? place.textContent;
  const name = `${place.tagName.toLowerCase()} "${text.trim().replaceAll(/\s+/g, ' ').slice(0, 50)}"`;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(place);
  // In a field for a day the browser rings the part that is being filled in, or the button of its calendar.
  const isOfDays = place.matches('input[type="date"], input[type="datetime-local"]');
  const hasRing = (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== 'none';
  const { left, top, width, height } = place.getBoundingClientRect();
  // A tall thing, as a drawer, counts by the part of it that is on screen.
  const x = Math.min(Math.max(left + width / 2, 1), innerWidth - 2);
  const y = Math.min(Math.max(top + Math.min(height, innerHeight) / 2, 1), innerHeight - 2);
  const there = document.elementFromPoint(x, y);
  const isUncovered = there !== null && (place.contains(there) || there.contains(place));
  const isInside = top < innerHeight && top + height > 0 && left < innerWidth && left + width > 0;
  return { name, isSeen: (isOfDays || (place.matches(':focus-visible') && hasRing)) && isInside && isUncovered };
}

export type Hands = ReturnType<typeof handsAt>;

export function handsAt(page: Page) {
  /** Goes on by Tab until this has the focus; each stop on the way must be one that a person sees. */
  const tabTo = async (target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> => {
    await target.first().waitFor();
    // What has just opened takes the focus once it is drawn; nobody is faster than that.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const stops: string[] = [(await page.evaluate(lookAtFocus)).name];
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (await target.first().evaluate((place) => place === document.activeElement)) return;
      await page.keyboard.press(key);
      const { name, isSeen } = await page.evaluate(lookAtFocus);
      stops.push(name);
      // After the last thing of the page the browser's own bar has the focus for one step.
      if (!isSeen && name !== 'nothing') throw new Error(`the focus is not seen at ${stops.join(' → ')}`);
    }
    throw new Error(`not reached by ${key}: ${stops.join(' → ')}`);
  };
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Presses what is reached by Tab. */
  const use = async (target: Locator, key = 'Enter'): Promise<void> => {
    await tabTo(target);
    await page.keyboard.press(key);
  };
  /** Types into a field that is reached by Tab; Tab selects what stands there, so it is written over. */
  const write = async (target: Locator, text: string): Promise<void> => {
    await tabTo(target);
    await page.keyboard.type(text);
  };
  return { tabTo, press, use, write, type: (text: string) => page.keyboard.type(text) };
}
