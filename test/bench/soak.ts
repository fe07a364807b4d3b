/**
 * `npm run soak -- [--minutes N]`: an hour of live traffic before an open console, unless said otherwise. Ends with 1
 * when the heap of the page grew by more than it may.
 */
import { parseArgs } from 'node:util';
import { soakConsole } from './console.ts';

/** From the first minute on, when every list has been shown. */
const MOST_GROWN_MIB = 8;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const minutes = Number(values.minutes);
if (!Number.isInteger(minutes) || minutes < 1) {
  process.stderr.write('Name whole minutes, at least one: npm run soak -- --minutes 60\n');
  process.exitCode = 2;
} else {
  const grown = await soakConsole(minutes, (line) => process.stdout.write(`${line}\n`));
  const isFlat = grown <= MOST_GROWN_MIB * 2 ** 20;
  process.stdout.write(
    `The heap ${isFlat ? 'stayed flat' : 'grew'}: ${(grown / 2 ** 20).toFixed(2)} MiB in ${minutes} min.\n`,
  );
  process.exitCode = isFlat ? 0 : 1;
}
