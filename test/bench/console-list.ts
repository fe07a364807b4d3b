/** How long a person looks at nothing while very many events are scrolled, frame by frame in a real browser. */
import type { Page } from 'playwright-core';
import { under } from './console-row.ts';
import type { Row } from './rows.ts';

/** What one way of scrolling does in a frame, as the page's own script. */
type Way = 'wheel' | 'page' | 'drag' | 'ends';

/** `lateMs` is the longest that a place of the bar waited for its rows. */
export type Seen = Readonly<{ frames: number; blankMs: number; frameMs: number; lateMs: number; rows: number }>;

const SECONDS = 6;

/**
 * Scrolls for some seconds and looks after each frame at what stands in the view: a time is blank from the first frame
 * in which a place of the view has no row, or one that is still being read, to the next in which all have. While the
 * bar is dragged the rows may come later than it: how late is looked at, too.
 */
async function scrolled(page: Page, way: Way, seconds: number): Promise<Seen | null> {
  return page.evaluate(
    async ({ way: how, ms }) => {
      const table = document.querySelector('main table');
      const box = table?.parentElement;
      if (!table || !box) return null;
      const head = table.querySelector('thead')?.getBoundingClientRect().height ?? 0;
      const far = (): number => box.scrollHeight - box.clientHeight;
      const isBlank = (): boolean => {
        const view = box.getBoundingClientRect();
        let coveredPx = 0;
        for (const row of table.querySelectorAll('tr[data-row]')) {
          const { top, bottom } = row.getBoundingClientRect();
          coveredPx += Math.max(0, Math.min(bottom, view.bottom) - Math.max(top, view.top + head));
        }
        return coveredPx < view.height - head - 4;
      };
      const steps = {
        wheel: () => box.scrollBy({ top: 240, behavior: 'instant' }),
        page: () => {
          const row = document.activeElement?.closest('tr') ?? table.querySelector<HTMLElement>('tr[tabindex="0"]');
          row?.dispatchEvent(new KeyboardEvent('keydown', { key: 'PageDown', bubbles: true, cancelable: true }));
        },
        drag: (at: number) => box.scrollTo({ top: far() * (0.5 - 0.5 * Math.cos(at / 900)), behavior: 'instant' }),
        ends: (at: number) => box.scrollTo({ top: Math.floor(at / 400) % 2 ? far() : 0, behavior: 'instant' }),
      };
      table.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus();
      const seen = {
        frames: 0,
        blankMs: 0,
        frameMs: 0,
        lateMs: 0,
        rows: Number(table.getAttribute('aria-rowcount')) - 1,
      };
      /** Where the bar was, and since when; the newest last. */
      const asked: { at: number; row: number }[] = [];
      const late = (now: number): void => {
        const rows = seen.rows - box.clientHeight / 32;
        asked.push({ at: now, row: (box.scrollTop / far()) * rows });
        const shown = Number(table.querySelector('tr[data-row]')?.getAttribute('aria-rowindex') ?? 0);
        const met = asked.findLastIndex(({ row }) => Math.abs(row - shown) < seen.rows / 500 + 100);
        if (met > 0) asked.splice(0, met);
        seen.lateMs = Math.max(seen.lateMs, now - (asked[0]?.at ?? now));
      };
      const startedAt = performance.now();
      let [lastAt, blankAt] = [startedAt, 0];
      while (lastAt - startedAt < ms) {
        await new Promise((done) => requestAnimationFrame(done));
        steps[how](performance.now() - startedAt);
        // The frame's own work is done when the next task begins.
        await new Promise((done) => {
          const { port1, port2 } = new MessageChannel();
          port1.addEventListener('message', done, { once: true });
          port1.start();
          port2.postMessage(null);
        });
        const now = performance.now();
        seen.frames += 1;
        seen.frameMs = Math.max(seen.frameMs, now - lastAt);
        lastAt = now;
        late(now);
        if (!isBlank()) blankAt = 0;
        else if (blankAt === 0) blankAt = now;
        else seen.blankMs = Math.max(seen.blankMs, now - blankAt);
      }
      return seen;
    },
    { way, ms: seconds * 1000 },
  );
}

const WAYS: readonly (readonly [Way, string])[] = [
  ['wheel', 'by wheel'],
  ['page', 'by PageDown in every frame'],
  ['drag', 'by dragging the bar to and fro'],
  ['ends', 'from one end to the other and back'],
];

/** Goes to the list of all events and scrolls it in each way. */
export async function listRows(page: Page): Promise<Row[]> {
  await page.locator('nav a', { hasText: 'Usage' }).click();
  await page.locator('main tr[data-row]').first().waitFor();
  const rows: Row[] = [];
  for (const [way, words] of WAYS) {
    const seen = await scrolled(page, way, SECONDS);
    if (seen === null) throw new TypeError('there is no list');
    const { frames, blankMs, frameMs, lateMs, rows: count } = seen;
    const lag = way === 'drag' ? `, rows at most ${lateMs.toFixed(0)} ms behind the bar` : '';
    const note = `${words}, ${frames} frames in ${SECONDS} s, the longest ${frameMs.toFixed(0)} ms${lag}`;
    rows.push(
      under(`longest blank while ${count} events are scrolled`, 'ms', {
        ours: blankMs,
        limit: 100,
        goal: '≤ 100 ms',
        note,
      }),
    );
  }
  return rows;
}
