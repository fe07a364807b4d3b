/** What the desktop is started with: the options of `npm start` that it shares, and nothing else. */
import { parseArgs } from 'node:util';
import { OpenOrder } from '../core/messages.ts';

/** The order to the core in a command line. Options of Electron and Chromium, which are among them, are passed over. */
export function readOrder(args: readonly string[]): OpenOrder {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      workspace: { type: 'string' },
      gateway: { type: 'string' },
      chains: { type: 'string' },
      fresh: { type: 'boolean' },
    },
  });
  const named = { workspace: values.workspace, gateway: values.gateway };
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => typeof value === 'string'));
  return OpenOrder.parse({
    ...given,
    chains: values.chains === 'none' ? 'none' : 'evm',
    fresh: values.fresh === true,
  });
}
