/** What a person at the console waits for, while usage comes in and when there is much of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { buildRenderer } from '../../build/renderer.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { load, requestBytes } from './http-load.ts';
import { listRows } from './console-list.ts';
import { under } from './console-row.ts';
import { timeOrderedId } from './raw.ts';
import type { Row } from './rows.ts';
import { run } from './world.ts';
import type { Running } from './world.ts';

const BATCH = 500;
const SCREENS = [
  'Customers',
  'Usage',
  'Tiers',
  'Credits',
  'Invoices',
  'Ledger',
  'Alerts',
  'Leaks',
  'Settings',
  'Overview',
];
const TRACE_SECONDS = 10;
const EVENTS_A_SECOND = 1_000;
const HEAP_SECONDS = 60;
const SUBJECTS = ['halden', 'meridian', 'northgate', 'orbit', 'pelican', 'tern'];
const CONTENT = 'main tr[data-row], main form, main svg, main h2';

let made = 0;

function batch(host: string, key: string, count: number): Buffer {
  const events: string[] = [];
  const now = Date.now();
  for (let index = 0; index < count; index += 1) {
    made += 1;
    events.push(
      `{"source":"bench","id":"${timeOrderedId(made)}","customer":"${SUBJECTS[made % SUBJECTS.length]}",` +
        `"meter":"api.requests","quantity":"1","occurredAt":${now}}`,
    );
  }
  return requestBytes(host, key, { path: '/v1/usage', body: `{"events":[${events.join(',')}]}` });
}

/** Sends so many events as fast as they are taken, and waits until they are posted. */
async function fill({ url }: Running, key: string, events: number): Promise<void> {
  const host = new URL(url).host;
  const until = made + events;
  while (made < until) {
    const { statuses, requests } = await load({ url, connections: 4, seconds: 1, next: () => batch(host, key, BATCH) });
    if (statuses['200'] !== requests) throw new TypeError(`usage was answered ${JSON.stringify(statuses)}`);
  }
  for (;;) {
    const health = (await (await fetch(`${url}/healthz`)).json()) as { events: string; watermark: string };
    if (health.events === health.watermark) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Milliseconds from the press on a screen's link to its heading and first content, measured in the page. */
async function clickTo(page: Page, title: string): Promise<number> {
  return page.evaluate(
    async ({ name, content }) => {
      const link = [...document.querySelectorAll<HTMLElement>('nav a')].find((one) =>
        one.textContent?.startsWith(name),
      );
      const startedAt = performance.now();
      link?.click();
      for (;;) {
        await new Promise((done) => requestAnimationFrame(done));
        const isThere = document.querySelector('main h1')?.textContent === name && document.querySelector(content);
        if (isThere || performance.now() - startedAt > 10_000) return performance.now() - startedAt;
      }
    },
    { name: title, content: CONTENT },
  );
}

async function slowestScreen(page: Page): Promise<{ ms: number; name: string }> {
  let slowest = { ms: 0, name: '' };
  // Once to load what each screen is made of; people come back to them all day.
  for (const name of SCREENS) await clickTo(page, name);
  for (const name of SCREENS) {
    const ms = await clickTo(page, name);
    if (ms > slowest.ms) slowest = { ms, name };
  }
  return slowest;
}

/** The longest task of the page while somebody types into a filter and a thousand events a second come in. */
async function typing(page: Page, { url }: Running, key: string): Promise<{ longest: number; typed: number }> {
  await page.locator('nav a', { hasText: 'Customers' }).click();
  const field = page.locator('[data-search]').first();
  await field.waitFor();
  await page.evaluate(() => {
    const seen = window as unknown as { longest: number };
    seen.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
    }).observe({ type: 'longtask' });
  });
  const host = new URL(url).host;
  const count = 100;
  const traffic = load({
    url,
    connections: 2,
    seconds: TRACE_SECONDS,
    next: () => batch(host, key, count),
    perSecond: EVENTS_A_SECOND / count,
  });
  let typed = 0;
  const endAt = performance.now() + TRACE_SECONDS * 1000;
  while (performance.now() < endAt) {
    await field.press('abcdefghij'[typed % 10] ?? 'a');
    typed += 1;
    if (typed % 10 === 0) await field.fill('');
    await page.waitForTimeout(80);
  }
  await traffic;
  const longest = await page.evaluate(() => (window as unknown as { longest: number }).longest);
  return { longest, typed };
}

