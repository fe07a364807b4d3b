/**
 * What services and carriers are given: the books, the reads, and the world's clock and chance. Made by the
 * composition root.
 */
import type { ExportOrder } from '#core/contract/exports.ts';
import type {
  ImportOrder,
  ImportPreview,
  ImportStep,
  PreviewOrder,
  SystemLookOrder,
  SystemOrder,
  SystemPreview,
  SystemStep,
} from '#core/contract/imports.ts';
import type {
  DeploymentJob,
  DeploymentMoney,
  DeploymentNetwork,
  DeploymentOrder,
  DeploymentPlan,
  DeploymentView,
  NetworkName,
} from '#core/contract/deployments.ts';
import type { LocalChainName, LocalChainStanding, LocalChainState } from '#core/contract/local-chain.ts';
import type { Permission, Role } from '#core/contract/permissions.ts';
import type { CurveImplementation } from '#core/signing/curve-implementation.ts';
import type { PlanRecord, SettingsRecord, MeterRecord } from '#core/ledger/catalog.ts';
import type { LeakOrder } from '#core/ledger/leaks.ts';
import type { LeakStep } from '#core/ledger/leaks-thread.ts';
import type { CopyStep } from '#core/ledger/backup.ts';
import type { DrillStep } from '#core/ledger/drill.ts';
import type { Book, Head } from '#core/ledger/port.ts';
import type { Reader } from '#core/ledger/read-port.ts';
import type { VerifyProgress } from '#core/ledger/verify.ts';
import type { KeyRing } from './key-ring.ts';

/** Where facts about the running program go; secrets are taken out by whoever writes them. */
export type Facts = Readonly<Record<string, unknown>>;
export type Log = Readonly<{
  info: (event: string, facts?: Facts) => void;
  warn: (event: string, facts?: Facts) => void;
  error: (event: string, facts?: Facts) => void;
}>;

/** Who asks. Every command records `actor`. */
export type Principal =
  | Readonly<{
      kind: 'operator';
      id: string;
      name: string;
      role: Role;
      actor: string;
      permissions: readonly Permission[];
    }>
  | Readonly<{ kind: 'key'; id: string; customer: string | null; actor: string; permissions: readonly Permission[] }>
  | Readonly<{ kind: 'nobody'; actor: string; permissions: readonly Permission[] }>;

/** Small things everybody needs at once, kept fresh as the books change. */
export type Snapshot = Readonly<{
  settings: SettingsRecord;
  meters: ReadonlyMap<string, MeterRecord>;
  plans: ReadonlyMap<string, PlanRecord>;
}>;

/** What a new workspace begins with. The passphrase seals the first admin's key and is kept nowhere. */
export type Beginning = Readonly<{ file: string; name: string; issuer: string; operator: string; passphrase: string }>;

export type Upload = Readonly<{ id: string; name: string; bytes: number; receivedMs: number }>;
/** Files that came through a door, each for whoever sent it. */
export type Uploads = Readonly<{
  receive: (
    stream: AsyncIterable<Uint8Array>,
    about: Readonly<{ name: string; actor: string; statedBytes: number | null }>,
  ) => Promise<Upload>;
  find: (id: string, actor: string) => Upload & Readonly<{ path: string; errorPath: string }>;
  errorsOf: (id: string, actor: string) => Readonly<{ path: string; name: string }>;
  list: (actor: string) => Upload[];
  discard: (id: string, actor: string) => void;
}>;

/** Reading files of the machine that holds the books. */
export type Files = Readonly<{
  preview: (order: PreviewOrder) => Promise<ImportPreview>;
  previewSystem: (order: SystemLookOrder, actor: string) => Promise<SystemPreview>;
  importUsage: (order: ImportOrder, principal: Principal) => AsyncIterable<ImportStep>;
  importSystem: (order: SystemOrder, asker: Pick<RequestContext, 'principal' | 'session'>) => AsyncIterable<SystemStep>;
  spool: Uploads;
  /** The page that goes into every review bundle. */
  reviewViewer: () => string;
  /** The bytes of a list from one snapshot; asks nobody whether they may. */
  exportList: (order: ExportOrder, signal?: AbortSignal) => AsyncIterable<Uint8Array>;
}>;

type Where = Pick<DeploymentOrder, 'network' | 'unit' | 'rpc' | 'file' | 'program' | 'records'>;
export type DeploymentStart = DeploymentOrder &
  Readonly<{ key: string; confirm?: string | undefined; confirmAgain?: string | undefined }>;

/** What an account has with a provider; amounts in minor units, as text. */
export type ProviderMoney = Readonly<
  Record<'account' | 'provider' | 'asset', string> &
    Record<
      'onChainMinor' | 'balanceMinor' | 'pendingRefundMinor' | 'cancelledRefundMinor' | 'stakeMinor' | 'earningsMinor',
      string
    >
