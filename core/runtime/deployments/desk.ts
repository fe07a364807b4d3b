/** Deployments of a workspace on every network: finds the endpoints, asks the chain's desk, and runs jobs. */
import type {
  DeploymentMoney,
  DeploymentNetwork,
  DeploymentOrder,
  DeploymentView,
  NetworkName,
} from '#core/contract/deployments.ts';
import { NETWORK_NAMES } from '#core/contract/deployments.ts';
import { whyNoChain } from '#core/chain/local/embedded.ts';
import { RefusalError, refuse } from '#core/domain/refusal.ts';
import type { Deployments, DeploymentStart } from '#core/services/core.ts';
import type { DeskBooks, EvmDesk } from './evm.ts';
import { Jobs } from './jobs.ts';
import type { JobBooks } from './jobs.ts';
import { NETWORK_FACTS, UNITS, checkMaySign, localRpc, notRunning } from './networks.ts';
import type { LocalAddresses } from './networks.ts';
import type { SolanaDesk } from './solana.ts';
import { onChain } from './work.ts';
import type { Place } from './work.ts';

type Given = JobBooks & Readonly<{ workspace: string; local: LocalAddresses; owner: string }>;

/** Endpoints of a public network, from the profiles of its chain's client. */
async function publicEndpoints(network: NetworkName): Promise<readonly string[]> {
  const { chain, profile } = NETWORK_FACTS[network];
  if (chain === 'evm') {
    const { NETWORKS } = await import('#core/chain/evm/networks.ts');
    return NETWORKS[profile as keyof typeof NETWORKS].rpcUrls;
  }
  const { DEVNET, MAINNET } = await import('#core/chain/solana/profiles.ts');
  return (profile === 'mainnet' ? MAINNET : DEVNET).endpoints;
}

type Order = DeploymentOrder;

/** A network that nothing is known of, with the names of what could be on it. */
function bareNetwork(name: NetworkName): DeploymentNetwork {
  const { chain, title, kind, asset } = NETWORK_FACTS[name];
  const units = Object.entries(UNITS[chain]).map(([unit, named]) => {
    return { unit, title: named, address: null, lastMs: null, job: null };
  });
  const facts = { name, chain, title, kind, asset, canSign: kind !== 'main' };
  return { ...facts, isReachable: false, problem: null, rpc: [], units, payers: [] };
}

type OrderPlace = Pick<Order, 'network' | 'rpc' | 'records'> & Partial<Pick<Order, 'genesis'>>;

/** The deployments of one workspace. */
export class DeploymentDesk implements Deployments {
  readonly #given: Given;
  readonly #jobs: Jobs;
  readonly #books: DeskBooks;
  #evmDesk: Promise<EvmDesk> | undefined;
  #solanaDesk: Promise<SolanaDesk> | undefined;

