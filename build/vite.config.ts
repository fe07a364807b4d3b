/**
 * How the console's page is bundled: same-origin files only, nothing inline, so that the strict CSP holds. Not for
 * core or Electron code.
 */
import react from '@vitejs/plugin-react';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { licencesModule } from './licences.ts';

const whole = join(import.meta.dirname, '..');
const root = join(whole, 'renderer');
const outDir = join(import.meta.dirname, '..', 'dist', 'renderer');

export const rendererConfig = defineConfig({
  root,
  base: '/',
  plugins: [react(), licencesModule(whole)],
  publicDir: false,
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2024',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 900,
  },
});

export default rendererConfig;