>;

/** What stands on chains, and the jobs that change it. */
export type Deployments = Readonly<{
  list: () => Promise<DeploymentNetwork[]>;
  get: (where: Where) => Promise<DeploymentView>;
  money: (of: DeploymentMoney) => Promise<ProviderMoney>;
  plan: (order: DeploymentOrder) => Promise<DeploymentPlan>;
  start: (start: DeploymentStart, actor: string) => Promise<DeploymentJob>;
  jobs: (of: Readonly<{ network?: NetworkName | undefined; unit?: string | undefined }>) => Promise<DeploymentJob[]>;
  watch: (job: string, signal: AbortSignal | undefined) => AsyncIterable<DeploymentJob>;
  resume: (job: string, actor: string) => Promise<DeploymentJob>;
  cancel: (job: string) => Promise<DeploymentJob>;
}>;

type Funding = Readonly<{ chain: LocalChainName; address: string; amountMinor: string; asset: string }>;

/** The chains of this machine. */
export type LocalChains = Readonly<{
  list: () => Promise<LocalChainStanding[]>;
  get: (chain: LocalChainName) => Promise<LocalChainState>;
  fund: (order: Funding) => Promise<LocalChainState['accounts'][number]>;
  travel: (chain: LocalChainName, seconds: number) => Promise<{ timeMs: number; height: string }>;
  restart: (chain: LocalChainName, options: Readonly<{ isFresh: boolean }>) => Promise<LocalChainStanding>;
}>;

export type Core = Readonly<{
  file: string;
  version: string;
  readOnly: boolean;
  book: Book & Readonly<{ onHead: (listener: (head: Head) => void) => void }>;
  reader: Reader;
  keyRing: KeyRing;
  /** UTC milliseconds. */
  now: () => number;
  newId: (prefix: string) => string;
  log: Log;
  snapshot: () => Snapshot;
  /** Reads the snapshot again and tells whoever keeps a copy; resolves when all have it. */
  refresh: () => Promise<void>;
  /** Called with each new snapshot before `refresh` resolves. */
  onSnapshot: (listener: (snapshot: Snapshot) => Promise<void> | void) => void;
  /** Called at each movement of the books until the returned function is called. */
  onMove: (listener: () => void) => () => void;
  /** Checks and records events one by one; the gateway's own path, lent to the contract. */
  recordEvents: (events: readonly unknown[], principal: Principal) => Promise<unknown>;
  /** Files of usage: a look at one, and its import. */
  files: Files;
  deployments: Deployments;
  localChains: LocalChains;
  /** A copy of the workspace and the trial of one, step by step; whoever leaves ends it. */
  copies: Readonly<{
    backup: (target: string, signal?: AbortSignal) => AsyncIterable<CopyStep>;
    drill: (backup: string, signal?: AbortSignal) => AsyncIterable<DrillStep>;
  }>;
  /** Copies the workspace while it goes on, and verifies the copy. */
  backup: (target: string) => Promise<Readonly<{ bytes: number; block: number; verified: boolean; tookMs: number }>>;
  /** Makes another workspace, never over a file; a relative path is beside this one. Gives its full path. */
  createWorkspace: (beginning: Beginning) => Promise<string>;
  /** Proves the books in a thread of its own; the last progress is `done`. */
  /** Looks for lost money in a thread of its own; ends early with the signal. */
  findLeaks: (order: LeakOrder, signal?: AbortSignal) => AsyncIterable<LeakStep>;
  verify: (signal?: AbortSignal) => AsyncIterable<VerifyProgress>;
  /** What signs on this machine, by its name. */
  curve: CurveImplementation;
  /** What is set after the core was made: the gateway's address, and the sample workspace's traffic. */
  facts: { gatewayUrl: string | null; liveTraffic: { isOn: () => boolean; set: (on: boolean) => void } | null };
}>;

/** What each request carries. `session` belongs to a browser or CLI sign-in; keys have none. */
export type RequestContext = Readonly<{
  core: Core;
  principal: () => Principal;
  session: SessionControl | null;
  /** A page's own refresh: answered, but no sign of somebody at the desk. */
  isUnasked?: boolean;
}>;

/** What the session commands may do to the sign-in they came over. */
export type SessionControl = {
  signIn: (name: string, passphrase: string) => Promise<void>;
  lock: () => void;
  isLocked: () => boolean;
  /** Told of every command that somebody asked for, to measure idleness. */
  touch: () => void;
  /** Tells when the session locks or its operator is signed out: what streams to it ends then. */
  onEnd: (listener: () => void) => () => void;
};
