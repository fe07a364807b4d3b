/** `tollkeeper vault demo`: one billing cycle on a local chain and rollup, every signature told and the sums proven. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkUse, flagOf, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { toJson } from '../output.ts';
import { tellFindings } from '../on-chain.ts';

type Urls = Readonly<{ rpc: string; rollupRpc: string; about: string; stop: () => Promise<void> }>;

/** The chain that was named, or one of the demo's own that goes with it. */
async function chainOf(invocation: Invocation): Promise<Urls> {
  const [rpc, rollupRpc] = [flagOf(invocation, 'rpc'), flagOf(invocation, 'rollup-rpc')];
  const about = 'as named on the command line';
  if (rpc !== undefined && rollupRpc !== undefined) return { rpc, rollupRpc, about, stop: async () => undefined };
  if (rpc !== undefined || rollupRpc !== undefined) {
    usage('--rpc and --rollup-rpc belong together.', 'Give both, as npm start prints them, or neither.');
  }
  const { startLocalSolana } = await import('#core/chain/local/solana/supervisor.ts');
  const isReal = invocation.flags.some(({ name }) => name === 'real-rollup');
  const local = await startLocalSolana({ rollup: isReal ? 'real' : 'auto' });
  const { name, note, rpc: found } = local.rollup;
  if (found !== null) return { rpc: local.rpc, rollupRpc: found, about: `${name}. ${note}`, stop: local.stop };
  await local.stop();
  return usage(`There is no rollup for the demo. ${note}`, 'Leave --real-rollup out for the emulator.');
}

async function demo(invocation: Invocation, urls: Urls): Promise<ExitCode> {
  const [{ Connection }, { runVaultDemo }, { verifyStatement }, { devSignings, newKey }] = await Promise.all([
    import('@solana/web3.js'),
    import('#core/chain/solana/demo/vault-demo.ts'),
    import('#core/chain/solana/demo/statement.ts'),
    import('#core/runtime/dev-signers.ts'),
  ]);
  const { screen, format } = invocation;
  const keys = [newKey('operator'), newKey('customer')];
  const [operator, customer] = await devSignings(keys, new Connection(urls.rpc, 'confirmed'));
  if (operator === undefined || customer === undefined) return EXIT.cannot;
  screen.err(`Base chain ${urls.rpc} · rollup ${urls.rollupRpc} · ${urls.about}\n`);
  const statement = await runVaultDemo({
    chain: urls,
    cast: { operator, customer },
    tell: (step) => {
      const { name, where, signature, ms } = step;
      if (format === 'json') screen.out(`${toJson(step)}\n`);
      else screen.out(`${where.padEnd(6)} ${signature} ${String(ms).padStart(6)} ms  ${name}\n`);
    },
  });
  const file = flagOf(invocation, 'statement');
  if (file !== undefined) writeFileSync(resolve(file), `${JSON.stringify(statement, null, 2)}\n`);
  return tellFindings(await verifyStatement(statement), invocation);
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(vault, invocation, 1);
  const verb = wordOf(vault, invocation, 0);
  if (verb !== 'demo') usage(`vault has no verb "${verb}".`, vault.usage);
  const urls = await chainOf(invocation);
  try {
    return await demo(invocation, urls);
  } finally {
    await urls.stop();
  }
}

export const vault: OwnCommand = {
  name: 'vault',
  usage: 'tollkeeper vault demo [--real-rollup] [--statement FILE] [--rpc URL --rollup-rpc URL]',
  doc: 'Walk through a billing cycle on a local Solana chain and rollup, then prove its sums from the chain.',
  flags: ['real-rollup', 'statement', 'rpc', 'rollup-rpc'],
  run,
};
