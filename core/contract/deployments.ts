/** What code is live on which chain, who can change it, and changing it: plans with their cost, and jobs. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { command } from './command.ts';
import { AssetCode, Empty, IdempotencyKey, Millis, MinorUnits } from './shapes.ts';

export const NETWORK_NAMES = [
  'local-evm',
  '0g-testnet',
  '0g-mainnet',
  'local-solana',
  'solana-devnet',
  'solana-mainnet',
] as const;
export const NetworkName = z.enum(NETWORK_NAMES);
export type NetworkName = z.infer<typeof NetworkName>;

/** A contract of ours, a program of ours, or the name of a program in a file. */
export const UnitName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'the name of a contract or program');
const Address = z.string().regex(/^(0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$/, 'an address of the chain');
const Path = z.string().min(1).max(4096);
const Url = z
  .string()
  .max(500)
  .regex(/^https?:\/\/[^\s]+$/, 'the address of an endpoint, http or https');
const Text = z.string().max(2000);

/** Absent parts have a default: endpoints and files of the network, development keys where those may sign. */
const Where = {
  network: NetworkName,
  unit: UnitName,
  rpc: z.array(Url).min(1).max(5).optional(),
  /** Solana: the program's file, where it is none of ours; its address, where it stands at another. */
  file: Path.optional(),
  program: Address.optional(),
  /** Folder of the records of EVM networks. */
  records: Path.optional(),
};

export const ACTIONS = [
  'deploy',
  'upgrade',
  'verify',
  'offer-ownership',
  'accept-ownership',
  'transfer-beacon',
  'set-authority',
  'make-final',
  'close',
  'close-buffer',
  'register-provider',
  'join-provider',
] as const;
export const Action = z.enum(ACTIONS);
export type DeploymentAction = z.infer<typeof Action>;

const OrderFields = {
  ...Where,
  /** EVM: the hash of block 0 of the network that is meant, from an explorer or a node of one's own. */
  genesis: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, 'the hash of block 0: 0x and 64 digits')
    .optional(),
  action: Action,
  /** Who signs and pays; the first development account unless said. */
  account: Address.optional(),
  /** Solana: key files as the Solana tools write them, on the machine that holds the books. */
  payerFile: Path.optional(),
  authorityFile: Path.optional(),
  programFile: Path.optional(),
  /** Where a deployment that has begun keeps its temporary keys. */
  stateFile: Path.optional(),
  /** To whom it goes: ownership that is offered, a beacon, an upgrade authority, or a new deployment. */
  to: Address.optional(),
  issuer: Address.optional(),
  stakeMinor: MinorUnits.optional(),
  feeLimitMinor: MinorUnits.optional(),
  /** EVM, verify: an explorer to ask as well. Its key is in TOLLKEEPER_VERIFIER_KEY where the books are held. */
  verifier: z.enum(['etherscan', 'blockscout', 'sourcify']).optional(),
  verifierUrl: Url.optional(),
  /** EVM: what a provider announces of itself; and the one that a user joins, with what is deposited with it. */
  announce: z
    .strictObject({
      url: z.string().max(500),
      signer: Address,
      cpuPriceMinor: MinorUnits,
      memoryPriceMinor: MinorUnits,
      createFeeMinor: MinorUnits,
    })
    .optional(),
  provider: Address.optional(),
  depositMinor: MinorUnits.optional(),
  /** Names a run, so that the same again sends nothing twice; the job's own id unless said. */
  runKey: IdempotencyKey.optional(),
  priceMicroLamports: z
    .string()
    .regex(/^\d{1,18}$/, 'a whole number')
    .optional(),
};
const Order = z.strictObject(OrderFields);
export type DeploymentOrder = z.infer<typeof Order>;
export type DeploymentMoney = Readonly<{
  network: NetworkName;
  rpc?: string[] | undefined;
  records?: string | undefined;
  proxy?: string | undefined;
  account?: string | undefined;
  provider?: string | undefined;
}>;

/** What cannot be undone is asked twice: the address is to be given each time. */
const Confirmed = { confirm: z.string().max(64).optional(), confirmAgain: z.string().max(64).optional() };

