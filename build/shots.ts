/** `npm run shots`: builds the console and shoots every screen into `.cache/shots`. */
import { buildRenderer } from './renderer.ts';

await buildRenderer();
await import('../test/shots/shots.ts');
