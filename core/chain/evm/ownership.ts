/**
 * Who may change a deployment: offered and accepted in two steps where the contract knows them, in one where it does
 * not (OpenZeppelin's UpgradeableBeacon). Each hand-over is a send of its own run, read back before it is recorded.
 */
import { encodeFunctionData, isAddressEqual } from 'viem';
import type { Address, Hex } from 'viem';
import { chainRefuses } from '../error.ts';
import { beaconAbi, paymentsAbi, servingAbi } from './abi.ts';
import type { DeployContext } from './deploy.ts';
import { readRecord, writeRecord } from './deployment-record.ts';
import type { DeploymentEvent, DeploymentRecord } from './deployment-record.ts';

export type OwnedUnit = 'serving' | 'payments';

/** Names a run: the same run again sends nothing twice. */
export type HandOver = Readonly<{ unit: OwnedUnit; to: Address; runId: string }>;

function addressIn(record: DeploymentRecord, unit: OwnedUnit): Address {
  const address = unit === 'serving' ? record.serving?.proxy : record.payments?.address;
  return (
    address ??
    chainRefuses({
      code: 'STATE_FORBIDS',
      detail: `No ${unit} is recorded on this network.`,
      fix: 'Deploy it first.',
    })
  );
}

function checkIs(held: Address, account: Address, what: string): void {
  if (isAddressEqual(held, account)) return;
  chainRefuses({
    code: 'STATE_FORBIDS',
    detail: `${what} is ${held}, not ${account}.`,
    fix: 'Sign with that account.',
    values: { holder: held },
  });
}

const opened = ({ connection, recordFile }: DeployContext): DeploymentRecord =>
  readRecord(recordFile, connection.network, connection.profile.name);

type Call = Readonly<{ id: string; to: Address; data: Hex; summary: string }>;

async function carryOut(context: DeployContext, { id, to, data, summary }: Call): Promise<void> {
  context.tell(`${summary}: sending`);
  await context.sender.submit({ id, to, data, valueWei: 0n, summary });
  const { state, mined } = await context.sender.finish(id, context);
  if (state === 'reverted') {
    chainRefuses({
      code: 'REVERTED',
      detail: `${summary}: the contract refused it.`,
      fix: 'Look at who owns it now, and begin anew.',
      values: { transaction: mined?.hash ?? null },
    });
  }
  context.stepped();
}

function note(context: DeployContext, what: DeploymentEvent['what'], detail: string): void {
  const record = opened(context);
  const event: DeploymentEvent = { what, atMs: context.now(), by: context.account, detail };
  writeRecord(context.recordFile, { ...record, history: [...record.history, event] });
}

type Standing = Readonly<{ owner: Address; pending: Address }>;

async function standingOf({ connection }: DeployContext, unit: OwnedUnit, address: Address): Promise<Standing> {
  const abi = unit === 'serving' ? servingAbi : paymentsAbi;
  const [owner, pending] = await Promise.all([
    connection.agreedRead({ address, abi, functionName: 'owner', args: [] }),
    connection.agreedRead({ address, abi, functionName: 'pendingOwner', args: [] }),
  ]);
  return { owner, pending };
}

/** Offers a contract to another account, which has to accept it; until then nothing changes. */
export async function offerOwnership(context: DeployContext, { unit, to, runId }: HandOver): Promise<void> {
  const address = addressIn(opened(context), unit);
  const before = await standingOf(context, unit, address);
  checkIs(before.owner, context.account, 'The owner');
  if (!isAddressEqual(before.pending, to)) {
    const data =
      unit === 'serving'
        ? encodeFunctionData({ abi: servingAbi, functionName: 'proposeOwner', args: [to] })
        : encodeFunctionData({ abi: paymentsAbi, functionName: 'transferOwnership', args: [to] });
    await carryOut(context, { id: `offer-${runId}`, to: address, data, summary: `Offer ${unit} to ${to}` });
  }
  checkIs((await standingOf(context, unit, address)).pending, to, 'The account it is offered to');
  note(context, 'ownership-offered', `${unit} to ${to}`);
  context.tell(`${unit} is offered to ${to}, which must accept it.`);
}

/** Takes what was offered to the account. */
export async function acceptOwnership(context: DeployContext, { unit, runId }: Omit<HandOver, 'to'>): Promise<void> {
  const { account } = context;
  const address = addressIn(opened(context), unit);
  const before = await standingOf(context, unit, address);
  if (!isAddressEqual(before.owner, account)) {
    checkIs(before.pending, account, 'The account it is offered to');
    const abi = unit === 'serving' ? servingAbi : paymentsAbi;
    const data = encodeFunctionData({ abi, functionName: 'acceptOwnership', args: [] });
    await carryOut(context, { id: `accept-${runId}`, to: address, data, summary: `Accept ${unit}` });
  }
  checkIs((await standingOf(context, unit, address)).owner, account, 'The owner');
  const record = opened(context);
  const serving = record.serving && unit === 'serving' ? { serving: { ...record.serving, owner: account } } : {};
  const payments = record.payments && unit === 'payments' ? { payments: { ...record.payments, owner: account } } : {};
  writeRecord(context.recordFile, { ...record, ...serving, ...payments });
  note(context, 'ownership-accepted', `${unit} by ${account}`);
  context.tell(`${account} owns ${unit}.`);
}

/** Gives the beacon away, which decides the code of every proxy. One step: the new owner need not accept it. */
export async function transferBeacon(context: DeployContext, { to, runId }: Omit<HandOver, 'unit'>): Promise<void> {
  const record = opened(context);
  addressIn(record, 'serving');
  const address = record.serving?.beacon ?? to;
  const read = { address, abi: beaconAbi, functionName: 'owner', args: [] } as const;
  const owner = await context.connection.agreedRead(read);
  if (!isAddressEqual(owner, to)) {
    checkIs(owner, context.account, 'The owner of the beacon');
    const data = encodeFunctionData({ abi: beaconAbi, functionName: 'transferOwnership', args: [to] });
    await carryOut(context, { id: `beacon-${runId}`, to: address, data, summary: `Give the beacon to ${to}` });
  }
  checkIs(await context.connection.agreedRead(read), to, 'The owner of the beacon');
  note(context, 'beacon-transferred', `to ${to}`);
  context.tell(`${to} decides the code of every proxy now.`);
}
