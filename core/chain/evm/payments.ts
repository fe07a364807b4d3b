/** Payments as the console reads and drives it: invoices as the issuer signs them, and what was paid of each. */
import { encodeFunctionData, keccak256, stringToHex, zeroAddress } from 'viem';
import type { Address, Hex } from 'viem';
import type { TypedData } from '#core/signing/port.ts';
import { paymentsAbi } from './abi.ts';
import type { EvmConnection } from './connection.ts';
import type { Intent } from './send.ts';

/** The chain's own coin, where a token is asked for. */
export const NATIVE = zeroAddress;

/** What an invoice asks on-chain. Id and account are the console's own; `amountMinor` is of the token's minor units. */
export type ChainInvoice = Readonly<{ id: string; account: string; token: Address; amountMinor: bigint }>;

/** Ids of any length as 32 bytes: Keccak-256 of their UTF-8. The contract and its events know only this form. */
export function chainId32(id: string): Hex {
  return keccak256(stringToHex(id));
}

function tupleOf({ id, account, token, amountMinor }: ChainInvoice) {
  return { id: chainId32(id), account: chainId32(account), token, amount: amountMinor };
}

/** An invoice as typed data (EIP-712): with the issuer's signature anyone may pay it, and nobody can make one up. */
export function typedInvoice(
  invoice: ChainInvoice,
  { chainId, verifyingContract }: Readonly<{ chainId: bigint; verifyingContract: Address }>,
): TypedData {
  return {
    domain: { name: 'Tollkeeper Payments', version: '1', chainId, verifyingContract },
    types: {
      Invoice: [
        { name: 'id', type: 'bytes32' },
        { name: 'account', type: 'bytes32' },
        { name: 'token', type: 'address' },
        { name: 'amount', type: 'uint256' },
      ],
    },
    primaryType: 'Invoice',
    message: tupleOf(invoice),
  };
}

/** How much of an invoice was paid, in minor units of its token; never above its amount. */
export function paidOf(connection: EvmConnection, payments: Address, invoiceId: string): Promise<bigint> {
  const args = [chainId32(invoiceId)] as const;
  return connection.agreedRead({ address: payments, abi: paymentsAbi, functionName: 'paidOf', args });
}

/** The intent to pay part or all of an invoice. What arrives beyond it becomes credit of its account. */
export function payInvoice(
  id: string,
  payments: Address,
  pay: Readonly<{ invoice: ChainInvoice; signature: Hex; amountMinor: bigint }>,
): Intent {
  const { invoice, signature, amountMinor } = pay;
  const args = [tupleOf(invoice), signature, amountMinor] as const;
  const data = encodeFunctionData({ abi: paymentsAbi, functionName: 'payInvoice', args });
  const valueWei = invoice.token === NATIVE ? amountMinor : 0n;
  return { id, to: payments, data, valueWei, summary: `Pay ${amountMinor} toward invoice ${invoice.id}` };
}

/** The intent to deposit credit for an account, with no invoice. */
export function depositCredit(
  id: string,
  payments: Address,
  credit: Readonly<{ account: string; token: Address; amountMinor: bigint }>,
): Intent {
  const { account, token, amountMinor } = credit;
  const args = [chainId32(account), token, amountMinor] as const;
  const data = encodeFunctionData({ abi: paymentsAbi, functionName: 'depositCredit', args });
  const valueWei = token === NATIVE ? amountMinor : 0n;
  return { id, to: payments, data, valueWei, summary: `Deposit ${amountMinor} as credit of ${account}` };
}
