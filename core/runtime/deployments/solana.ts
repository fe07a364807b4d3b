/** Deployments on Solana networks over the chain's own engine, with sends that the books keep and development keys. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Keypair, PublicKey } from '@solana/web3.js';
import type { Connection } from '@solana/web3.js';
import type { DeploymentOrder, DeploymentPlan, DeploymentView } from '#core/contract/deployments.ts';
import {
  changeAuthority,
  closeBuffer,
  closeProgram,
  deployProgram,
  isSameProgram,
  planDeployment,
  programAt,
  sha256,
  verifyProgram,
} from '#core/chain/solana/deploy/deployment.ts';
import type { Changing, Deployment } from '#core/chain/solana/deploy/deployment.ts';
import { LOADER, programDataOf } from '#core/chain/solana/deploy/loader.ts';
import { openPending, read, removePending } from '#core/chain/solana/deploy/pending.ts';
import { submitter } from '#core/chain/solana/deploy/submit.ts';
import type { Signing } from '#core/chain/solana/deploy/transact.ts';
import { Endpoints } from '#core/chain/solana/endpoints.ts';
import { DEVNET, MAINNET } from '#core/chain/solana/profiles.ts';
import { floatOf } from '#core/chain/solana/sends/float.ts';
import type { FloatPolicy } from '#core/chain/solana/sends/float.ts';
import { refuse } from '#core/domain/refusal.ts';
import { developmentKeys, devSignings, keyFromFile, keyFromSeed } from '../dev-signers.ts';
import { solanaSends } from '../sends.ts';
import type { SendBooks } from '../sends.ts';
import { NETWORK_FACTS, recordsFolder } from './networks.ts';
import { declaredAddress, fileOf, keyOf } from './programs.ts';
import type { Wanted } from './programs.ts';
import type { Place, Run, RunResult } from './work.ts';

const FEE_LIMIT_LAMPORTS = '10000000';

/** Never more than a tenth of a thousandth SOL above the base fee, whatever others pay. */
const PRIORITY = { percentile: 75, capMicroLamports: 1_000_000n, capLamports: 100_000n } as const;
const FLOAT: FloatPolicy = { reserveLamports: 890_880n, perSendLamports: 120_000n, alertBelowSends: 50n };

const PROFILES = {
  local: { name: 'local', cluster: 'local', endpoints: [], rollups: [] },
  devnet: DEVNET,
  mainnet: MAINNET,
} as const;

/** A program's address that an earlier deployment of this workspace made on a network. */
export type Deployed = (where: Readonly<{ network: string; unit: string }>) => Promise<string | null>;

type Opened = Readonly<{ endpoints: Endpoints; genesisHash: string; anchor: string; connection: Connection }>;

const accountsOf = ({ network }: Place) => (network === 'local-solana' ? developmentKeys() : []);

/** The Solana networks as this workspace deals with them. */
export class SolanaDesk {
  readonly #books: Omit<SendBooks, 'network' | 'account'>;
  readonly #workspace: string;
  readonly #deployedAt: Deployed;
  readonly #stores = new Map<string, ReturnType<typeof solanaSends>>();

  constructor(books: Omit<SendBooks, 'network' | 'account'>, workspace: string, deployedAt: Deployed) {
    this.#books = books;
    this.#workspace = workspace;
    this.#deployedAt = deployedAt;
  }

