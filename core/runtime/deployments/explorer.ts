/** Asks a block explorer to verify what is deployed, beside our own comparison, which needs none. */
import type { EvmConnection } from '#core/chain/evm/connection.ts';
import { readRecord } from '#core/chain/evm/deployment-record.ts';
import { linkProxy, verifyAt } from '#core/chain/evm/verifiers.ts';
import type { Verifier } from '#core/chain/evm/verifiers.ts';
import type { DeploymentOrder } from '#core/contract/deployments.ts';
import { refuse } from '#core/domain/refusal.ts';
import type { RunResult } from './work.ts';

type Seen = Readonly<{
  signal: AbortSignal;
  contracts: readonly Readonly<{ role: string; name: string; address: string }>[];
}>;

/** None unless one is named. The key stays out of requests and command lines. */
function verifierOf(order: DeploymentOrder, connection: EvmConnection): Verifier | undefined {
  if (order.verifier === undefined) return undefined;
  const url = order.verifierUrl ?? connection.profile.verifierUrl;
  if (url === undefined) {
    return refuse({ code: 'STATE_FORBIDS', detail: 'This network has no explorer.', fix: 'Give its address.' });
  }
  const apiKey = process.env['TOLLKEEPER_VERIFIER_KEY'];
  return { kind: order.verifier, url, ...(apiKey === undefined ? {} : { apiKey }) };
}

/** What the explorer said of each contract. */
export async function askExplorer(
  { connection, recordFile }: Readonly<{ connection: EvmConnection; recordFile: string }>,
  order: DeploymentOrder,
  { signal, contracts }: Seen,
): Promise<RunResult> {
  const verifier = verifierOf(order, connection);
  if (verifier === undefined) return [];
  const record = readRecord(recordFile, connection.network, connection.profile.name);
  const said: { name: string; value: string }[] = [];
  const pauseMs = connection.profile.isTest && connection.profile.verifierUrl === undefined ? 10 : 1500;
  for (const { role, name, address } of contracts) {
    const contract = record.contracts.find((one) => one.address.toLowerCase() === address.toLowerCase());
    if (contract === undefined) continue;
    const request = { chainId: connection.network.chainId, contract, signal, pauseMs };
    const { match } = await verifyAt(verifier, request);
    if (role === 'proxy') await linkProxy(verifier, contract.address, request);
    said.push({ name: `${verifier.kind}, ${name}`, value: match });
  }
  return said;
}
