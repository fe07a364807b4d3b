/**
 * What signs for the operator, whatever holds the key: a vault, a device, a peer, or a development key. Knows no
 * policy, no limit and no chain client; those stand on either side of it.
 */

/** What a backend can be asked for. `sol.*` is Ed25519 over Solana messages, `evm.*` and `voucher` secp256k1. */
export type Capability = 'sol.tx' | 'sol.offchain' | 'evm.tx' | 'evm.typed' | 'evm.personal' | 'voucher';

export type SignerKind = 'vault' | 'ledger' | 'remote' | 'tee' | 'airgap' | 'walletconnect' | 'dev';

/** The network a request is meant for. Checked against what the chain itself says before anything is signed. */
export type Network =
  | Readonly<{ chain: 'solana'; cluster: 'local' | 'devnet' | 'testnet' | 'mainnet'; genesisHash: string }>
  | Readonly<{ chain: 'evm'; chainId: bigint; genesisHash: string; isTest: boolean }>;

/** An account a backend signs for: base58 public key on Solana, checksummed address on EVM. */
export type SignerAccount = Readonly<{ chain: 'solana' | 'evm'; address: string; label: string }>;

/** Structured requests, never a bare hash: whoever signs can read what it signs. */
export type SigningRequest =
  | Readonly<{ type: 'sol.tx'; network: Network; account: string; message: Uint8Array; summary: string }>
  | Readonly<{ type: 'sol.offchain'; network: Network; account: string; message: Uint8Array; summary: string }>
  | Readonly<{ type: 'evm.tx'; network: Network; account: string; transaction: EvmTransaction; summary: string }>
  | Readonly<{ type: 'evm.typed' | 'voucher'; network: Network; account: string; typed: TypedData; summary: string }>
  | Readonly<{ type: 'evm.personal'; network: Network; account: string; message: Uint8Array; summary: string }>;

/** An EIP-1559 transaction with every field decided: a signer fills nothing in. Amounts are wei. */
export type EvmTransaction = Readonly<{
  chainId: bigint;
  nonce: bigint;
  /** Absent only where a contract is created. */
  to?: `0x${string}`;
  valueWei: bigint;
  data: `0x${string}`;
  gas: bigint;
  maxFeePerGasWei: bigint;
  maxPriorityFeePerGasWei: bigint;
}>;

/** EIP-712 typed data. */
export type TypedData = Readonly<{
  domain: Readonly<Record<string, unknown>>;
  types: Readonly<Record<string, readonly Readonly<{ name: string; type: string }>[]>>;
  primaryType: string;
  message: Readonly<Record<string, unknown>>;
}>;

/** What a person at the backend is waiting for; the same words for each kind of backend. */
export type SigningStep = 'unlock-device' | 'open-app' | 'review-on-device' | 'waiting-peer' | 'exported' | 'signed';

/**
 * 64 bytes Ed25519; 65 bytes r ‖ s ‖ v (v 27 or 28, low s) on EVM; for `evm.tx` the whole signed transaction as
 * EIP-2718 bytes as well.
 */
export type Signature = Readonly<{ signature: Uint8Array; transaction?: Uint8Array }>;

export type SignerDescription = Readonly<{
  accounts: readonly SignerAccount[];
  capabilities: readonly Capability[];
  isInteractive: boolean;
  isExportable: boolean;
}>;

export type SigningContext = Readonly<{
  /** Names the approval that allowed this, for the audit. */
  approvalId: string;
  signal: AbortSignal;
  onStep: (step: SigningStep) => void;
}>;

/** One holder of keys. `sign` rejects with a typed refusal; it never answers with a signature by another key. */
export interface SignerBackend {
  readonly id: string;
  readonly kind: SignerKind;
  describe(): Promise<SignerDescription>;
  sign(request: SigningRequest, context: SigningContext): Promise<Signature>;
  /** Forgets what was unlocked; a later `sign` asks again. */
  lock(): Promise<void>;
}
