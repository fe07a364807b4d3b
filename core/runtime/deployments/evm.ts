/** Deployments on EVM networks over the chain's own engine, with sends that the books keep and development keys. */
import { join } from 'node:path';
import { getAddress, isAddress } from 'viem';
import type { Address } from 'viem';
import type { DeploymentMoney, DeploymentOrder, DeploymentPlan, DeploymentView } from '#core/contract/deployments.ts';
import { EvmConnection } from '#core/chain/evm/connection.ts';
import { deployPayments, deployServing, planDeployment, upgradeServing } from '#core/chain/evm/deploy.ts';
import type { DeployContext } from '#core/chain/evm/deploy.ts';
import { artifactOf } from '#core/chain/evm/artifacts.ts';
import { pinFirstBlock, readRecord } from '#core/chain/evm/deployment-record.ts';
import type { DeploymentRecord } from '#core/chain/evm/deployment-record.ts';
import { viewDeployment } from '#core/chain/evm/deployment-view.ts';
import { DEFAULT_FEES, offer } from '#core/chain/evm/fees.ts';
import { NETWORKS } from '#core/chain/evm/networks.ts';
import { acceptOwnership, offerOwnership, transferBeacon } from '#core/chain/evm/ownership.ts';
import { joinProvider, registerProvider } from '#core/chain/evm/provider-setup.ts';
import { httpEndpoint } from '#core/chain/evm/rpc.ts';
import { EvmSender } from '#core/chain/evm/sender.ts';
import { ServingContract } from '#core/chain/evm/serving.ts';
import { expectedCodeHash } from '#core/chain/evm/verify-code.ts';
import { refuse } from '#core/domain/refusal.ts';
import { createDevEvmSigner } from '#core/signing/dev-evm.ts';
import { evmSends } from '../sends.ts';
import type { SendBooks } from '../sends.ts';
import { askExplorer } from './explorer.ts';
import { NETWORK_FACTS, recordsFolder } from './networks.ts';
import type { Place, Run, RunResult } from './work.ts';

/** What the account's signed bytes wait for a block before more is offered. */
const RAISE_AFTER_MS = 60_000;
const STAKE_WEI = 10n ** 17n;
/** Gas of one call that hands something over, at most. */
const CALL_GAS = 120_000n;
const DEV_ACCOUNTS = 10;
/** Sends that the payer's money should be good for before an alert; each at most at the cap for a million gas. */
const ALERT_BELOW_SENDS = 10n;
const SEND_GAS = 1_000_000n;

type Unit = 'serving' | 'payments';

export type DeskBooks = Omit<SendBooks, 'network' | 'account'>;
type Opened = Readonly<{
  connection: EvmConnection;
  network: string;
  recordFile: string;
  /** The first block of a public network that was met just now. */
  trustedNow: string | null;
}>;

function unitOf(unit: string): Unit {
  if (unit === 'serving' || unit === 'payments') return unit;
  const fix = 'Choose serving or payments.';
  return refuse({ code: 'NOT_FOUND', detail: `There is no contract "${unit}".`, fix });
}

function evmAddress(text: string | undefined, unlessSaid: Address): Address {
  if (text === undefined) return unlessSaid;
  if (isAddress(text)) return getAddress(text);
  return refuse({
    code: 'INPUT_INVALID',
    detail: `"${text}" is no address of an EVM chain.`,
    fix: 'Give 0x and 40 digits, its checksum right.',
  });
}

function mustSay(text: string | undefined): Address {
  const fix = 'Give the address of the account it goes to.';
  return text === undefined
    ? refuse({ code: 'INPUT_INVALID', detail: 'To whom?', fix })
    : evmAddress(text, '0x0000000000000000000000000000000000000000');
}

const addressIn = (record: DeploymentRecord, unit: Unit): string | null =>
  (unit === 'serving' ? record.serving?.proxy : record.payments?.address) ?? null;

const recordOf = ({ connection, recordFile }: Opened): DeploymentRecord =>
  readRecord(recordFile, connection.network, connection.profile.name);

/** The EVM networks as this workspace deals with them. */
export class EvmDesk {
  readonly #books: DeskBooks;
  readonly #workspace: string;
  readonly #senders = new Map<string, Promise<EvmSender>>();
  readonly #signer = createDevEvmSigner({ accounts: DEV_ACCOUNTS });

  constructor(books: DeskBooks, workspace: string) {
    this.#books = books;
    this.#workspace = workspace;
  }