async function heapBytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number };
  return usedSize;
}

/** How much the page's heap grew over a while of live traffic, from after it settled. */
async function heapGrowth(page: Page, { url }: Running, key: string): Promise<{ bytes: number; before: number }> {
  const session = await page.context().newCDPSession(page);
  const host = new URL(url).host;
  const traffic = (seconds: number) =>
    load({ url, connections: 2, seconds, next: () => batch(host, key, 100), perSecond: EVENTS_A_SECOND / 100 });
  await traffic(10);
  const before = await heapBytes(session);
  await traffic(HEAP_SECONDS);
  return { bytes: (await heapBytes(session)) - before, before };
}

async function measure(
  browser: Browser,
  server: Running,
  facts: { consoleUrl: string; sampleKey: string },
  events: number,
) {
  const { page } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
  const startedAt = performance.now();
  await page.goto(facts.consoleUrl);
  await page.locator('main tr[data-row]').first().waitFor();
  const first = performance.now() - startedAt;
  await fill(server, facts.sampleKey, events);
  const slowest = await slowestScreen(page);
  const list = await listRows(page);
  const { longest, typed } = await typing(page, server, facts.sampleKey);
  const heap = await heapGrowth(page, server, facts.sampleKey);
  await page.context().close();
  const mebibytes = (bytes: number): number => bytes / 2 ** 20;
  return [
    under('first content in a running browser', 'ms', { ours: first, limit: 1000, goal: '< 1 s', note: 'a new page' }),
    under(`slowest screen, click to content, at ${events} events`, 'ms', {
      ours: slowest.ms,
      limit: 100,
      goal: '< 100 ms',
      note: slowest.name,
    }),
    ...list,
    under('longest task while typing, 1,000 events/s', 'ms', {
      ours: longest,
      limit: 50,
      goal: '≤ 50 ms',
      note: `${typed} keys in ${TRACE_SECONDS} s; shorter ones are not told apart`,
    }),
    under('heap of the page, grown in a minute of live traffic', 'MiB', {
      ours: Math.max(0, mebibytes(heap.bytes)),
      limit: 8,
      goal: 'flat: ≤ 8 MiB',
      note: `from ${mebibytes(heap.before).toFixed(1)} MiB`,
    }),
  ];
}

/** Starts the sample with its console and a browser beside it, and leaves nothing behind. */
async function withConsole<T>(
  use: (browser: Browser, server: Running, facts: { consoleUrl: string; sampleKey: string }) => Promise<T>,
): Promise<T> {
  await buildRenderer();
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-bench-console-'));
  const server = await run('./console-server.ts', [join(folder, 'sample.tollkeeper')]);
  const browser = await launchBrowser();
  try {
    const { consoleUrl = '', sampleKey = '' } = server.facts;
    return await use(browser, server, { consoleUrl, sampleKey });
  } finally {
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export function consoleRows(sizes: readonly number[]): Promise<Row[]> {
  return withConsole((browser, server, facts) => measure(browser, server, facts, sizes.at(-1) ?? 0));
}

/** Keeps a page open under live traffic and tells its heap each minute; gives by how much it grew after the first. */
export function soakConsole(minutes: number, tell: (line: string) => void): Promise<number> {
  return withConsole(async (browser, server, { consoleUrl, sampleKey }) => {
    const { page } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
    await page.goto(consoleUrl);
    await page.locator('main tr[data-row]').first().waitFor();
    const session = await page.context().newCDPSession(page);
    const host = new URL(server.url).host;
    const heap: number[] = [];
    for (let minute = 0; minute <= minutes; minute += 1) {
      const next = () => batch(host, sampleKey, 100);
      await load({ url: server.url, connections: 2, seconds: 60, next, perSecond: EVENTS_A_SECOND / 100 });
      heap.push(await heapBytes(session));
      tell(`minute ${minute}: ${((heap.at(-1) ?? 0) / 2 ** 20).toFixed(2)} MiB`);
    }
    return (heap.at(-1) ?? 0) - (heap[0] ?? 0);
  });
}
