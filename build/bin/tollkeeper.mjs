#!/usr/bin/env node
/** The `tollkeeper` command from a clone: `npx tollkeeper …` runs core/cli on the pinned Node. */
import { launch } from '../launch.mjs';

await launch({ script: 'core/cli/main.ts', stopsCleanly: true }, process.argv.slice(2));