  async #opened({ network, rpc }: Place): Promise<Opened> {
    const profile = { ...PROFILES[NETWORK_FACTS[network].profile as keyof typeof PROFILES], endpoints: rpc };
    const endpoints = new Endpoints(profile, Date.now);
    const found = await endpoints.read(async (connection) => ({
      connection,
      genesisHash: await connection.getGenesisHash(),
    }));
    return { endpoints, ...found, anchor: `solana/${found.genesisHash}` };
  }

  /** One store an account: its lease is held for as long as this process lives. */
  #storeOf(anchor: string, account: string): ReturnType<typeof solanaSends> {
    const key = `${anchor} ${account}`;
    const store = this.#stores.get(key) ?? solanaSends({ ...this.#books, network: anchor, account });
    this.#stores.set(key, store);
    return store;
  }

  async #addressOf({ anchor }: Opened, place: Place, wanted: Wanted): Promise<PublicKey | null> {
    if (wanted.program !== undefined) return keyOf(wanted.program);
    if (wanted.programFile !== undefined) return keyOf(keyFromFile(wanted.programFile, 'program').address);
    const known = await this.#deployedAt({ network: anchor, unit: wanted.unit });
    if (known !== null) return keyOf(known);
    const declared = place.network === 'local-solana' ? declaredAddress(wanted) : null;
    return declared === null ? null : keyOf(declared);
  }

  async #mustStand(open: Opened, place: Place, wanted: Wanted): Promise<PublicKey> {
    const fix = 'Deploy it first, or give its address as program.';
    const none = { code: 'NOT_FOUND', detail: `It is not known where ${wanted.unit} stands.`, fix } as const;
    return (await this.#addressOf(open, place, wanted)) ?? refuse(none);
  }

  /** Key files where they are given, else the development accounts of the local chain. */
  async #signers({ connection }: Opened, place: Place, order: DeploymentOrder) {
    const known = accountsOf(place);
    const chosen = known.find(({ address }) => address === order.account) ?? known[0];
    const payer = order.payerFile === undefined ? chosen : keyFromFile(order.payerFile, 'payer');
    if (payer === undefined) {
      const fix = 'Give the file of a development key as payerFile.';
      return refuse({ code: 'INPUT_INVALID', detail: 'Nobody pays for this.', fix });
    }
    const own = order.authorityFile === undefined ? payer : keyFromFile(order.authorityFile, 'authority');
    const sign = async (key: typeof payer): Promise<Signing> => {
      const [signing] = await devSignings([key], connection);
      return signing ?? refuse({ code: 'INTERNAL', detail: 'A key signs for nobody.', fix: 'Try again.' });
    };
    return { payer: await sign(payer), authority: await sign(own), sign };
  }

  #pendingFileOf(open: Opened, place: Place, order: DeploymentOrder): string {
    if (order.stateFile !== undefined) return resolve(order.stateFile);
    const folder = recordsFolder(place.network, this.#workspace);
    return join(folder, `${order.unit}.${open.genesisHash.slice(0, 8)}.begun.json`);
  }

  #submitOf(open: Opened, payer: string, order: DeploymentOrder, { signal }: Pick<Run, 'signal'>) {
    const floorMicroLamports = BigInt(order.priceMicroLamports ?? '0');
    return submitter({
      chain: open.endpoints,
      read: (ask) => open.endpoints.read(ask),
      store: this.#storeOf(open.anchor, payer),
      priority: { ...PRIORITY, floorMicroLamports },
      float: FLOAT,
      signal,
      pauseMs: order.network === 'local-solana' ? 60 : 800,
    });
  }

  async #deploymentOf(open: Opened, place: Place, order: DeploymentOrder, run: Run) {
    const elf = fileOf(order);
    const pendingFile = this.#pendingFileOf(open, place, order);
    mkdirSync(dirname(pendingFile), { recursive: true });
    const pending = openPending(pendingFile, { sha256: sha256(elf), genesisHash: open.genesisHash });
    const { payer, authority, sign } = await this.#signers(open, place, order);
    const isNew = order.action === 'deploy' && order.program === undefined;
    const own =
      order.programFile === undefined
        ? keyFromSeed(pending.programSeed, 'program')
        : keyFromFile(order.programFile, 'program');
    const program = isNew ? await sign(own) : await this.#mustStand(open, place, order);
    const deployment: Deployment = {
      connection: open.connection,
      elf,
      payer,
      authority,
      buffer: await sign(keyFromSeed(pending.bufferSeed, 'buffer')),
      program,
      feeLimitLamports: BigInt(order.feeLimitMinor ?? FEE_LIMIT_LAMPORTS),
      microLamports: BigInt(order.priceMicroLamports ?? '0'),
      submit: this.#submitOf(open, payer.address.toBase58(), order, run),
      signal: run.signal,
      onProgress: ({ written, total }) => {
        run.tell(`Writing the program: ${written} of ${total} parts`);
        run.counted({ done: written, total: total + 1 });
      },
    };
    return { deployment, pendingFile };
  }

  async #deploy(open: Opened, place: Place, order: DeploymentOrder, run: Run): Promise<RunResult> {
    const { deployment, pendingFile } = await this.#deploymentOf(open, place, order, run);
    const done = await deployProgram(deployment);
    // Nothing is left of the temporary keys once the program stands.
    removePending(pendingFile);
    run.tell(`${order.unit} stands at ${done.program}, to the byte as committed.`);
    return [
      { name: 'Program', value: done.program },
      { name: 'sha256', value: done.sha256 },
      { name: 'Slot', value: done.slot },
      { name: 'Signature', value: done.signature ?? 'none: it stood there already' },
    ];
  }

  async #changing(open: Opened, place: Place, order: DeploymentOrder, run: Run): Promise<Changing> {
    const { payer, authority } = await this.#signers(open, place, order);
    const program = await this.#mustStand(open, place, order);
    const submit = this.#submitOf(open, payer.address.toBase58(), order, run);
    return { connection: open.connection, program, payer, authority, submit, runId: run.runId };
  }

  async #giveUp(open: Opened, place: Place, order: DeploymentOrder, run: Run): Promise<RunResult> {
    const file = this.#pendingFileOf(open, place, order);
    if (!existsSync(file)) {
      const detail = 'No deployment of this has begun here.';
      refuse({ code: 'STATE_FORBIDS', detail, fix: 'There is no buffer to close.' });
    }
    const buffer = keyOf(keyFromSeed(read(file).bufferSeed, 'buffer').address);
    const { payer, authority } = await this.#signers(open, place, order);
    const submit = this.#submitOf(open, payer.address.toBase58(), order, run);
    const isThere = (await open.connection.getAccountInfo(buffer, 'confirmed')) !== null;
    const signature = isThere ? await closeBuffer({ payer, authority, submit }, buffer) : 'none: it was never made';
    removePending(file);
    return [
      { name: 'Buffer', value: buffer.toBase58() },
      { name: 'Signature', value: signature },
    ];
  }

  async #verify(open: Opened, place: Place, order: DeploymentOrder): Promise<RunResult> {
    const view = await this.#viewOf(open, place, order);
    if (!view.isOurs) {
      const detail = `The chain has other bytes at ${view.address ?? 'no address'} than the file.`;
      const fix = 'Look at who holds the authority; deploy again where it should be ours.';
      refuse({ code: 'STATE_FORBIDS', detail, fix, values: { onChain: view.sha256, file: view.expectedSha256 } });
    }
    return [
      { name: 'Program', value: view.address ?? '' },
      { name: 'sha256', value: view.expectedSha256 },
    ];
  }

  async run(place: Place, order: DeploymentOrder, given: Run): Promise<RunResult> {
    const open = await this.#opened(place);
    const change = async () => this.#changing(open, place, order, given);
    switch (order.action) {
      case 'deploy':
      case 'upgrade':
        return this.#deploy(open, place, order, given);
      case 'verify':
        return this.#verify(open, place, order);
      case 'set-authority': {
        const fix = 'Give its address as to; to give it up for ever, choose make-final.';
        const next = order.to ?? refuse({ code: 'INPUT_INVALID', detail: 'To whom?', fix });
        return signedBy(await changeAuthority(await change(), keyOf(next)), { Authority: next });
      }
      case 'make-final':
        return signedBy(await changeAuthority(await change(), null), { Authority: 'nobody, for ever' });
      case 'close':
        return signedBy(await closeProgram(await change()), { Closed: 'its address can never be used again' });
      case 'close-buffer':
        return this.#giveUp(open, place, order, given);
      default:
        return refuse({
          code: 'STATE_FORBIDS',
          detail: `Programs on Solana know no ${order.action}.`,
          fix: 'Choose set-authority or make-final.',
        });
    }
  }

  async plan(place: Place, order: DeploymentOrder): Promise<DeploymentPlan> {
    const open = await this.#opened(place);
    const { connection } = open;
    // Reading needs nobody who signs: on a public network no key has to be at hand for it.
    const payer = order.action === 'verify' ? null : (await this.#signers(open, place, order)).payer.address;
    const balance = payer === null ? 0n : BigInt(await connection.getBalance(payer, 'confirmed'));
    const isDeploy = order.action === 'deploy' || order.action === 'upgrade';
    const file = this.#pendingFileOf(open, place, order);
    const isResumed = isDeploy && existsSync(file);
    const stands =
      order.action === 'deploy' && order.program === undefined ? null : await this.#addressOf(open, place, order);
    const program = stands ?? Keypair.generate().publicKey;
    const microLamports = BigInt(order.priceMicroLamports ?? '0');
    const cost = isDeploy ? await planDeployment({ connection, elf: fileOf(order), program, microLamports }) : null;
    const fees = cost?.feesLamports ?? (order.action === 'verify' ? 0n : 10_000n);
    const needed = cost?.neededLamports ?? fees;
    const isFinal = order.action === 'make-final' || order.action === 'close';
    const isNowhere = stands === null && order.action !== 'deploy' && order.action !== 'close-buffer';
    const nowhere = {
      code: 'NOT_FOUND',
      detail: `It is not known where ${order.unit} stands.`,
      fix: 'Deploy it first.',
    };
    const short = {
      code: 'INSUFFICIENT_FUNDS',
      detail: `The change needs ${needed} lamports; the payer has ${balance}.`,
      fix: 'Fund the payer first; nothing was sent.',
    };
    const limit = BigInt(order.feeLimitMinor ?? FEE_LIMIT_LAMPORTS);
    const dear = {
      code: 'FEE_ABOVE_CAP',
      detail: `The fees would be ${fees} lamports; the limit is ${limit}.`,
      fix: 'Raise the limit, or wait until fees are lower.',
    };
    return {
      network: order.network,
      unit: order.unit,
      action: order.action,
      asset: 'SOL/9',
      account: payer?.toBase58() ?? '',
      address: stands?.toBase58() ?? null,
      steps:
        cost === null
          ? [{ what: sentenceOf(order.action), atMostMinor: `${fees}` }]
          : [
              { what: `Write the program in ${cost.writes} parts and let it stand`, atMostMinor: `${fees}` },
              { what: 'Rent of the program, while it stands', atMostMinor: `${cost.programRentLamports}` },
              { what: 'Rent of the buffer, given back at the end', atMostMinor: `${cost.bufferRentLamports}` },
            ],
      atMostMinor: `${fees}`,
      rentMinor: `${cost?.programRentLamports ?? 0n}`,
      backMinor: `${cost?.bufferRentLamports ?? 0n}`,
      balanceMinor: `${balance}`,
      problem: isNowhere ? nowhere : fees > limit ? dear : balance < needed && !isResumed ? short : null,
      confirm: isFinal ? (stands?.toBase58() ?? null) : null,
      isResumed,
      trustedNow: null,
    };
  }

  async #viewOf(open: Opened, place: Place, wanted: Wanted) {
    const { connection } = open;
    const elf = fileOf(wanted);
    const expectedSha256 = sha256(elf);
    const address = await this.#addressOf(open, place, wanted);
    const readAtSlot = `${await connection.getSlot('confirmed')}`;
    const none = {
      loader: 'none',
      programData: null,
      authority: null,
      isOurs: false,
      sha256: null,
      slot: null,
    } as const;
    const nothing = { ...none, expectedSha256, readAtSlot, bytes: elf.length, roomBytes: 0, rentMinor: '0' };
    if (address === null) return { ...nothing, address: null };
    const onChain = await programAt(connection, address);
    if (onChain !== undefined) {
      const { isSame, authority, slot, sha256: found } = await verifyProgram(connection, address, elf);
      const programData = programDataOf(address).toBase58();
      const sizes = { bytes: elf.length, roomBytes: onChain.elf.length, rentMinor: `${onChain.lamports}` };
      const facts = { loader: 'upgradeable', programData, authority, isOurs: isSame, sha256: found, slot } as const;
      return { ...nothing, ...facts, ...sizes, address: address.toBase58() };
    }
    const account = await connection.getAccountInfo(address, 'confirmed');
    if (account === null || !account.executable) return { ...nothing, address: address.toBase58() };
    // Closing takes the program data away; the account that pointed there stays, so that nobody takes the address.
    const isClosed = account.owner.equals(LOADER);
    if (isClosed) return { ...nothing, loader: 'closed' as const, address: address.toBase58() };
    const isOurs = isSameProgram(account.data, elf);
    const sizes = { roomBytes: account.data.length, rentMinor: `${account.lamports}` };
    const hash = sha256(account.data.subarray(0, elf.length));
    return { ...nothing, loader: 'genesis' as const, isOurs, sha256: hash, ...sizes, address: address.toBase58() };
  }

  async get(place: Place, wanted: Wanted): Promise<Extract<DeploymentView, { chain: 'solana' }>> {
    const open = await this.#opened(place);
    const view = await this.#viewOf(open, place, wanted);
    const sent = await this.#books.reader.read('sends', { network: open.anchor, limit: 20 });
    const sends = sent.map(({ account, id, state, summary, hash }) => ({ account, id, state, summary, hash }));
    return { chain: 'solana', network: place.network, unit: wanted.unit, ...view, history: [], sends };
  }

  async payers(place: Place) {
    const { connection } = await this.#opened(place);
    return Promise.all(
      accountsOf(place).map(async ({ address, label }) => {
        const balance = BigInt(await connection.getBalance(new PublicKey(address), 'confirmed'));
        const { sendsLeft, isLow, topUpLamports } = floatOf(balance, FLOAT);
        return {
          address,
          label,
          balanceMinor: `${balance}`,
          sendsLeft: `${sendsLeft}`,
          isLow,
          topUpMinor: `${topUpLamports}`,
        };
      }),
    );
  }

  async recorded(place: Place) {
    const open = await this.#opened(place);
    const units = ['usage_vault', 'team_billing'];
    return Promise.all(
      units.map(async (unit) => {
        const address = (await this.#addressOf(open, place, { unit }))?.toBase58() ?? null;
        return { unit, address, lastMs: null };
      }),
    );
  }

  /** What tells this chain from another of the same name. */
  async anchorOf(place: Place): Promise<string> {
    return (await this.#opened(place)).anchor;
  }
}

/** An action as a line of what it costs. */
const sentenceOf = (action: string): string => action.slice(0, 1).toUpperCase() + action.slice(1).replaceAll('-', ' ');

const signedBy = (signature: string, facts: Readonly<Record<string, string>>): RunResult => [
  ...Object.entries(facts).map(([name, value]) => ({ name, value })),
  { name: 'Signature', value: signature },
];