const Plan = z.strictObject({
  network: NetworkName,
  unit: UnitName,
  action: Action,
  asset: AssetCode,
  /** Who signs and pays; empty where nothing is sent. */
  account: z.string(),
  /** The program or contract that it is about; null where it is made. */
  address: z.string().nullable(),
  steps: z.array(z.strictObject({ what: Text, atMostMinor: MinorUnits })),
  /** Fees, at most. */
  atMostMinor: MinorUnits,
  /** Held as rent for as long as the program stands. */
  rentMinor: MinorUnits,
  /** Given back at the end. */
  backMinor: MinorUnits,
  balanceMinor: MinorUnits,
  /** Why it would be refused now; null where nothing is known against it. */
  problem: z.strictObject({ code: z.string(), detail: Text, fix: Text }).nullable(),
  /** What has to be given as `confirm` and `confirmAgain`; null where it can be undone. */
  confirm: z.string().nullable(),
  isResumed: z.boolean(),
  /** The first block that is trusted from now on, as this network was met for the first time; null otherwise. */
  trustedNow: z.string().nullable(),
});
export type DeploymentPlan = z.infer<typeof Plan>;

export const Job = z.strictObject({
  id: z.string(),
  network: NetworkName,
  unit: UnitName,
  action: Action,
  by: z.string(),
  startedMs: Millis,
  finishedMs: Millis.nullable(),
  /** interrupted: its process ended before it did; it goes on where it stopped when it is resumed. */
  state: z.enum(['running', 'done', 'failed', 'cancelled', 'interrupted']),
  /** What it does now, or did last. */
  step: Text,
  done: z.int(),
  total: z.int(),
  problem: z.strictObject({ code: z.string(), detail: Text, fix: Text }).nullable(),
  result: z.array(z.strictObject({ name: z.string(), value: Text })),
});
export type DeploymentJob = z.infer<typeof Job>;
const JobId = z.string().regex(/^job_[0-9a-z]{8,40}$/, 'an id that begins with job_');

const History = z.array(
  z.strictObject({ atMs: Millis, what: z.string(), by: z.string(), detail: Text, job: z.string().nullable() }),
);
const Sends = z.array(
  z.strictObject({
    account: z.string(),
    id: z.string(),
    state: z.string(),
    summary: Text,
    hash: z.string().nullable(),
  }),
);

const EvmDeployment = z.strictObject({
  chain: z.literal('evm'),
  network: NetworkName,
  unit: UnitName,
  address: z.string().nullable(),
  implementation: z.string().nullable(),
  beacon: z.string().nullable(),
  owner: z.string().nullable(),
  pendingOwner: z.string().nullable(),
  beaconOwner: z.string().nullable(),
  isOurs: z.boolean(),
  readAtBlock: z.string(),
  contracts: z.array(
    z.strictObject({
      role: z.string(),
      name: z.string(),
      address: z.string(),
      recorded: z.string(),
      match: z.enum(['exact', 'same code', 'different', 'no code']),
      codeHash: z.string(),
      expectedHash: z.string(),
    }),
  ),
  history: History,
  sends: Sends,
});
const SolanaDeployment = z.strictObject({
  chain: z.literal('solana'),
  network: NetworkName,
  unit: UnitName,
  address: z.string().nullable(),
  programData: z.string().nullable(),
  /**
   * genesis: put there when the local chain was made, by nobody's key; upgradeable: by the loader; closed: removed by
   * it, so that nothing can ever stand at this address again.
   */
  loader: z.enum(['upgradeable', 'genesis', 'closed', 'none']),
  /** Who may upgrade and close it; null: nobody, for ever. */
  authority: z.string().nullable(),
  isOurs: z.boolean(),
  sha256: z.string().nullable(),
  expectedSha256: z.string(),
  slot: z.string().nullable(),
  readAtSlot: z.string(),
  bytes: z.int(),
  roomBytes: z.int(),
  rentMinor: MinorUnits,
  history: History,
  sends: Sends,
});
export const DeploymentView = z.discriminatedUnion('chain', [EvmDeployment, SolanaDeployment]);
export type DeploymentView = z.infer<typeof DeploymentView>;

const Network = z.strictObject({
  name: NetworkName,
  chain: z.enum(['evm', 'solana']),
  title: z.string(),
  kind: z.enum(['local', 'test', 'main']),
  asset: AssetCode,
  isReachable: z.boolean(),
  /** Development keys may sign there. */
  canSign: z.boolean(),
  /** What is missing, and the command that brings it; null where nothing is. */
  problem: z.strictObject({ detail: Text, fix: Text, command: z.string().nullable() }).nullable(),
  rpc: z.array(z.string()),
  units: z.array(
    z.strictObject({
      unit: UnitName,
      title: z.string(),
      address: z.string().nullable(),
      lastMs: Millis.nullable(),
      job: z.string().nullable(),
    }),
  ),
  /** Who signs and pays there, with how far the money goes. */
  payers: z.array(
    z.strictObject({
      address: z.string(),
      label: z.string(),
      balanceMinor: MinorUnits,
      sendsLeft: z.string(),
      isLow: z.boolean(),
      topUpMinor: MinorUnits,
    }),
  ),
});
export type DeploymentNetwork = z.infer<typeof Network>;

