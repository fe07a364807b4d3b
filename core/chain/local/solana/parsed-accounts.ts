/** Accounts as `jsonParsed` shows them: token, nonce, stake, loader, lookup table, sysvar (solana-account-decoder). */
import { LOOKUP_TABLE, STAKE, SYSTEM, SYSVAR_OWNER, TOKEN, TOKEN_2022, UPGRADEABLE_LOADER } from './addresses.ts';
import { base58 } from './base58.ts';
import type { AccountState } from './engine.ts';
import { NONCE_SIZE } from './nonce.ts';
import {
  TOKEN_ACCOUNT_SIZE,
  delegateOf,
  isMint,
  isTokenAccount,
  mintDecimalsOf,
  mintOf,
  mintSupplyOf,
  tokenAmountOf,
  tokenOwnerOf,
  uiTokenAmount,
} from './token-balances.ts';

export type ParsedData = Readonly<{
  program: string;
  parsed: Readonly<{ type: string; info: unknown }>;
  space: number;
}>;

/** What a parser may have to look up beside the account itself: the mint of a token account. */
export type Lookup = (address: string) => AccountState | undefined;

type Parsed = Readonly<{ type: string; info: unknown }> | undefined;

const key = (data: Buffer, at: number): string => base58(data.subarray(at, at + 32));
const optionalKey = (data: Buffer, at: number): string | null =>
  data.readUInt32LE(at) === 1 ? key(data, at + 4) : null;

function tokenAccount(state: AccountState, lookup: Lookup): Parsed {
  const minted = lookup(mintOf(state));
  if (!isMint(minted)) return undefined;
  const decimals = mintDecimalsOf(minted);
  const { data } = state;
  const isNative = data.readUInt32LE(109) === 1;
  const delegate = delegateOf(state);
  const closeAuthority = optionalKey(data, 129);
  return {
    type: 'account',
    info: {
      isNative,
      mint: mintOf(state),
      owner: tokenOwnerOf(state),
      state: data[108] === 2 ? 'frozen' : 'initialized',
      tokenAmount: uiTokenAmount(tokenAmountOf(state), decimals),
      ...(delegate === undefined
        ? {}
        : { delegate, delegatedAmount: uiTokenAmount(data.readBigUInt64LE(121), decimals) }),
      ...(isNative ? { rentExemptReserve: uiTokenAmount(data.readBigUInt64LE(113), decimals) } : {}),
      ...(closeAuthority === null ? {} : { closeAuthority }),
      ...extensions(state),
    },
  };
}

/** Extensions of Token-2022 without content, by their type; others are named as a node names what it cannot parse. */
const EMPTY_EXTENSIONS: Readonly<Record<number, string>> = { 7: 'immutableOwner', 9: 'nonTransferable' };

function extensions({ owner, data }: AccountState): { extensions?: unknown[] } {
  if (owner !== TOKEN_2022 || data.length <= TOKEN_ACCOUNT_SIZE + 1) return {};
  const found: unknown[] = [];
  let at = TOKEN_ACCOUNT_SIZE + 1;
  while (at + 4 <= data.length && data.readUInt16LE(at) !== 0) {
    found.push({ extension: EMPTY_EXTENSIONS[data.readUInt16LE(at)] ?? 'unparseableExtension' });
    at += 4 + data.readUInt16LE(at + 2);
  }
  return { extensions: found };
}

function mint(state: AccountState): Parsed {
  const { data } = state;
  return {
    type: 'mint',
    info: {
      mintAuthority: optionalKey(data, 0),
      supply: mintSupplyOf(state).toString(),
      decimals: mintDecimalsOf(state),
      isInitialized: true,
      freezeAuthority: optionalKey(data, 46),
      ...extensions(state),
    },
  };
}

function multisig(data: Buffer): Parsed {
  const signers = Array.from({ length: Math.min(data[1] ?? 0, 11) }, (_, index) => key(data, 3 + 32 * index));
  return {
    type: 'multisig',
    info: { numRequiredSigners: data[0], numValidSigners: data[1], isInitialized: data[2] === 1, signers },
  };
}

function nonce(data: Buffer): Parsed {
  if (data.readUInt32LE(4) === 0) return { type: 'uninitialized', info: undefined };
  return {
    type: 'initialized',
    info: {
      authority: key(data, 8),
      blockhash: key(data, 40),
      feeCalculator: { lamportsPerSignature: data.readBigUInt64LE(72).toString() },
    },
  };
}

const STAKE_TYPES = ['uninitialized', 'initialized', 'delegated', 'rewardsPool'];

