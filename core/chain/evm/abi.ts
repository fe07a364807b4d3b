/**
 * The functions of our contracts as TypeScript knows them: the committed artifacts in a form whose types are read at
 * compile time. A test compares the two. Events are decoded by the artifacts themselves.
 */
import { parseAbi } from 'viem';

/** Prepaid usage: deposits, refunds, settlement, providers. */
export const servingAbi = parseAbi([
  'struct V { address user; address provider; uint256 totalFee; bytes32 usageHash; uint256 nonce; bytes signature; }',
  'function LOCK_TIME() view returns (uint256)',
  'function acceptOwnership()',
  'function acknowledgeTEESigner(address provider, bool acknowledged)',
  'function addOrUpdateService(string, address, uint256, uint256, uint256) payable',
  'function balanceOfBatch(address[] users, address provider) view returns (uint256[] balances)',
  'function cancelledRefundOf(address user, address provider) view returns (uint256 amount, uint256 unlockAt)',
  'function deposit(address recipient, address provider) payable',
  'function domainSeparator() view returns (bytes32)',
  'function getBalance(address, address) view returns (uint256, uint256, uint256)',
  'function getLastNonce(address user, address provider) view returns (uint256)',
  'function getProviderEarnings(address provider) view returns (uint256)',
  'function initialize(uint256 initialStake)',
  'function isTEEAcknowledged(address user, address provider) view returns (bool)',
  'function lastEpoch(address provider) view returns (uint256)',
  'function owner() view returns (address)',
  'function pendingOwner() view returns (address)',
  'function previewSettlementResults(V[] vouchers) view returns (uint8[] statuses)',
  'function proposeOwner(address newOwner)',
  'function providerEarnings(address provider) view returns (uint256)',
  'function providerStake() view returns (uint256)',
  'function providerStakes(address) view returns (uint256)',
  'function requestRefund(address provider, uint256 amount)',
  'function requestStakeExit()',
  'function serviceExists(address provider) view returns (bool)',
  'function services(address) view returns (string, address, uint256, uint256, uint256, uint256)',
  'function setProviderStake(uint256 newStake)',
  'function settleBatch(address, uint256, bytes32, bytes, bytes) returns (uint256, uint256)',
  'function settleFeesWithTEE(V[] vouchers) returns (uint8[] statuses)',
  'function stakeUnlockAt(address provider) view returns (uint256)',
  'function transferOwnership(address newOwner)',
  'function withdrawCancelledRefund(address provider)',
  'function withdrawEarnings()',
  'function withdrawRefund(address provider)',
  'function withdrawStake()',
]);

/** Invoices and credit. */
export const paymentsAbi = parseAbi([
  'struct Invoice { bytes32 id; bytes32 account; address token; uint256 amount; }',
  'function NATIVE() view returns (address)',
  'function acceptOwnership()',
  'function depositCredit(bytes32 account, address token, uint256 amount) payable',
  'function domainSeparator() view returns (bytes32)',
  'function eip712Domain() view returns (bytes1, string, string, uint256, address, bytes32, uint256[])',
  'function issuer() view returns (address)',
  'function owner() view returns (address)',
  'function paidOf(bytes32) view returns (uint256)',
  'function pause()',
  'function paused() view returns (bool)',
  'function payInvoice(Invoice invoice, bytes signature, uint256 amount) payable',
  'function pendingOwner() view returns (address)',
  'function renounceOwnership()',
  'function setIssuer(address newIssuer)',
  'function transferOwnership(address newOwner)',
  'function unpause()',
  'function withdraw(address token, address to, uint256 amount)',
]);

/** Which implementation runs behind every proxy. */
export const beaconAbi = parseAbi([
  'function implementation() view returns (address)',
  'function owner() view returns (address)',
  'function renounceOwnership()',
  'function transferOwnership(address newOwner)',
  'function upgradeTo(address newImplementation)',
]);
