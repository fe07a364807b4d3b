/** SPL token accounts as bytes: balances before and after a transaction, and amounts as a node writes them. */
import { TOKEN, TOKEN_2022, TOKEN_PROGRAMS } from './addresses.ts';
import { base58 } from './base58.ts';
import type { AccountState } from './engine.ts';

/** Layouts of spl-token: `Mint` 82 bytes, `Account` 165, `Multisig` 355; Token-2022 adds a type byte at 165. */
export const MINT_SIZE = 82;
export const TOKEN_ACCOUNT_SIZE = 165;
const MULTISIG_SIZE = 355;
const TYPE_MINT = 1;
const TYPE_ACCOUNT = 2;

export type UiTokenAmount = Readonly<{
  amount: string;
  decimals: number;
  uiAmount: number | null;
  uiAmountString: string;
}>;

export type TokenBalance = Readonly<{
  accountIndex: number;
  mint: string;
  owner: string;
  programId: string;
  uiTokenAmount: UiTokenAmount;
}>;

/** `spl_token::amount_to_ui_amount_string_trimmed`: exact decimal digits, without trailing zeros. */
export function uiAmountString(amount: bigint, decimals: number): string {
  if (decimals === 0) return amount.toString();
  const digits = amount.toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = digits.slice(0, -decimals);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** `uiAmount` is a float for people; a node gives it beside the exact text and so does this. */
export function uiTokenAmount(amount: bigint, decimals: number): UiTokenAmount {
  const text = uiAmountString(amount, decimals);
  return { amount: amount.toString(), decimals, uiAmount: Number(text), uiAmountString: text };
}

export function isTokenAccount(state: AccountState | undefined): state is AccountState {
  if (state === undefined || !TOKEN_PROGRAMS.includes(state.owner)) return false;
  const { data } = state;
  if (data.length === MULTISIG_SIZE || data.length < TOKEN_ACCOUNT_SIZE) return false;
  if (data.length > TOKEN_ACCOUNT_SIZE && (state.owner === TOKEN || data[TOKEN_ACCOUNT_SIZE] !== TYPE_ACCOUNT))
    return false;
  return data[108] !== 0;
}

export function isMint(state: AccountState | undefined): state is AccountState {
  if (state === undefined || !TOKEN_PROGRAMS.includes(state.owner)) return false;
  const { data } = state;
  if (data.length === MINT_SIZE) return data[45] === 1;
  return (
    state.owner === TOKEN_2022 &&
    data.length > TOKEN_ACCOUNT_SIZE &&
    data[TOKEN_ACCOUNT_SIZE] === TYPE_MINT &&
    data[45] === 1
  );
}

export const mintOf = ({ data }: AccountState): string => base58(data.subarray(0, 32));
export const tokenOwnerOf = ({ data }: AccountState): string => base58(data.subarray(32, 64));
export const tokenAmountOf = ({ data }: AccountState): bigint => data.readBigUInt64LE(64);
export const mintSupplyOf = ({ data }: AccountState): bigint => data.readBigUInt64LE(36);
export const mintDecimalsOf = ({ data }: AccountState): number => data[44] ?? 0;
export const delegateOf = ({ data }: AccountState): string | undefined =>
  data.readUInt32LE(72) === 1 ? base58(data.subarray(76, 108)) : undefined;

/** Token balances of a transaction's accounts, as in `meta.preTokenBalances`. */
export function tokenBalances(
  keys: readonly string[],
  states: ReadonlyMap<string, AccountState | undefined>,
  mintAt: (address: string) => AccountState | undefined,
): TokenBalance[] {
  return keys.flatMap((key, accountIndex) => {
    const state = states.get(key);
    if (!isTokenAccount(state)) return [];
    const mint = mintOf(state);
    const minted = states.get(mint) ?? mintAt(mint);
    if (!isMint(minted)) return [];
    const uiTokenAmountOf = uiTokenAmount(tokenAmountOf(state), mintDecimalsOf(minted));
    return [{ accountIndex, mint, owner: tokenOwnerOf(state), programId: state.owner, uiTokenAmount: uiTokenAmountOf }];
  });
}
