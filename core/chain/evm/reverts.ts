/** Why a contract refused, as a sentence and what to do: every error that the contracts of this project can give. */
import { decodeErrorResult, formatEther, isHex } from 'viem';
import type { Abi, Hex } from 'viem';
import { ChainError } from '../error.ts';
import type { ChainProblem } from '../error.ts';
import { CONTRACT_NAMES, artifactOf } from './artifacts.ts';
import type { EndpointError } from './rpc.ts';

type Args = readonly unknown[];
type Told = readonly [detail: string, fix: string];

const time = (seconds: unknown): string => new Date(Number(seconds as bigint) * 1000).toISOString();
const wei = (amount: unknown): string => `${formatEther(amount as bigint)} (${String(amount)} wei)`;

/** By the name of the error, or by its text where it is one of the three that clients of the public contract know. */
const REVERTS: Readonly<Record<string, (args: Args) => Told>> = {
  'not owner': () => ['Only the owner of the contract may do this.', 'Sign with the owner, or ask it to.'],
  'refund locked': () => ['The refund is still locked.', 'Wait until its unlock time; getBalance tells it.'],
  'insufficient stake': () => [
    'Registering takes at least the provider stake.',
    'Send providerStake() with the registration.',
  ],
  ZeroAddress: () => ['An address that must be given is zero.', 'Name the address.'],
  ZeroAmount: () => ['The amount is zero.', 'Name an amount above zero.'],
  AmountTooLarge: ([amount]) => [`An account cannot hold ${wei(amount)} more.`, 'Deposit less.'],
  InsufficientBalance: ([available, wanted]) => [
    `${wei(wanted)} were asked for and ${wei(available)} are there.`,
    'Ask for at most what is there.',
  ],
  NothingToWithdraw: () => [
    'There is nothing to withdraw.',
    'Request a refund or an exit first, or wait for earnings.',
  ],
  TransferFailed: ([receiver]) => [
    `${String(receiver)} refused the money.`,
    'The receiver is a contract that takes none: use an account that does.',
  ],
  ServiceUnknown: ([provider]) => [
    `No service is open under ${String(provider)}.`,
    'Check the provider address, or register the service first.',
  ],
  ValueNotTaken: ([value]) => [
    `${wei(value)} came with a service update, which takes no value.`,
    'Send the update without value; only the first registration carries a stake.',
  ],
  StakeLeaving: ([unlockAt]) => [
    `The stake leaves at ${time(unlockAt)}.`,
    'Withdraw it then, and register anew after.',
  ],
  StakeLocked: ([unlockAt]) => [`The stake stays until ${time(unlockAt)}.`, 'Wait until then.'],
  NotPendingOwner: ([caller]) => [
    `${String(caller)} was not offered the ownership.`,
    'Accept with the proposed owner, or propose again.',
  ],
  NotProvider: ([caller]) => [
    `${String(caller)} is neither the provider nor its signer.`,
    'Submit the batch as the provider or with its registered signer.',
  ],
  InvalidEpoch: ([epoch, last]) => [
    `Epoch ${String(epoch)} does not follow ${String(last)}.`,
    'Read lastEpoch() and use a higher one; if the batch was sent before, it may have been settled.',
  ],
  InvalidEntries: ([length]) => [`${String(length)} bytes are no whole entries.`, 'An entry is 40 bytes.'],
  InvalidBatchSignature: () => [
    'The batch is not signed by a signer of this provider.',
    'Sign it with the registered signer, for this chain and contract.',
  ],
  InvalidInvoice: () => ['The invoice is not signed by the issuer.', 'Ask for the invoice again.'],
  TermsChanged: () => ['The invoice was paid before under other terms.', 'Issue a new invoice under another id.'],
  WrongValue: ([value, wanted]) => [
    `${wei(value)} were sent where ${wei(wanted)} belong.`,
    'Send exactly the amount stated; none with a token.',
  ],
  NothingReceived: ([token]) => [`The token ${String(token)} moved nothing.`, 'Do not take this token.'],
  SafeERC20FailedOperation: ([token]) => [
    `The token ${String(token)} refused the transfer.`,
    'Check the balance and the allowance, and that the address is a token.',
  ],
  EnforcedPause: () => ['Payments are paused.', 'Pay when the operator has resumed them.'],
  ExpectedPause: () => ['Payments are not paused.', 'There is nothing to resume.'],
  OwnableUnauthorizedAccount: ([account]) => [
    `${String(account)} is not the owner.`,
    'Sign with the owner, or ask it to.',
  ],
  OwnableInvalidOwner: ([account]) => [`${String(account)} cannot own this.`, 'Name another owner.'],
  BeaconInvalidImplementation: ([implementation]) => [
    `There is no contract at ${String(implementation)}.`,
    'Deploy the implementation first and name its address.',
  ],
  ERC1967InvalidImplementation: ([implementation]) => [
    `There is no contract at ${String(implementation)}.`,
    'Deploy the implementation first and name its address.',
  ],
  ERC1967InvalidBeacon: ([beacon]) => [`There is no beacon at ${String(beacon)}.`, 'Deploy the beacon first.'],
  ERC1967NonPayable: () => ['The proxy takes no value when it is made.', 'Deploy it without value.'],
  InvalidInitialization: () => ['The contract was set up before.', 'Nothing is to be done; read its owner instead.'],
  NotInitializing: () => ['This is part of setting up only.', 'Call initialize through a new proxy.'],
  ReentrancyGuardReentrantCall: () => ['The call came in while another ran.', 'Send it as a transaction of its own.'],
  FailedCall: () => ['A call that the contract made failed.', 'Check the receiver and the arguments.'],
  AddressEmptyCode: ([target]) => [`There is no contract at ${String(target)}.`, 'Check the address.'],
  InsufficientBalanceOfContract: () => ['The contract holds too little.', 'Ask for less.'],
  InvalidShortString: () => ['A name of the domain is damaged.', 'Deploy the contract again from the committed code.'],
  StringTooLong: () => ['A name of the domain is too long.', 'Deploy the contract again from the committed code.'],
  Panic: ([code]) => [
    `The contract stopped at a broken invariant (panic ${String(code)}).`,
    'Report this with the transaction; no money moved.',
  ],
};