  constructor(given: Given) {
    this.#given = given;
    this.#jobs = new Jobs(given, async (order, run) => {
      return (await this.#deskOf(order.network)).run(await this.#placeOf(order), order, run);
    });
    const { book, reader, owner } = given;
    this.#books = { book, reader, owner, actorOf: (id) => this.#actorOf(id) };
  }

  /** A send carries its job's id where it is of one run only; else the last who asked stands for it. */
  #actorOf(id: string): string {
    for (const [job, actor] of this.#jobs.actors) if (id.includes(job)) return actor;
    return [...this.#jobs.actors.values()].at(-1) ?? 'reconciler';
  }

  // The clients of the chains are large: each is loaded when its chain is asked for the first time.
  #evm(): Promise<EvmDesk> {
    this.#evmDesk ??= import('./evm.ts').then(({ EvmDesk: Desk }) => new Desk(this.#books, this.#given.workspace));
    return this.#evmDesk;
  }

  #solana(): Promise<SolanaDesk> {
    const deployedAt = (where: Readonly<{ network: string; unit: string }>) => this.#jobs.lastResult('Program', where);
    this.#solanaDesk ??= import('./solana.ts').then(
      ({ SolanaDesk: Desk }) => new Desk(this.#books, this.#given.workspace, deployedAt),
    );
    return this.#solanaDesk;
  }

  #deskOf(network: NetworkName): Promise<EvmDesk | SolanaDesk> {
    return NETWORK_FACTS[network].chain === 'evm' ? this.#evm() : this.#solana();
  }

  async #placeOf({ network, rpc, records, genesis }: OrderPlace): Promise<Place> {
    if (rpc !== undefined) return { network, rpc, records, genesis };
    const { chain, kind } = NETWORK_FACTS[network];
    if (kind !== 'local') return { network, rpc: await publicEndpoints(network), records, genesis };
    const { workspace, local } = this.#given;
    const url = localRpc(chain, workspace, local);
    if (url !== null) return { network, rpc: [url], records };
    const { detail, fix, command } = notRunning(network, workspace);
    return refuse({ code: 'STATE_FORBIDS', detail, fix, values: { command } });
  }

  list(): Promise<DeploymentNetwork[]> {
    return Promise.all(NETWORK_NAMES.map((name) => this.#network(name)));
  }

  async #network(name: NetworkName): Promise<DeploymentNetwork> {
    const { chain, kind } = NETWORK_FACTS[name];
    const bare = bareNetwork(name);
    // A public network is asked when somebody looks at it: a list must not wait for the internet.
    if (kind !== 'local') return { ...bare, rpc: [...(await publicEndpoints(name))] };
    const { workspace, local } = this.#given;
    const [why, url, missing] = [whyNoChain(chain), localRpc(chain, workspace, local), notRunning(name, workspace)];
    if (url === null) {
      const problem = why === undefined ? missing : { detail: why, fix: 'Use a test network.', command: null };
      return { ...bare, problem };
    }
    const place = { network: name, rpc: [url] };
    try {
      const payers = await (await this.#deskOf(name)).payers(place);
      return { ...bare, isReachable: true, rpc: [url], units: await this.#units(name, place), payers };
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      return { ...bare, rpc: [url], problem: { ...missing, detail: `The chain does not answer: ${told}` } };
    }
  }

  async #units(name: NetworkName, place: Place): Promise<DeploymentNetwork['units']> {
    const [desk, all] = [await this.#deskOf(name), await this.#jobs.list({ network: name })];
    const known = await desk.recorded(place);
    return bareNetwork(name).units.map((bare) => {
      const found = known.find(({ unit }) => unit === bare.unit);
      const last = all.find(({ unit }) => unit === bare.unit);
      const lastMs = found?.lastMs ?? last?.finishedMs ?? null;
      const job = last !== undefined && last.state !== 'done' ? last.id : null;
      return { ...bare, address: found?.address ?? null, lastMs, job };
    });
  }

  get(where: Parameters<Deployments['get']>[0]): Promise<DeploymentView> {
    return onChain(async () => {
      const place = await this.#placeOf(where);
      if (NETWORK_FACTS[where.network].chain === 'evm') return (await this.#evm()).get(place, where.unit);
      const view = await (await this.#solana()).get(place, where);
      const all = await this.#jobs.list(where);
      const done = all.filter(({ state, action }) => state === 'done' && action !== 'verify');
      const history = done.map(({ finishedMs, startedMs, action, by, result, id }) => {
        return { atMs: finishedMs ?? startedMs, what: action, by, detail: result[0]?.value ?? '', job: id };
      });
      return { ...view, history };
    });
  }

  money(of: DeploymentMoney) {
    return onChain(async () => {
      if (NETWORK_FACTS[of.network].chain === 'evm') return (await this.#evm()).money(await this.#placeOf(of), of);
      const detail = 'Only contracts on EVM chains hold this money.';
      return refuse({ code: 'STATE_FORBIDS', detail, fix: 'Name an EVM network.' });
    });
  }

  plan(order: Order) {
    return onChain(async () => (await this.#deskOf(order.network)).plan(await this.#placeOf(order), order));
  }

  async start({ key, confirm, confirmAgain, ...order }: DeploymentStart, actor: string) {
    const known = await this.#jobs.known(key, order);
    if (known !== null) return known;
    if (order.action !== 'verify') checkMaySign(order.network);
    const planned = await this.plan(order);
    if (planned.problem !== null) {
      const { code, ...told } = planned.problem;
      const isShort = code === 'INSUFFICIENT_FUNDS';
      refuse({ code: isShort ? 'PAYMENT_REQUIRED' : 'STATE_FORBIDS', ...told, values: { chain: code } });
    }
    checkTwice(planned.confirm, confirm, confirmAgain);
    const desk = await this.#deskOf(order.network);
    const anchor = await onChain(async () => desk.anchorOf(await this.#placeOf(order)));
    return this.#jobs.start({ order, key, anchor, total: Math.max(1, planned.steps.length) }, actor);
  }

  jobs(of: Parameters<Deployments['jobs']>[0]) {
    return this.#jobs.list(of);
  }
  watch(job: string, signal: AbortSignal | undefined) {
    return this.#jobs.watch(job, signal);
  }
  resume(job: string, actor: string) {
    return this.#jobs.resume(job, actor);
  }
  cancel(job: string) {
    return this.#jobs.cancel(job);
  }
  isBusy(network: NetworkName): boolean {
    return this.#jobs.isBusy(network);
  }
  close(): Promise<void> {
    return this.#jobs.close();
  }
}

/** What cannot be undone is asked twice: the address has to be given each time. */
function checkTwice(wanted: string | null, once: string | undefined, twice: string | undefined): void {
  if (wanted === null || (once === wanted && twice === wanted)) return;
  const detail = once === wanted ? 'This cannot be undone, and is asked a second time.' : 'This cannot be undone.';
  const which = once === wanted ? 'confirmAgain' : 'confirm';
  throw new RefusalError({
    code: 'STATE_FORBIDS',
    detail,
    fix: `If you want it, give ${wanted} as ${which}; nothing was sent.`,
    values: { confirm: wanted },
  });
}
