/** The viewer of review bundles, as it was built: by itself, or carrying the bundle it is to show. */
import { readFileSync } from 'node:fs';

const EMPTY = '<script id="bundle" type="application/octet-stream"></script>';
let page: string | undefined;

/** The page that goes into every bundle. */
export function reviewViewer(): string {
  page ??= readFileSync(new URL('./review-viewer.html', import.meta.url), 'utf8');
  return page;
}

/** The page with a bundle in it, to be opened by a double click. Base64, so that no text of the bundle is markup. */
export function viewerWith(bundle: string): string {
  const carried = Buffer.from(bundle).toString('base64');
  return reviewViewer().replace(EMPTY, () => EMPTY.replace('></', () => `>${carried}</`));
}
