/** The chains of this machine as a person looks after them: how they stand, money from nowhere, time, a new start. */
import { join } from 'node:path';
import { chainsFolder, whyNoChain } from '#core/chain/local/embedded.ts';
import type { EmbeddedChain } from '#core/chain/local/embedded.ts';
import type { LocalChainName, LocalChainStanding, LocalChainState } from '#core/contract/local-chain.ts';
import { refuse } from '#core/domain/refusal.ts';
import type { LocalChains } from '#core/services/core.ts';
import { localRpc, notRunning } from './deployments/networks.ts';
import type { LocalAddresses } from './deployments/networks.ts';
import { onChain } from './deployments/work.ts';

export type Embedded = Readonly<Partial<Record<LocalChainName, EmbeddedChain>>>;

type Given = Readonly<{
  workspace: string;
  local: LocalAddresses;
  embedded: () => Embedded;
  isBusy: (network: 'local-evm' | 'local-solana') => boolean;
}>;

/** Blocks that are told, newest first. */
const BLOCKS = 12;

async function openEvm(rpcUrl: string, folder: string): Promise<LocalChainState> {
  const { openLocalPanel } = await import('#core/chain/local/evm/panel.ts');
  const { contractsIn } = await import('#core/chain/local/evm/local-evm.ts');
  const panel = await openLocalPanel(rpcUrl);
  const [blocks, accounts] = await Promise.all([panel.blocks(BLOCKS), panel.accounts()]);
  const builtIn = Object.entries(contractsIn(folder) ?? {}).map(([name, address]) => ({ name, address }));
  return {
    chain: 'evm',
    rpcUrl,
    height: `${blocks[0]?.number ?? 0n}`,
    timeMs: Number(blocks[0]?.timestampS ?? 0n) * 1000,
    genesis: await panel.genesis(),
    blocks: blocks.map(({ number, hash, timestampS, transactions }) => {
      return { number: `${number}`, hash, timeMs: Number(timestampS) * 1000, transactions };
    }),
    accounts: accounts.map(({ address, balanceWei, nonce }, index) => ({
      address,
      label: `development ${index}`,
      balances: [{ asset: '0G/18', amountMinor: `${balanceWei}` }],
      nonce: `${nonce}`,
    })),
    builtIn,
    rollup: null,
  };
}

async function openSolana(rpcUrl: string, chain: EmbeddedChain | undefined): Promise<LocalChainState> {
  const { readLocalSolana } = await import('#core/chain/local/solana/panel.ts');
  const { developmentKeys } = await import('./dev-signers.ts');
  const state = await readLocalSolana(rpcUrl, { keys: developmentKeys(), most: BLOCKS });
  const { rollupKind = 'none', rollupName = 'no rollup', rollupNote = '', rollupRpc = null } = chain?.facts ?? {};
  const kind = rollupKind === 'real' || rollupKind === 'emulator' ? rollupKind : 'none';
  return { ...state, rollup: { kind, name: rollupName, note: rollupNote, rpcUrl: rollupRpc } };
}

type Funding = Parameters<LocalChains['fund']>[0];

/** Money from nowhere, on the chain at an address. */
async function give(url: string, { chain, address, amountMinor, asset }: Funding): Promise<void> {
  if (chain === 'evm') {
    const { openLocalPanel } = await import('#core/chain/local/evm/panel.ts');
    return (await openLocalPanel(url)).faucet(address as `0x${string}`, BigInt(amountMinor));
  }
  const { fundOnLocalSolana } = await import('#core/chain/local/solana/panel.ts');
  return fundOnLocalSolana(url, { address, amountMinor: BigInt(amountMinor), isSol: asset === 'SOL/9' });
}

async function moveClock(url: string, chain: LocalChainName, seconds: number): Promise<void> {
  if (chain === 'evm') {
    const { openLocalPanel } = await import('#core/chain/local/evm/panel.ts');
    await (await openLocalPanel(url)).travel(seconds);
  } else {
    const { travelOnLocalSolana } = await import('#core/chain/local/solana/panel.ts');
    await travelOnLocalSolana(url, seconds);
  }
}

function checkFunding({ chain, address, asset }: Funding): void {
  const isEvm = chain === 'evm';
  if (isEvm === address.startsWith('0x') && isEvm === (asset === '0G/18')) return;
  refuse({
    code: 'STATE_FORBIDS',
    detail: `The local ${chain} chain has no ${asset} for ${address}.`,
    fix: 'Give an account and a coin of this chain; nothing was given.',
  });
}

/** The local chains of one workspace. */
export class LocalChainDesk implements LocalChains {
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  #mustRun(chain: LocalChainName): string {
    const { workspace, local } = this.#given;
    const url = localRpc(chain, workspace, local);
    if (url !== null) return url;
    const { detail, fix, command } = notRunning(`local-${chain}`, workspace);
    return refuse({ code: 'STATE_FORBIDS', detail, fix, values: { command } });
  }

  async #standing(chain: LocalChainName): Promise<LocalChainStanding> {
    const { workspace, local, embedded } = this.#given;
    const [rpcUrl, why] = [localRpc(chain, workspace, local), whyNoChain(chain)];
    const cannot = { detail: why ?? '', fix: 'Use a test network.', command: null };
    const missing = why === undefined ? notRunning(`local-${chain}`, workspace) : cannot;
    const isRunning = rpcUrl !== null;
    return { chain, isRunning, rpcUrl, problem: isRunning ? null : missing, isOurs: embedded()[chain] !== undefined };
  }

  list(): Promise<LocalChainStanding[]> {
    return Promise.all((['evm', 'solana'] as const).map((chain) => this.#standing(chain)));
  }

  get(chain: LocalChainName): Promise<LocalChainState> {
    return onChain(() => {
      const { workspace, embedded } = this.#given;
      const url = this.#mustRun(chain);
      return chain === 'evm' ? openEvm(url, join(chainsFolder(workspace), chain)) : openSolana(url, embedded().solana);
    });
  }

  async fund(order: Funding): Promise<LocalChainState['accounts'][number]> {
    const { chain, address } = order;
    checkFunding(order);
    await onChain(() => give(this.#mustRun(chain), order));
    const known = (await this.get(chain)).accounts.find((one) => one.address === address);
    return known ?? { address, label: 'another account', balances: [], nonce: null };
  }

  async travel(chain: LocalChainName, seconds: number): Promise<{ timeMs: number; height: string }> {
    await onChain(() => moveClock(this.#mustRun(chain), chain, seconds));
    const { timeMs, height } = await this.get(chain);
    return { timeMs, height };
  }

  async restart(chain: LocalChainName, options: Readonly<{ isFresh: boolean }>): Promise<LocalChainStanding> {
    const { embedded, isBusy } = this.#given;
    const running = embedded()[chain];
    if (running === undefined) {
      this.#mustRun(chain);
      const detail = 'This console did not start that chain.';
      return refuse({ code: 'STATE_FORBIDS', detail, fix: 'Restart it where it was started.' });
    }
    if (isBusy(`local-${chain}`)) {
      const detail = 'A deployment is under way on it.';
      refuse({ code: 'STATE_FORBIDS', detail, fix: 'Wait for its end, or cancel it first.' });
    }
    await onChain(() => running.restart(options));
    return this.#standing(chain);
  }
}