  async #opened({ network: name, rpc, records, genesis }: Place): Promise<Opened> {
    const known = NETWORKS[NETWORK_FACTS[name].profile as keyof typeof NETWORKS];
    const profile = genesis === undefined ? known : { ...known, genesisHash: genesis as `0x${string}` };
    const connection = await EvmConnection.open(
      profile,
      rpc.map((url) => httpEndpoint(url)),
    );
    // A local chain that was made anew has the first block of the one before; its second one differs.
    const second = name === 'local-evm' ? (await connection.agreedBlock(1n))?.hash : undefined;
    const network = `evm/${profile.chainId}/${second ?? connection.network.genesisHash}`;
    const recordFile = join(records ?? recordsFolder(name, this.#workspace), `${profile.chainId}.json`);
    // No first block of the 0G networks is published: the first one met is trusted, said, and held to ever after.
    const trustedNow =
      name === 'local-evm' ? undefined : pinFirstBlock(recordFile, connection.network, connection.profile.name);
    return { connection, network, recordFile, trustedNow: trustedNow ?? null };
  }

  /** The one sender of an account; opened, it first looks for what an earlier process left on its way. */
  #senderOf({ connection, network }: Opened, account: Address): Promise<EvmSender> {
    const key = `${network} ${account} ${connection.rpc.endpoints.map(({ url }) => url).join()}`;
    const known = this.#senders.get(key);
    if (known !== undefined) return known;
    const open = async (): Promise<EvmSender> => {
      const store = evmSends({ ...this.#books, network, account });
      const options = { connection, account, store, fees: DEFAULT_FEES, raiseAfterMs: RAISE_AFTER_MS };
      const sender = new EvmSender({ ...options, signer: await this.#signer, now: () => Date.now() });
      await sender.advance();
      return sender;
    };
    const made = open();
    this.#senders.set(key, made);
    made.catch(() => this.#senders.delete(key));
    return made;
  }

  async #accountOf(order: Pick<DeploymentOrder, 'account'>): Promise<Address> {
    const [first] = (await (await this.#signer).describe()).accounts;
    return evmAddress(order.account, getAddress(first?.address ?? ''));
  }

  async #contextOf(place: Place, order: DeploymentOrder, run: Run): Promise<DeployContext> {
    const open = await this.#opened(place);
    const account = await this.#accountOf(order);
    const { signal, tell, stepped } = run;
    return {
      ...open,
      sender: await this.#senderOf(open, account),
      account,
      fees: DEFAULT_FEES,
      signal,
      tell,
      stepped,
      now: () => Date.now(),
      pauseMs: place.network === 'local-evm' ? 10 : 1500,
    };
  }

  /** What a change sends, each step with its cost at most. */
  async #stepsOf(open: Opened, order: DeploymentOrder, account: Address) {
    const unit = unitOf(order.unit);
    const context = { ...open, account, fees: DEFAULT_FEES };
    if (order.action === 'deploy') return planDeployment(context, unit);
    if (order.action === 'upgrade') return planDeployment(context, 'upgrade');
    const head = await open.connection.agreedHead();
    const balanceWei = await open.connection.agreedBalance(account, head.number);
    if (order.action === 'verify') return { steps: [], atMostWei: 0n, balanceWei };
    const { maxFeePerGasWei } = offer(head.baseFeePerGasWei, DEFAULT_FEES);
    const atMostWei = CALL_GAS * maxFeePerGasWei;
    const what = `${order.action.replaceAll('-', ' ')}: ${order.to ?? account}`;
    return { steps: [{ what, gas: CALL_GAS, atMostWei }], atMostWei, balanceWei };
  }

  async plan(place: Place, order: DeploymentOrder): Promise<DeploymentPlan> {
    const open = await this.#opened(place);
    const account = await this.#accountOf(order);
    const unit = unitOf(order.unit);
    const { steps, atMostWei, balanceWei } = await this.#stepsOf(open, order, account);
    const address = addressIn(recordOf(open), unit);
    const isShort = balanceWei < atMostWei;
    const short = {
      code: 'INSUFFICIENT_FUNDS',
      detail: `${account} cannot pay this.`,
      fix: 'Send it some coin first.',
    };
    const none = { code: 'STATE_FORBIDS', detail: `No ${unit} is recorded on this network.`, fix: 'Deploy it first.' };
    const isMissing = address === null && order.action !== 'deploy';
    return {
      network: order.network,
      unit: order.unit,
      action: order.action,
      asset: '0G/18',
      account,
      address,
      steps: steps.map((step) => ({ what: step.what, atMostMinor: step.atMostWei.toString() })),
      atMostMinor: atMostWei.toString(),
      rentMinor: '0',
      backMinor: '0',
      balanceMinor: balanceWei.toString(),
      problem: isMissing ? none : isShort ? short : null,
      confirm: order.action === 'transfer-beacon' ? (recordOf(open).serving?.beacon ?? null) : null,
      isResumed: false,
      trustedNow: open.trustedNow,
    };
  }

  async #verify(place: Place, order: DeploymentOrder, given: Run): Promise<RunResult> {
    const unit = unitOf(order.unit);
    const view = await this.get(place, unit);
    if (!view.isOurs) {
      const codes = view.contracts.map(({ name, match }) => `${name}: ${match}`).join(', ') || 'nothing is recorded';
      return refuse({
        code: 'STATE_FORBIDS',
        detail: `The chain does not run what is committed here (${codes}).`,
        fix: 'Look at the history and at who owns it.',
      });
    }
    return [
      { name: 'Code', value: 'as committed' },
      ...(await askExplorer(await this.#opened(place), order, { signal: given.signal, contracts: view.contracts })),
      ...view.contracts.map(({ role, codeHash }) => ({ name: `Hash of the ${role}`, value: codeHash })),
    ];
  }

  async run(place: Place, order: DeploymentOrder, given: Run): Promise<RunResult> {
    const unit = unitOf(order.unit);
    if (order.action === 'verify') return this.#verify(place, order, given);
    const context = await this.#contextOf(place, order, given);
    const { account } = context;
    const runId = order.runKey ?? given.runId;
    switch (order.action) {
      case 'deploy': {
        const owner = evmAddress(order.to, account);
        if (unit === 'payments') {
          const made = await deployPayments(context, { owner, issuer: evmAddress(order.issuer, owner) });
          return [{ name: 'Payments', value: made.address }];
        }
        const stakeWei = order.stakeMinor === undefined ? STAKE_WEI : BigInt(order.stakeMinor);
        const { proxy, beacon, implementation } = await deployServing(context, { stakeWei, owner });
        return named({ Proxy: proxy, Beacon: beacon, Implementation: implementation });
      }
      case 'upgrade': {
        if (unit === 'payments') return notHere('Payments stands by itself and cannot be upgraded.');
        const { proxy, implementation } = await upgradeServing(context);
        return named({ Proxy: proxy, Implementation: implementation });
      }
      case 'offer-ownership':
        await offerOwnership(context, { unit, to: mustSay(order.to), runId });
        return named({ 'Offered to': mustSay(order.to) });
      case 'accept-ownership':
        await acceptOwnership(context, { unit, runId });
        return named({ Owner: account });
      case 'transfer-beacon':
        await transferBeacon(context, { to: mustSay(order.to), runId });
        return named({ 'Owner of the beacon': mustSay(order.to) });
      case 'register-provider':
      case 'join-provider':
        return this.#setUp(context, order, runId);
      default:
        return notHere(`Contracts on EVM chains know no ${order.action}.`);
    }
  }

  async #servingIn(open: Opened, proxy: string | undefined): Promise<ServingContract> {
    const recorded = recordOf(open).serving?.proxy;
    const fix = 'Deploy one first, or give its address.';
    if (proxy !== undefined) return ServingContract.open(open.connection, evmAddress(proxy, '0x'));
    if (recorded !== undefined) return ServingContract.open(open.connection, recorded);
    return refuse({ code: 'STATE_FORBIDS', detail: 'No SandboxServing is recorded for this network.', fix });
  }

  async money(place: Place, of: DeploymentMoney) {
    const open = await this.#opened(place);
    const { connection } = open;
    const account = await this.#accountOf(of);
    const provider = evmAddress(of.provider, account);
    const serving = await this.#servingIn(open, of.proxy);
    const [state, held] = [await serving.providerState(provider), await serving.userMoney(account, provider)];
    return {
      account,
      provider,
      asset: '0G/18',
      onChainMinor: `${await connection.agreedBalance(account, await connection.rpc.head())}`,
      balanceMinor: `${held.balanceWei}`,
      pendingRefundMinor: `${held.pendingWei}`,
      cancelledRefundMinor: `${held.cancelledWei}`,
      stakeMinor: `${state.stakeWei}`,
      earningsMinor: `${state.earningsWei}`,
    };
  }

  async #setUp(context: DeployContext, order: DeploymentOrder, runId: string): Promise<RunResult> {
    const open = { ...context, network: '', trustedNow: null };
    const serving = await this.#servingIn(open, order.program);
    const steps = { ...context, serving, runId };
    const { account } = context;
    if (order.action === 'join-provider') {
      const provider = mustSay(order.provider);
      await joinProvider(steps, { provider, depositWei: BigInt(order.depositMinor ?? '0') });
      const { balanceWei } = await serving.userMoney(account, provider);
      return [...named({ User: account, Provider: provider }), { name: 'Balance minor', value: `${balanceWei}` }];
    }
    const { announce } = order;
    if (announce === undefined) return notHere('A provider announces its this.#signer and prices.');
    await registerProvider(steps, {
      url: announce.url,
      signer: mustSay(announce.signer),
      cpuPriceWei: BigInt(announce.cpuPriceMinor),
      memoryPriceWei: BigInt(announce.memoryPriceMinor),
      createFeeWei: BigInt(announce.createFeeMinor),
    });
    const { isOpen, version, stakeWei } = await serving.providerState(account);
    const facts = { Provider: account, Signer: announce.signer, 'Is open': `${isOpen}`, Version: `${version}` };
    return [...named(facts), { name: 'Stake minor', value: `${stakeWei}` }];
  }

  async get(place: Place, unitName: string): Promise<Extract<DeploymentView, { chain: 'evm' }>> {
    const unit = unitOf(unitName);
    const open = await this.#opened(place);
    const record = recordOf(open);
    const { serving, payments, ...rest } = record;
    const own = unit === 'serving' ? { serving } : { payments };
    const only = { ...rest, ...(Object.values(own)[0] === undefined ? {} : own) } as DeploymentRecord;
    const view = await viewDeployment(open.connection, only);
    const at = (role: string) => view.contracts.find((one) => one.role === role)?.address ?? null;
    const word = unit === 'serving' ? /SandboxServing|serving|^to / : /Payments|payments/;
    const sent = await this.#books.reader.read('sends', { network: open.network, limit: 20 });
    return {
      chain: 'evm',
      network: place.network,
      unit,
      address: addressIn(record, unit),
      implementation: at('implementation'),
      beacon: at('beacon'),
      owner: view.owners[unit],
      pendingOwner: view.pendingOwners[unit],
      beaconOwner: unit === 'serving' ? view.owners.beacon : null,
      isOurs: view.isOurs,
      readAtBlock: view.readAtBlock.toString(),
      contracts: view.contracts.map(({ role, name, address, recorded, match, codeHash }) => {
        return { role, name, address, recorded, match, codeHash, expectedHash: expectedCodeHash(artifactOf(name)) };
      }),
      history: record.history
        .filter(({ detail }) => word.test(detail))
        .map(({ atMs, what, by, detail }) => ({ atMs, what, by, detail, job: null }))
        .toReversed(),
      sends: sent.map(({ account, id, state, summary, hash }) => ({ account, id, state, summary, hash })),
    };
  }

  async payers(place: Place) {
    const { connection } = await this.#opened(place);
    const { accounts } = await (await this.#signer).describe();
    const head = await connection.agreedHead();
    const perSend = SEND_GAS * offer(head.baseFeePerGasWei, DEFAULT_FEES).maxFeePerGasWei;
    return Promise.all(
      accounts.map(async ({ address, label }) => {
        const balance = await connection.agreedBalance(getAddress(address), head.number);
        const left = balance / perSend;
        const isLow = left < ALERT_BELOW_SENDS;
        const topUp = isLow ? ALERT_BELOW_SENDS * 2n * perSend - balance : 0n;
        return { address, label, balanceMinor: `${balance}`, sendsLeft: `${left}`, isLow, topUpMinor: `${topUp}` };
      }),
    );
  }

  /** What tells this chain from another of the same name. */
  async anchorOf(place: Place): Promise<string> {
    return (await this.#opened(place)).network;
  }

  /** What is recorded, without asking the chain more than whether it is the recorded one. */
  async recorded(place: Place) {
    const record = recordOf(await this.#opened(place));
    return (['serving', 'payments'] as const).map((unit) => {
      const last = record.history.findLast(({ detail }) =>
        detail.includes(unit === 'serving' ? 'Sandbox' : 'Payments'),
      );
      return { unit, address: addressIn(record, unit), lastMs: last?.atMs ?? null };
    });
  }
}

const named = (values: Readonly<Record<string, string>>): RunResult =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

function notHere(detail: string): never {
  return refuse({ code: 'STATE_FORBIDS', detail, fix: 'Choose another change.' });
}
