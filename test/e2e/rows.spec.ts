/** Long lists as a person goes through them: by wheel, keyboard and scroll bar, with no row twice and none missing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { WIDE, openConsole, violations } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';

const MADE = 1_000;
let desk: Console;

/** So many events of a customer of the sample, the last one first in the list. */
async function record(from: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, at) => ({
    source: 'rows',
    id: `row-${String(from + at).padStart(6, '0')}`,
    customer: 'orbit',
    meter: 'api.requests',
    quantity: '1',
  }));
  for (let at = 0; at < count; at += 1_000) await desk.client.usage.record({ events: events.slice(at, at + 1_000) });
}

type Item = Readonly<{ id: string }>;
type Asked = Readonly<{ limit: number; cursor?: string }>;

/** What the list has to show, in its order: from the core, without the page. */
async function whole<T>(read: (input: Asked) => Promise<{ items: T[]; nextCursor: string | null }>): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: { items: T[]; nextCursor: string | null } = await read({
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

/** The rows that are drawn now, by their place from 0, once none of them is still being read. */
async function drawn(page: Page): Promise<[number, string][]> {
  await expect.poll(() => page.locator('main tr[data-reading]').count(), { timeout: 10_000 }).toBe(0);
  return page.locator('main tr[data-row]').evaluateAll((rows) =>
    rows.map((row) => {
      const ids = [...row.querySelectorAll('code[title]')].map((code) => code.getAttribute('title') ?? '');
      return [Number(row.getAttribute('aria-rowindex')) - 2, ids.at(-1) ?? ''];
    }),
  );
}

/** Goes down by a step at a time, and gives what stood at each place on the way. */
async function walk(page: Page, last: number, step: () => Promise<void>): Promise<Map<number, string>> {
  const rows = new Map<number, string>();
  for (let end = 0; end < last;) {
    const seen = await drawn(page);
    for (const [at, id] of seen) rows.set(at, id);
    end = Math.max(...seen.map(([at]) => at));
    const first = seen[0]?.[0] ?? 0;
    if (end >= last) return rows;
    await step();
    await expect.poll(async () => (await drawn(page))[0]?.[0] ?? 0, { timeout: 10_000 }).not.toBe(first);
  }
  return rows;
}

const scroller = (page: Page) => page.locator('main table').locator('..');

/** As the thumb of the scroll bar is dragged: to a share of the whole. The rows it left stand until others come. */
async function drag(page: Page, share: number): Promise<void> {
  await scroller(page).evaluate((box, to) => {
    box.scrollTop = (box.scrollHeight - box.clientHeight) * to;
  }, share);
  const rows = Number(await page.getByRole('table', { name: 'events' }).getAttribute('aria-rowcount')) - 1;
  const isThere = async (): Promise<boolean> =>
    (await drawn(page)).some(([at]) => Math.abs(at - (rows - 1) * share) <= 40);
  await expect.poll(isThere, { timeout: 10_000 }).toBe(true);
}

beforeAll(async () => {
  desk = await openConsole('rows');
  await record(0, MADE);
}, 120_000);
afterAll(() => desk.close());

async function atUsage(): Promise<Awaited<ReturnType<Console['enter']>>> {
  const entered = await desk.enter(WIDE);
  await entered.page.keyboard.press('g');
  await entered.page.keyboard.press('u');
  await entered.page.locator('main tr[data-row]').first().waitFor();
  await entered.page.mouse.move(700, 500);
  return entered;
}

test('all events are scrolled through by wheel, none twice and none missing', { timeout: 120_000 }, async () => {
  const { page, complaints } = await atUsage();
  const events: Item[] = await whole((input) => desk.client.usage.list(input));
  expect(events.length).toBeGreaterThan(MADE);
  expect(await page.getByRole('table', { name: 'events' }).getAttribute('aria-rowcount')).toBe(
    String(events.length + 1),
  );
  const rows = await walk(page, MADE, () => page.mouse.wheel(0, 1_500));
  expect([...rows.keys()].toSorted((a, b) => a - b)).toEqual([...rows.keys()].map((_, at) => at));
  for (const [at, id] of rows) expect(`${at} ${id}`).toBe(`${at} ${events[at]?.id}`);
  for (const share of [0.5, 0.9, 0.2, 1]) {
    await drag(page, share);
    const seen = await drawn(page);
    for (const [at, id] of seen) expect(`${at} ${id}`).toBe(`${at} ${events[at]?.id}`);
  }
  expect((await drawn(page)).at(-1)?.[0]).toBe(events.length - 1);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('by keyboard the focus goes with the rows, to both ends and back', { timeout: 90_000 }, async () => {
  const { page, complaints, shots } = await atUsage();
  const events: Item[] = await whole((input) => desk.client.usage.list(input));
  const place = () => page.evaluate(() => Number(document.activeElement?.getAttribute('aria-rowindex')) - 2);
  await page.locator('main tr[data-row]').first().focus();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  expect(await place()).toBe(1);
  await page.keyboard.press('End');
  await expect.poll(place).toBe(events.length - 1);
  await drawn(page);
  await shots('end');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  expect(decodeURIComponent(page.url())).toContain(events.at(-2)?.id ?? 'nothing');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Home');
  await expect.poll(place).toBe(0);
  for (let pages = 0; pages < 10; pages += 1) await page.keyboard.press('PageDown');
  const [first] = await drawn(page);
  expect(await place()).toBeGreaterThan(200);
  expect(first?.[0]).toBeGreaterThan(150);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test(
  'what comes in while somebody reads further down waits above, and does not move the rows',
  { timeout: 90_000 },
  async () => {
    const { page, complaints, shots } = await atUsage();
    await drag(page, 0.3);
    const before = await drawn(page);
    await record(MADE, 40);
    const newer = page.getByRole('button', { name: '40 newer' });
    await newer.waitFor();
    expect(await drawn(page)).toEqual(before);
    await shots('newer');
    expect(await violations(page)).toEqual([]);
    await newer.click();
    await expect.poll(async () => (await drawn(page))[0]?.[1]).toBe('row-001039');
    await newer.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await page.context().close();
  },
);

test('a list that is read row by row reads on by itself', { timeout: 90_000 }, async () => {
  const { page, complaints, shots } = await desk.enter(WIDE);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.locator('main tr[data-row]').first().waitFor();
  await page.mouse.move(700, 500);
  const entries = await whole((input) => desk.client.ledger.entries(input));
  const rows = await walk(page, Math.min(entries.length - 1, 300), () => page.mouse.wheel(0, 1_000));
  expect([...rows.keys()].toSorted((a, b) => a - b)).toEqual([...rows.keys()].map((_, at) => at));
  await shots('ledger');
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.context().close();
});
