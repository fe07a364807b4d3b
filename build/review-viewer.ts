/**
 * `build/review-viewer.ts [--check]`: bundles the viewer of review bundles into one page without a network. The page is
 * committed, because it is part of every file that is exported. Run from the root.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariant } from '#core/domain/refusal.ts';

export const VIEWER_FILE = 'core/files/review-viewer.html';
const ENTRY = 'renderer/review-viewer/main.ts';
const STYLE = 'renderer/review-viewer/viewer.css';

/** The script as one file, for any browser of the last years. */
async function script(): Promise<string> {
  const { build } = await import('vite');
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      write: false,
      target: 'es2024',
      minify: true,
      lib: { entry: join(process.cwd(), ENTRY), formats: ['iife'], name: 'viewer' },
    },
  });
  const [first] = Array.isArray(built) ? built : [built];
  invariant(first && 'output' in first, 'a build that watches nothing gives its output');
  return first.output[0].code.trim();
}

const sourceHash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The page. It may run its own script and use its own style, and reach nothing else. */
export async function viewerPage(): Promise<string> {
  const [code, css] = [
    await script(),
    readFileSync(STYLE, 'utf8')
      .replaceAll(/\s*\n\s*/g, ' ')
      .trim(),
  ];
  const policy = `default-src 'none'; script-src ${sourceHash(code)}; style-src ${sourceHash(css)}`;
  const open = '<label>Open another bundle <input type="file" accept=".tollbundle"></label>';
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width"><title>Review bundle</title>',
    `<style>${css}</style></head><body><header><span>Tollkeeper review bundle</span>${open}</header>`,
    '<main><p class="soft">Open a .tollbundle file. Nothing leaves this page.</p></main>',
    `<script id="bundle" type="application/octet-stream"></script><script>${code}</script></body></html>\n`,
  ].join('\n');
}

async function main(isCheck: boolean): Promise<number> {
  const page = await viewerPage();
  if (!isCheck) {
    writeFileSync(VIEWER_FILE, page);
    return 0;
  }
  if (readFileSync(VIEWER_FILE, 'utf8') === page) return 0;
  process.stderr.write(`${VIEWER_FILE} is not what its sources give: run build/review-viewer.ts.\n`);
  return 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.includes('--check'));
