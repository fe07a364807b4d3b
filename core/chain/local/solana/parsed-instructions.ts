/** Instructions as `jsonParsed` shows them: system, token, associated token, memo (solana-transaction-status). */
import { ASSOCIATED_TOKEN, MEMO, MEMO_V1, SYSTEM, TOKEN, TOKEN_2022 } from './addresses.ts';
import { base58 } from './base58.ts';
import { uiTokenAmount } from './token-balances.ts';

export type PlainInstruction = Readonly<{ programId: string; accounts: readonly string[]; data: Buffer }>;
export type Parsed = Readonly<{ type: string; info: Readonly<Record<string, unknown>> }>;

/** Reads one field of an instruction's data and moves on. */
type Field = 'u8' | 'u64' | 'u64text' | 'key' | 'seed' | 'optionalKey' | 'amount';

class Fields {
  readonly #data: Buffer;
  #at: number;

  constructor(data: Buffer, at: number) {
    this.#data = data;
    this.#at = at;
  }

  #move(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    return at;
  }

  read(field: Field): unknown {
    switch (field) {
      case 'u8':
        return this.#data.readUInt8(this.#move(1));
      case 'u64':
        return this.#data.readBigUInt64LE(this.#move(8));
      case 'u64text':
        return this.#data.readBigUInt64LE(this.#move(8)).toString();
      case 'amount': {
        const amount = this.#data.readBigUInt64LE(this.#move(8));
        return uiTokenAmount(amount, this.#data.readUInt8(this.#move(1)));
      }
      case 'key':
        return base58(this.#data.subarray(this.#at, this.#move(32) + 32));
      case 'optionalKey':
        return this.#data[this.#move(1)] === 1 ? this.read('key') : undefined;
      case 'seed': {
        const length = Number(this.#data.readBigUInt64LE(this.#move(8)));
        const at = this.#move(length);
        return this.#data.toString('utf8', at, at + length);
      }
    }
  }
}

type Shape = Readonly<{
  type: string;
  accounts: readonly string[];
  fields?: readonly (readonly [string, Field])[];
  /** Which of the accounts may be a multisig, whose signers then follow. */
  authority?: string;
}>;

const RECENT = 'recentBlockhashesSysvar';

const SYSTEM_SHAPES: Readonly<Record<number, Shape>> = {
  0: {
    type: 'createAccount',
    accounts: ['source', 'newAccount'],
    fields: [
      ['lamports', 'u64'],
      ['space', 'u64'],
      ['owner', 'key'],
    ],
  },
  1: { type: 'assign', accounts: ['account'], fields: [['owner', 'key']] },
  2: { type: 'transfer', accounts: ['source', 'destination'], fields: [['lamports', 'u64']] },
  3: {
    type: 'createAccountWithSeed',
    accounts: ['source', 'newAccount'],
    fields: [
      ['base', 'key'],
      ['seed', 'seed'],
      ['lamports', 'u64'],
      ['space', 'u64'],
      ['owner', 'key'],
    ],
  },
  4: { type: 'advanceNonce', accounts: ['nonceAccount', RECENT, 'nonceAuthority'] },
  5: {
    type: 'withdrawFromNonce',
    accounts: ['nonceAccount', 'destination', RECENT, 'rentSysvar', 'nonceAuthority'],
    fields: [['lamports', 'u64']],
  },
  6: { type: 'initializeNonce', accounts: ['nonceAccount', RECENT, 'rentSysvar'], fields: [['nonceAuthority', 'key']] },
  7: { type: 'authorizeNonce', accounts: ['nonceAccount', 'nonceAuthority'], fields: [['newAuthorized', 'key']] },
  8: { type: 'allocate', accounts: ['account'], fields: [['space', 'u64']] },
  9: {
    type: 'allocateWithSeed',
    accounts: ['account'],
    fields: [
      ['base', 'key'],
      ['seed', 'seed'],
      ['space', 'u64'],
      ['owner', 'key'],
    ],
  },
  10: {
    type: 'assignWithSeed',
    accounts: ['account'],
    fields: [
      ['base', 'key'],
      ['seed', 'seed'],
      ['owner', 'key'],
    ],
  },
  11: {
    type: 'transferWithSeed',
    accounts: ['source', 'sourceBase', 'destination'],
    fields: [
      ['lamports', 'u64'],
      ['sourceSeed', 'seed'],
      ['sourceOwner', 'key'],
    ],
  },
};

const TOKEN_SHAPES: Readonly<Record<number, Shape>> = {
  0: {
    type: 'initializeMint',
    accounts: ['mint', 'rentSysvar'],
    fields: [
      ['decimals', 'u8'],
      ['mintAuthority', 'key'],
      ['freezeAuthority', 'optionalKey'],
    ],
  },
  1: { type: 'initializeAccount', accounts: ['account', 'mint', 'owner', 'rentSysvar'] },
  3: {
    type: 'transfer',
    accounts: ['source', 'destination', 'authority'],
    fields: [['amount', 'u64text']],
    authority: 'authority',
  },
  4: {
    type: 'approve',
    accounts: ['source', 'delegate', 'owner'],
    fields: [['amount', 'u64text']],
    authority: 'owner',
  },
  5: { type: 'revoke', accounts: ['source', 'owner'], authority: 'owner' },
  7: {
    type: 'mintTo',
    accounts: ['mint', 'account', 'mintAuthority'],
    fields: [['amount', 'u64text']],
    authority: 'mintAuthority',
  },
  8: {
    type: 'burn',
    accounts: ['account', 'mint', 'authority'],
    fields: [['amount', 'u64text']],
    authority: 'authority',
  },
  9: { type: 'closeAccount', accounts: ['account', 'destination', 'owner'], authority: 'owner' },
  10: { type: 'freezeAccount', accounts: ['account', 'mint', 'freezeAuthority'], authority: 'freezeAuthority' },
  11: { type: 'thawAccount', accounts: ['account', 'mint', 'freezeAuthority'], authority: 'freezeAuthority' },
  12: {
    type: 'transferChecked',
    accounts: ['source', 'mint', 'destination', 'authority'],
    fields: [['tokenAmount', 'amount']],
    authority: 'authority',
  },
  13: {
    type: 'approveChecked',
    accounts: ['source', 'mint', 'delegate', 'owner'],
    fields: [['tokenAmount', 'amount']],
    authority: 'owner',
  },
  14: {
    type: 'mintToChecked',
    accounts: ['mint', 'account', 'mintAuthority'],
    fields: [['tokenAmount', 'amount']],
    authority: 'mintAuthority',
  },
  15: {
    type: 'burnChecked',
    accounts: ['account', 'mint', 'authority'],
    fields: [['tokenAmount', 'amount']],
    authority: 'authority',
  },
  16: { type: 'initializeAccount2', accounts: ['account', 'mint', 'rentSysvar'], fields: [['owner', 'key']] },
  17: { type: 'syncNative', accounts: ['account'] },
  18: { type: 'initializeAccount3', accounts: ['account', 'mint'], fields: [['owner', 'key']] },
  20: {
    type: 'initializeMint2',
    accounts: ['mint'],
    fields: [
      ['decimals', 'u8'],
      ['mintAuthority', 'key'],
      ['freezeAuthority', 'optionalKey'],
    ],
  },
  21: { type: 'getAccountDataSize', accounts: ['mint'] },
  22: { type: 'initializeImmutableOwner', accounts: ['account'] },
};

const ATA_ACCOUNTS = ['source', 'account', 'wallet', 'mint', 'systemProgram', 'tokenProgram'];
const ATA_SHAPES: Readonly<Record<number, Shape>> = {
  0: { type: 'create', accounts: ATA_ACCOUNTS },
  1: { type: 'createIdempotent', accounts: ATA_ACCOUNTS },
  2: {
    type: 'recoverNested',
    accounts: ['nestedSource', 'nestedMint', 'destination', 'nestedOwner', 'ownerMint', 'wallet', 'tokenProgram'],
  },
};

function shaped(shape: Shape | undefined, accounts: readonly string[], fields: Fields): Parsed | undefined {
  if (shape === undefined || accounts.length < shape.accounts.length) return undefined;
  const info: Record<string, unknown> = {};
  shape.accounts.forEach((name, index) => {
    info[name] = accounts[index];
  });
  const signers = accounts.slice(shape.accounts.length);
  if (shape.authority !== undefined && signers.length > 0) {
    const name = shape.authority;
    info[`multisig${name.charAt(0).toUpperCase()}${name.slice(1)}`] = info[name];
    delete info[name];
    info['signers'] = signers;
  }
  for (const [name, field] of shape.fields ?? []) {
    const value = fields.read(field);
    if (value !== undefined) info[name] = value;
  }
  return { type: shape.type, info };
}

function parse({ programId, accounts, data }: PlainInstruction): [string, Parsed | string] | undefined {
  const under = (program: string, parsed: Parsed | undefined): [string, Parsed] | undefined =>
    parsed === undefined ? undefined : [program, parsed];
  switch (programId) {
    case SYSTEM:
      return under('system', shaped(SYSTEM_SHAPES[data.readUInt32LE(0)], accounts, new Fields(data, 4)));
    case TOKEN:
    case TOKEN_2022:
      return under('spl-token', shaped(TOKEN_SHAPES[data.readUInt8(0)], accounts, new Fields(data, 1)));
    case ASSOCIATED_TOKEN:
      return under('spl-associated-token-account', shaped(ATA_SHAPES[data[0] ?? 0], accounts, new Fields(data, 1)));
    case MEMO:
    case MEMO_V1:
      return ['spl-memo', data.toString('utf8')];
    default:
      return undefined;
  }
}

/** The instruction with its meaning, or "partially decoded" as a node gives one it does not know. */
export function parsedInstruction(instruction: PlainInstruction, stackHeight: number): unknown {
  const { programId, accounts, data } = instruction;
  try {
    const found = parse(instruction);
    if (found !== undefined) return { parsed: found[1], program: found[0], programId, stackHeight };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // Shorter than its layout: not what it claims to be.
  }
  return { accounts, data: base58(data), programId, stackHeight };
}