/** Errors of every contract, and the two that Solidity itself has. */
function knownErrors(): Abi {
  const ours = CONTRACT_NAMES.flatMap((name) => artifactOf(name).abi.filter(({ type }) => type === 'error'));
  return ours;
}

/** What revert data says, where it is one of the errors these contracts have. */
export function tellRevert(data: Hex): Readonly<{ reason: string; detail: string; fix: string }> {
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: knownErrors(), data }) as {
      errorName: string;
      args?: Args;
    };
    const reason = errorName === 'Error' ? String(args[0]) : errorName;
    const [detail, fix] = REVERTS[reason]?.(args) ?? [
      `The contract refused: ${reason}.`,
      'Check the address and the arguments.',
    ];
    return { reason, detail, fix };
  } catch {
    // Data of no error we know: another contract's, or none at all.
    const detail = data === '0x' ? 'The call failed without a reason.' : `The call failed with ${data.slice(0, 10)}.`;
    return { reason: data.slice(0, 10), detail, fix: 'Check that the address is the contract that is meant.' };
  }
}

function dataOf(error: EndpointError): Hex | undefined {
  const { data } = error;
  const inner = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data;
  return isHex(inner) ? inner : undefined;
}

/** Messages of nodes that mean one thing, whoever wrote the node (geth, reth, anvil, Nethermind, Erigon). */
const MESSAGES: readonly (readonly [RegExp, ChainProblem['code'], string, string])[] = [
  [
    /nonce.{0,8}too.{0,3}low|nonce is lower|OldNonce/i,
    'NONCE_TOO_LOW',
    'The nonce was used already.',
    'Look at what was sent with it before anything is sent again.',
  ],
  [
    /underpriced|fee too low|less than block base fee|lower than the minimum|FeeTooLow/i,
    'UNDERPRICED',
    'The offered fee is too low.',
    'Offer more, within the fee cap.',
  ],
  [
    /insufficient (funds|balance)|InsufficientFunds|doesn't have enough funds/i,
    'INSUFFICIENT_FUNDS',
    'The account cannot pay for value and gas.',
    "Send it some of the chain's coin.",
  ],
];

/** A node's refusal as a chain error: a revert with its reason, one of the known messages, or the message itself. */
export function tellRefusal(error: EndpointError): ChainError {
  const data = dataOf(error);
  const isRevert = data !== undefined || /revert/i.test(error.message);
  if (isRevert) {
    const { reason, detail, fix } = tellRevert(data ?? '0x');
    return new ChainError({ code: 'REVERTED', detail, fix, values: { reason } }, error);
  }
  const known = MESSAGES.find(([pattern]) => pattern.test(error.message));
  if (known === undefined) {
    const detail = `The endpoint refused: ${error.message.slice(0, 200)}.`;
    return new ChainError({ code: 'RPC_REFUSED', detail, fix: 'Check the request and the endpoint.' }, error);
  }
  const [, code, detail, fix] = known;
  return new ChainError({ code, detail, fix, values: { message: error.message.slice(0, 200) } }, error);
}

/** The names that have a sentence: a test compares them with the contracts' own. */
export const TOLD_REVERTS: readonly string[] = Object.keys(REVERTS);
