/**
 * Shoots every screen and drawer in light and dark at two sizes into `.cache/shots`, and the contact sheets in
 * `docs/screenshots`. `--only a,b` shoots those alone and leaves the sheets; `--wide` leaves the smaller size out;
 * `--url LINK` shoots a running console by its one-time link; `--record` keeps the pictures that tests compare.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../support/browser.ts';
import { record } from './compared.ts';
import { PLACES } from './places.ts';
import { contactSheet } from './sheet.ts';
import { LOOKS, enter, nameOf, openStudio, shoot } from './shoot.ts';
import type { Job } from './shoot.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '.cache', 'shots');

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    only: { type: 'string' },
    wide: { type: 'boolean' },
    record: { type: 'boolean' },
  },
});
const browser = await launchBrowser();
const wanted = values.only?.split(',');

const complain = (complaints: readonly string[]): void => {
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
};

async function shootAll(jobs: readonly Job[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const job of jobs) {
    const places = job.places.filter((place) => !wanted || wanted.includes(nameOf(place, job.state)));
    if (places.length === 0) continue;
    for (const look of values.wide ? LOOKS.slice(0, 2) : LOOKS) {
      const take = (name: string, png: Buffer) =>
        writeFile(join(FOLDER, `${name}-${look.scheme}-${look.width}.png`), png);
      complain(await shoot(browser, { ...job, places }, { look, take }));
    }
  }
}

async function shootStudio(): Promise<void> {
  const studio = await openStudio(browser);
  try {
    if (values.record) return complain(await record(browser, studio.jobs));
    await shootAll(studio.jobs);
    if (wanted) return;
    const names = studio.jobs.flatMap(({ places, state }) => places.map((place) => nameOf(place, state)));
    await contactSheet(browser, FOLDER, names);
  } finally {
    await studio.close();
  }
}

if (values.url === undefined) await shootStudio();
else await shootAll([{ base: values.url, entered: await enter(browser, values.url), places: PLACES, state: 'full' }]);
await browser.close();
