/** The process of a local Solana chain. Tells its parent where it listens; saves and ends when the parent is gone. */
import { parseArgs } from 'node:util';
import { openBaseChain } from './base-chain.ts';
import type { GenesisFacts } from './genesis.ts';
import { isRollupWish, openRollup } from './rollup/rollup.ts';
import type { RollupFacts } from './rollup/rollup.ts';

/** What the process says when it is up, or why it is not. */
export type ChainReport =
  | Readonly<{ type: 'ready'; rpc: string; ws: string; facts: GenesisFacts; rollup: RollupFacts }>
  | Readonly<{ type: 'failed'; message: string }>;

function say(report: ChainReport): void {
  if (process.send === undefined) process.stdout.write(`${JSON.stringify(report)}\n`);
  else process.send(report);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      state: { type: 'string' },
      artifacts: { type: 'string', default: '' },
      'slot-ms': { type: 'string', default: '400' },
      rollup: { type: 'string', default: 'none' },
      'rollup-port': { type: 'string', default: '0' },
      'rollup-folder': { type: 'string' },
    },
  });
  const chain = await openBaseChain({
    port: Number(values.port),
    slotMs: Number(values['slot-ms']),
    artifacts: values.artifacts,
    ...(values.state === undefined ? {} : { state: values.state }),
  });
  const rollup = await openRollup(chain, {
    wish: isRollupWish(values.rollup) ? values.rollup : 'none',
    port: Number(values['rollup-port']),
    ...(values['rollup-folder'] === undefined ? {} : { folder: values['rollup-folder'] }),
  });
  chain.control.stopRollup = rollup.close;
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    // The rollup first: what it still has to settle goes to the base chain.
    void rollup
      .close()
      .then(chain.close)
      .finally(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  // The channel closes however the parent went, SIGKILL included.
  process.on('disconnect', end);
  say({ type: 'ready', rpc: chain.doors.rpc, ws: chain.doors.ws, facts: chain.facts, rollup: rollup.facts });
}

main().catch((error: unknown) => {
  say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
