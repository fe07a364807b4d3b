/** What the chain side costs in time: tracking on the real rollup, commits reaching the base chain, starting up. */
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Keypair, LAMPORTS_PER_SOL, PublicKey, Transaction } from '@solana/web3.js';
import type { Connection, TransactionInstruction } from '@solana/web3.js';
import { startLocalSolana } from '#core/chain/local/solana/supervisor.ts';
import type { LocalSolana } from '#core/chain/local/solana/supervisor.ts';
import { RollupConnection } from '#core/chain/solana/rollup-connection.ts';
import { UsageVaultProgram } from '#core/chain/solana/usage-vault.ts';
import type { VaultAddresses } from '#core/chain/solana/usage-vault.ts';
import { realRollupMissing } from '../support/rollup-sysroot.ts';
import { sent } from '../support/solana.ts';
import { quantile } from './http-load.ts';
import type { Row } from './rows.ts';

const METERS = 100;
const LATENCY_CALLS = 1000;
const THROUGHPUT_SECONDS = 5;
const COMMITS = 8;
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const TERMS = {
  priceLamports: 1n,
  thresholdUnits: 1n,
  capPerCallUnits: 1000n,
  capPerCycleUnits: 1_000_000n,
  priceNoticeSeconds: 60,
  exitDelaySeconds: 60,
};

type Meter = { readonly vault: VaultAddresses; sequence: bigint };

type Scene = Readonly<{
  local: LocalSolana;
  base: Connection;
  rollup: RollupConnection;
  program: UsageVaultProgram;
  operator: Keypair;
  key: KeyObject;
  meters: readonly Meter[];
}>;

/** Signing is not what is measured; node's own Ed25519 is an order faster than web3.js's. */
function signedBytes({ operator, key }: Scene, instruction: TransactionInstruction, blockhash: string): Buffer {
  const transaction = new Transaction({ feePayer: operator.publicKey, recentBlockhash: blockhash }).add(instruction);
  transaction.addSignature(operator.publicKey, sign(null, transaction.serializeMessage(), key));
  return transaction.serialize({ verifySignatures: false });
}

async function openMeter(scene: Omit<Scene, 'meters'>): Promise<Meter> {
  const { base, program, operator, local } = scene;
  const owner = Keypair.generate();
  const signature = await base.requestAirdrop(owner.publicKey, LAMPORTS_PER_SOL);
  await base.confirmTransaction({ signature, ...(await base.getLatestBlockhash()) });
  const vault = program.addresses({ creator: operator.publicKey, owner: owner.publicKey, generation: 1n });
  await sent(base, [program.initUserVault(owner.publicKey, vault, 1)], [owner]);
  const open = program.initUsageMeter(operator.publicKey, vault, 1n);
  const delegate = program.delegateUserVault(operator.publicKey, vault, new PublicKey(local.facts.validator));
  await sent(base, [open, delegate], [operator]);
  return { vault, sequence: 0n };
}

