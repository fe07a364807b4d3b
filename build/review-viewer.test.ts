import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { VIEWER_FILE, viewerPage } from './review-viewer.ts';

describe('The viewer of review bundles', () => {
  test('is committed as its sources give it', { timeout: 60_000 }, async () => {
    const page = await viewerPage();
    expect(readFileSync(VIEWER_FILE, 'utf8'), 'run node build/review-viewer.ts').toBe(page);
  });

  test('names no address, and may reach none', () => {
    const page = readFileSync(VIEWER_FILE, 'utf8');
    expect(page).toMatch(/default-src 'none'/);
    expect(page).not.toMatch(/https?:\/\//);
    expect(page).not.toMatch(/fetch\(|XMLHttpRequest|WebSocket/);
  });
});