function stake(data: Buffer): Parsed {
  if (data.length < 200) return undefined;
  const type = STAKE_TYPES[data.readUInt32LE(0)];
  if (type === undefined) return undefined;
  if (type === 'uninitialized' || type === 'rewardsPool') return { type, info: undefined };
  const meta = {
    rentExemptReserve: data.readBigUInt64LE(4).toString(),
    authorized: { staker: key(data, 12), withdrawer: key(data, 44) },
    lockup: { unixTimestamp: data.readBigInt64LE(76), epoch: data.readBigUInt64LE(84), custodian: key(data, 92) },
  };
  const delegated = {
    delegation: {
      voter: key(data, 124),
      stake: data.readBigUInt64LE(156).toString(),
      activationEpoch: data.readBigUInt64LE(164).toString(),
      deactivationEpoch: data.readBigUInt64LE(172).toString(),
      warmupCooldownRate: data.readDoubleLE(180),
    },
    creditsObserved: data.readBigUInt64LE(188),
  };
  return { type, info: { meta, stake: type === 'delegated' ? delegated : null } };
}

const HEADERS = { buffer: 37, programData: 45 } as const;

function loader(data: Buffer): Parsed {
  const rest = (from: number): [string, 'base64'] => [data.subarray(from).toString('base64'), 'base64'];
  const authority = (at: number): string | null => (data[at] === 1 ? key(data, at + 1) : null);
  switch (data.readUInt32LE(0)) {
    case 0:
      return { type: 'uninitialized', info: undefined };
    case 1:
      return { type: 'buffer', info: { authority: authority(4), data: rest(HEADERS.buffer) } };
    case 2:
      return { type: 'program', info: { programData: key(data, 4) } };
    case 3:
      return {
        type: 'programData',
        info: { slot: data.readBigUInt64LE(4), authority: authority(12), data: rest(HEADERS.programData) },
      };
    default:
      return undefined;
  }
}

function lookupTable(data: Buffer): Parsed {
  if (data.length < 56 || data.readUInt32LE(0) !== 1) return undefined;
  const addresses = Array.from({ length: Math.floor((data.length - 56) / 32) }, (_, index) =>
    key(data, 56 + 32 * index),
  );
  return {
    type: 'lookupTable',
    info: {
      deactivationSlot: data.readBigUInt64LE(4).toString(),
      lastExtendedSlot: data.readBigUInt64LE(12).toString(),
      lastExtendedSlotStartIndex: data[20],
      ...(data[21] === 1 ? { authority: key(data, 22) } : {}),
      addresses,
    },
  };
}

function sysvar(address: string, data: Buffer): Parsed {
  if (address.startsWith('SysvarC1ock')) {
    const info = {
      slot: data.readBigUInt64LE(0),
      epochStartTimestamp: data.readBigInt64LE(8),
      epoch: data.readBigUInt64LE(16),
      leaderScheduleEpoch: data.readBigUInt64LE(24),
      unixTimestamp: data.readBigInt64LE(32),
    };
    return { type: 'clock', info };
  }
  if (!address.startsWith('SysvarRent1')) return undefined;
  const info = {
    lamportsPerByteYear: data.readBigUInt64LE(0).toString(),
    exemptionThreshold: data.readDoubleLE(8),
    burnPercent: data[16],
  };
  return { type: 'rent', info };
}

function named(address: string, state: AccountState, lookup: Lookup): [string, Parsed] {
  const { owner, data } = state;
  switch (owner) {
    case TOKEN:
    case TOKEN_2022: {
      const program = owner === TOKEN ? 'spl-token' : 'spl-token-2022';
      if (isTokenAccount(state)) return [program, tokenAccount(state, lookup)];
      if (isMint(state)) return [program, mint(state)];
      return [program, data.length === 355 ? multisig(data) : undefined];
    }
    case SYSTEM:
      return ['nonce', data.length === NONCE_SIZE ? nonce(data) : undefined];
    case STAKE:
      return ['stake', stake(data)];
    case UPGRADEABLE_LOADER:
      return ['bpf-upgradeable-loader', data.length < 4 ? undefined : loader(data)];
    case LOOKUP_TABLE:
      return ['address-lookup-table', lookupTable(data)];
    case SYSVAR_OWNER:
      return ['sysvar', sysvar(address, data)];
    default:
      return ['', undefined];
  }
}

/** The parsed content; undefined where a node falls back to base64. */
export function parsedAccount(address: string, state: AccountState, lookup: Lookup): ParsedData | undefined {
  try {
    const [program, parsed] = named(address, state, lookup);
    return parsed === undefined ? undefined : { program, parsed, space: state.data.length };
  } catch (error) {
    // Bytes of an owner that are shorter than its layout, such as a loader account under construction.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
