/** How the console's page is bundled: same-origin files only, nothing inline, so that the strict CSP holds. Not for core or Electron code. */
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('../renderer/', import.meta.url));
const outDir = fileURLToPath(new URL('../dist/renderer/', import.meta.url));

export const rendererConfig = defineConfig({
  root,
  base: '/',
  configFile: false,
  plugins: [react()],
  publicDir: false,
  // Tests build under their own NODE_ENV; the page they look at is the one that ships.
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
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
