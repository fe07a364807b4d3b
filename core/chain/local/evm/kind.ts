/** The local EVM chain as one of those a newcomer gets; what runs it is loaded only when it is started. */
import { rmSync } from 'node:fs';
import type { EmbeddedKind } from '../embedded.ts';
import { anvilBinary } from './anvil.ts';

export const evmChain: EmbeddedKind = {
  name: 'evm',
  facts: ['evmRpc'],
  whyNot: () =>
    anvilBinary() === undefined
      ? 'The local EVM chain does not run here: npm has no anvil for this platform. Use a test network instead.'
      : undefined,
  start: async (folder) => {
    const { startLocalEvm } = await import('./local-evm.ts');
    let running = await startLocalEvm(folder);
    const { rpcUrl } = running;
    const port = Number(new URL(rpcUrl).port);
    return {
      facts: { evmRpc: rpcUrl },
      restart: async ({ isFresh }) => {
        await running.close();
        if (isFresh) rmSync(folder, { recursive: true, force: true });
        running = await startLocalEvm(folder, { port });
      },
      close: () => running.close(),
    };
  },
};
