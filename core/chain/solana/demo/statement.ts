/** What a demo says it did, and the proof of it from the chain alone: accounts, and the events of every signature. */
import { Connection, PublicKey } from '@solana/web3.js';
import { clusterOf } from '#core/domain/solana-cluster.ts';
import { isTruncated } from '../program-logs.ts';
import { UsageVaultProgram } from '../usage-vault.ts';

/** Amounts are lamports as decimal text. */
export type Statement = Readonly<{
  rpc: string;
  systemVault: string;
  userVault: string;
  /** Of transactions on the base chain, in their order. */
  signatures: readonly string[];
  units: string;
  depositedLamports: string;
  feesLamports: string;
  withdrawnLamports: string;
  paidOutLamports: string;
}>;

export type Finding = Readonly<{ what: string; stated: string; onChain: string; isEqual: boolean }>;

type Sums = { deposited: bigint; charged: bigint; paid: bigint; withdrawn: bigint; paidOut: bigint; missing: number };

/** Sums the events of every stated signature; a signature that the chain does not have counts as missing. */
async function eventSums(statement: Statement, connection: Connection, program: UsageVaultProgram): Promise<Sums> {
  const sums: Sums = { deposited: 0n, charged: 0n, paid: 0n, withdrawn: 0n, paidOut: 0n, missing: 0 };
  for (const signature of statement.signatures) {
    const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
    const logs = found?.meta?.logMessages ?? [];
    // Of a log that was cut, events may be missing: it proves nothing.
    if (found === null || found.meta?.err != null || isTruncated(logs)) sums.missing += 1;
    for (const { name, fields } of program.events(logs)) {
      const lamports = (field: string): bigint => BigInt(String(fields[field] ?? 0));
      if (fields['userVault'] !== statement.userVault) continue;
      if (name === 'Deposited') sums.deposited += lamports('lamports');
      if (name === 'FeeCharged') {
        sums.charged += lamports('feeLamports');
        sums.paid += lamports('paidLamports');
      }
      if (name === 'Withdrawn') sums.withdrawn += lamports('lamports');
      if (name === 'UserVaultClosed') sums.paidOut += lamports('balanceLamports');
    }
  }
  return sums;
}

/** Compares a statement with the chain. Every finding must be equal. */
export async function verifyStatement(statement: Statement): Promise<Finding[]> {
  const connection = new Connection(statement.rpc, 'confirmed');
  const program = new UsageVaultProgram(clusterOf(await connection.getGenesisHash()));
  const sums = await eventSums(statement, connection, program);
  const account = await connection.getAccountInfo(new PublicKey(statement.systemVault));
  const system = account === null ? undefined : program.readSystemVault(account.data);
  const user = await connection.getAccountInfo(new PublicKey(statement.userVault));
  const above = account === null || system === undefined ? null : BigInt(account.lamports) - system.rentLamports;
  const rows: (readonly [string, string, string])[] = [
    ['signatures that the chain does not have', '0', sums.missing.toString()],
    ['deposits', statement.depositedLamports, sums.deposited.toString()],
    ['fees charged', statement.feesLamports, sums.charged.toString()],
    ['fees paid', statement.feesLamports, sums.paid.toString()],
    ['withdrawals', statement.withdrawnLamports, sums.withdrawn.toString()],
    ['paid out at the exit', statement.paidOutLamports, sums.paidOut.toString()],
    ['earnings in the system vault above its rent', statement.feesLamports, String(above)],
    ['lamports left in the user vault', '0', String(user?.lamports ?? 0)],
  ];
  return rows.map(([what, stated, onChain]) => ({ what, stated, onChain, isEqual: stated === onChain }));
}
