/** The local Solana chain and its rollup as one of those a newcomer gets; what runs them is loaded when they start. */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { EmbeddedKind } from '../embedded.ts';

/** Builds of the virtual machine's native part, by platform; there is none for Windows. */
const BUILDS = ['linux-x64-gnu', 'linux-arm64-gnu', 'linux-x64-musl', 'linux-arm64-musl', 'darwin-x64', 'darwin-arm64'];

function isInstalled(): boolean {
  const { resolve } = createRequire(import.meta.url);
  return BUILDS.filter((build) => build.startsWith(`${process.platform}-${process.arch}`)).some((build) => {
    try {
      resolve(`litesvm-${build}`);
      return true;
    } catch {
      return false; // Optional: npm installs the one of this platform only.
    }
  });
}

export const solanaChain: EmbeddedKind = {
  name: 'solana',
  facts: ['solanaRpc', 'rollupRpc', 'rollupKind'],
  whyNot: () =>
    isInstalled()
      ? undefined
      : 'The local Solana chain does not run here: npm has no virtual machine for this platform. Use a test network.',
  start: async (folder) => {
    mkdirSync(folder, { recursive: true });
    const { startLocalSolana } = await import('./supervisor.ts');
    const { rpc, rollup, restart, stop } = await startLocalSolana({ folder, rollup: 'auto' });
    const rollupRpc = rollup.rpc === null ? {} : { rollupRpc: rollup.rpc };
    return {
      facts: {
        solanaRpc: rpc,
        ...rollupRpc,
        rollupKind: rollup.kind,
        rollupName: rollup.name,
        rollupNote: rollup.note,
      },
      restart,
      close: stop,
    };
  },
};