async function openScene(): Promise<Scene> {
  const local = await startLocalSolana({ rollup: 'real', slotMs: 50 });
  const rollup = new RollupConnection(local.rollup.rpc ?? '').open();
  const { connection: base } = new RollupConnection(local.rpc);
  const operator = Keypair.generate();
  const pkcs8 = Buffer.concat([PKCS8, operator.secretKey.slice(0, 32)]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const program = new UsageVaultProgram('local');
  const scene = { local, base, rollup, program, operator, key };
  const signature = await base.requestAirdrop(operator.publicKey, 100 * LAMPORTS_PER_SOL);
  await base.confirmTransaction({ signature, ...(await base.getLatestBlockhash()) });
  await sent(base, [program.initSystemVault(operator.publicKey, operator.publicKey, TERMS)], [operator]);
  const meters: Meter[] = [];
  for (let count = 0; count < METERS; count += 1) meters.push(await openMeter(scene));
  await Promise.all(meters.map(({ vault }) => rollup.untilDelegated(vault.usageMeter)));
  await rollup.warm(program.address);
  return { ...scene, meters };
}

function trackOf({ program, operator }: Scene, meter: Meter): TransactionInstruction {
  meter.sequence += 1n;
  return program.track(operator.publicKey, meter.vault.usageMeter, { units: 1n, sequence: meter.sequence });
}

/** Milliseconds from handing a signed tracking call over to seeing its status. */
async function latencies(scene: Scene): Promise<Float64Array> {
  const found: number[] = [];
  const [meter] = scene.meters;
  for (let call = 0; meter !== undefined && call < LATENCY_CALLS + 50; call += 1) {
    const { blockhash } = await scene.rollup.connection.getLatestBlockhash();
    const bytes = signedBytes(scene, trackOf(scene, meter), blockhash);
    const started = performance.now();
    await scene.rollup.send(bytes);
    if (call >= 50) found.push(performance.now() - started);
  }
  return Float64Array.from(found).toSorted();
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** One call over a kept connection, without a client library in between. */
function post(rpc: string, body: string): Promise<string> {
  const { promise, resolve: give, reject } = Promise.withResolvers<string>();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const call = request(rpc, { method: 'POST', agent, headers }, (response) => {
    let text = '';
    response.on('data', (part: Buffer) => (text += part.toString()));
    response.on('end', () => give(text));
  });
  call.on('error', reject);
  call.end(body);
  return promise;
}

/** Tracked calls a second over all meters at once, counted by what the rollup's accounts hold afterwards. */
async function throughput(scene: Scene): Promise<number> {
  const rpc = scene.local.rollup.rpc ?? '';
  const totals = async (): Promise<bigint> => {
    const keys = scene.meters.map(({ vault }) => vault.usageMeter);
    const accounts = await scene.rollup.connection.getMultipleAccountsInfo(keys);
    const units = accounts.map((account) => (account && scene.program.readUsageMeter(account.data)?.totalUnits) ?? 0n);
    return units.reduce((sum, each) => sum + each, 0n);
  };
  const before = await totals();
  let { blockhash } = await scene.rollup.connection.getLatestBlockhash();
  const refresh = setInterval(() => {
    void scene.rollup.connection.getLatestBlockhash().then((latest) => (blockhash = latest.blockhash));
  }, 500);
  const started = performance.now();
  const until = started + THROUGHPUT_SECONDS * 1000;
  // Each meter is one after the other, for its sequence; the meters are beside one another.
  await Promise.all(
    scene.meters.map(async (meter) => {
      while (performance.now() < until) {
        const bytes = signedBytes(scene, trackOf(scene, meter), blockhash).toString('base64');
        const params = [bytes, { encoding: 'base64', skipPreflight: true }];
        await post(rpc, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'sendTransaction', params }));
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  clearInterval(refresh);
  agent.destroy();
  return Number((await totals()) - before) / seconds;
}

/** Milliseconds from sending a commit to the base chain's account having its total. */
async function commitTimes(scene: Scene): Promise<Float64Array> {
  const found: number[] = [];
  const { program, operator, rollup, base } = scene;
  for (const meter of scene.meters.slice(1, COMMITS + 1)) {
    const args = { belowThreshold: true, undelegate: false };
    const commit = program.commitAndStartBilling(operator.publicKey, meter.vault, args);
    const { blockhash } = await rollup.connection.getLatestBlockhash();
    const wanted = (await rollup.connection.getAccountInfo(meter.vault.usageMeter))?.data;
    const total = wanted === undefined ? 0n : (program.readUsageMeter(wanted)?.totalUnits ?? 0n);
    const started = performance.now();
    const { err } = await rollup.send(signedBytes(scene, commit, blockhash));
    for (let isThere = err !== null; !isThere;) {
      const account = await base.getAccountInfo(meter.vault.usageMeter);
      isThere = account !== null && program.readUsageMeter(account.data)?.totalUnits === total;
    }
    found.push(performance.now() - started);
  }
  return Float64Array.from(found).toSorted();
}

function limitRow(name: string, unit: string, ours: number, baseline: number, note = ''): Row {
  return {
    name,
    unit,
    ours,
    baseline,
    ratio: ours / baseline,
    goal: `≤ ${baseline} ${unit}`,
    met: ours <= baseline,
    note,
  };
}

async function startUp(): Promise<number> {
  const started = performance.now();
  const local = await startLocalSolana({ rollup: 'emulator' });
  const took = performance.now() - started;
  await local.stop();
  return took;
}

/** Transactions that each make an account, which is what fills a chain most. */
const FILLING = 12_000;

/** The process after them, with its snapshot and the emulated rollup, in MB (2^20 bytes); the most it ever had. */
async function memory(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-chain-'));
  const local = await startLocalSolana({ rollup: 'emulator', folder });
  try {
    for (let made = 0; made < FILLING; made += 20) {
      const calls = Array.from({ length: 20 }, (_, id) => {
        const owner = new PublicKey(randomBytes(32)).toBase58();
        return { jsonrpc: '2.0', id, method: 'tollkeeper_airdropTestUsdc', params: [owner, '1'] };
      });
      const answer = await post(local.rpc, JSON.stringify(calls));
      if (answer.includes('"error"')) throw new Error(`the faucet refused: ${answer.slice(0, 200)}`);
    }
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${local.pid()}/status`, 'utf8'))?.[1];
    return Number(peak) / 1024;
  } finally {
    await local.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Linux only: elsewhere the process does not tell its peak. */
export async function solanaMemory(): Promise<Row[]> {
  const name = `local Solana chain after ${FILLING.toLocaleString('en-GB')} transactions that make accounts`;
  return [limitRow(name, 'MB', await memory(), 180, 'its peak, with the emulated rollup and a snapshot a second')];
}

export async function solana(): Promise<Row[]> {
  const missing = realRollupMissing();
  const up = await startUp();
  const rows = [limitRow('local Solana chain and emulated rollup up', 'ms', up, 1500)];
  const file = resolve(join(import.meta.dirname, '../../programs/artifacts/usage_vault.so'));
  rows.push(limitRow('usage_vault.so', 'bytes', statSync(file).size, 100_000));
  if (missing !== undefined) {
    process.stderr.write(`The real rollup cannot run here: ${missing}.\n`);
    return rows;
  }
  const scene = await openScene();
  try {
    const times = await latencies(scene);
    rows.push(limitRow('track on the real rollup, send → confirmed, p50', 'ms', quantile(times, 0.5), 4));
    rows.push(limitRow('track on the real rollup, send → confirmed, p99', 'ms', quantile(times, 0.99), 12));
    const perSecond = await throughput(scene);
    const name = `tracked updates over ${METERS} meters on the real rollup`;
    const met = perSecond >= 500;
    rows.push({
      name,
      unit: '1/s',
      ours: perSecond,
      baseline: 500,
      ratio: perSecond / 500,
      goal: '≥ 500',
      met,
      note: '',
    });
    const commits = await commitTimes(scene);
    const worst = `of ${COMMITS}; worst ${(commits.at(-1) ?? 0).toFixed(0)} ms`;
    rows.push(limitRow('commit visible on the base chain, median', 'ms', quantile(commits, 0.5), 100, worst));
  } finally {
    await scene.rollup.close();
    await scene.local.stop();
  }
  return rows;
}