export const deployments = {
  list: command({
    permission: 'deployments:read',
    idempotent: 'read',
    doc: 'Every network, what of ours is recorded on it, and who signs and pays there.',
    noPast: 'Chains are read as they stand.',
    input: Empty,
    output: z.strictObject({ networks: z.array(Network) }),
  }),
  get: command({
    permission: 'deployments:read',
    idempotent: 'read',
    doc: 'Read one deployment back from its chain: what runs, who can change it, and whether it is ours to the byte.',
    noPast: 'Chains are read as they stand.',
    input: z.strictObject(Where),
    output: DeploymentView,
    errors: ['STATE_FORBIDS', 'NOT_FOUND', 'PAYMENT_REQUIRED'],
  }),
  money: command({
    permission: 'deployments:read',
    idempotent: 'read',
    doc: 'What an account has with a provider of SandboxServing on an EVM network, and in its own hands.',
    noPast: 'Chains are read as they stand.',
    input: z.strictObject({
      network: NetworkName,
      rpc: Where.rpc,
      records: Where.records,
      proxy: Address.optional(),
      account: Address.optional(),
      provider: Address.optional(),
    }),
    output: z.strictObject({
      account: z.string(),
      provider: z.string(),
      asset: AssetCode,
      onChainMinor: MinorUnits,
      balanceMinor: MinorUnits,
      pendingRefundMinor: MinorUnits,
      cancelledRefundMinor: MinorUnits,
      stakeMinor: MinorUnits,
      earningsMinor: MinorUnits,
    }),
    errors: ['STATE_FORBIDS', 'NOT_FOUND', 'PAYMENT_REQUIRED'],
  }),
  plan: command({
    permission: 'deployments:read',
    idempotent: 'read',
    doc: 'What a change would send and cost at most; sends nothing.',
    noPast: 'Chains are read as they stand.',
    input: Order,
    output: Plan,
    errors: ['STATE_FORBIDS', 'NOT_FOUND', 'PAYMENT_REQUIRED'],
  }),
  start: command({
    permission: 'deployments:write',
    idempotent: 'by key',
    doc: 'Begin a change as a job. What cannot be undone wants its address twice, in `confirm` and `confirmAgain`.',
    input: z.strictObject({ key: IdempotencyKey, ...OrderFields, ...Confirmed }),
    output: Job,
    errors: ['STATE_FORBIDS', 'NOT_FOUND', 'PAYMENT_REQUIRED', 'CONFLICT', 'KEY_REUSED'],
  }),
  jobs: command({
    permission: 'deployments:read',
    idempotent: 'read',
    doc: 'Changes that run, were interrupted or have ended, newest first.',
    noPast: 'Chains are read as they stand.',
    input: z.strictObject({ network: NetworkName.optional(), unit: UnitName.optional() }),
    output: z.strictObject({ jobs: z.array(Job) }),
  }),
  watch: command({
    permission: 'deployments:read',
    idempotent: 'read',
    doc: 'A job as it stands, and again at each step until it ends.',
    noPast: 'Chains are read as they stand.',
    input: z.strictObject({ job: JobId }),
    // oRPC's iterator schema is no zod type, and `command` asks for one: both are the same to who calls.
    output: eventIterator(Job) as unknown as z.ZodType<AsyncIterable<DeploymentJob>>,
    errors: ['NOT_FOUND'],
  }),
  resume: command({
    permission: 'deployments:write',
    idempotent: 'by nature',
    doc: 'Go on with a job that was interrupted, failed or cancelled: what was paid is not paid again.',
    input: z.strictObject({ job: JobId }),
    output: Job,
    errors: ['STATE_FORBIDS', 'NOT_FOUND', 'PAYMENT_REQUIRED', 'CONFLICT'],
  }),
  cancel: command({
    permission: 'deployments:write',
    idempotent: 'by nature',
    doc: 'Stop a job after what it has sent; it can be resumed.',
    input: z.strictObject({ job: JobId }),
    output: Job,
    errors: ['NOT_FOUND'],
  }),
};
