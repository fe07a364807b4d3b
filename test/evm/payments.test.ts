/** An invoice from the issuer's signature to the event that a reconciler reads, and the local chain's controls. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { artifactOf } from '#core/chain/evm/artifacts.ts';
import { cursorAt, pollLogs } from '#core/chain/evm/logs.ts';
import { NATIVE, chainId32, depositCredit, paidOf, payInvoice, typedInvoice } from '#core/chain/evm/payments.ts';
import { httpEndpoint } from '#core/chain/evm/rpc.ts';
import { anvilBinary } from '#core/chain/local/evm/anvil.ts';
import { startLocalEvm } from '#core/chain/local/evm/local-evm.ts';
import type { LocalEvm } from '#core/chain/local/evm/local-evm.ts';
import { openLocalPanel } from '#core/chain/local/evm/panel.ts';
import { createDevEvmSigner } from '#core/signing/dev-evm.ts';
import { senderOf } from '../support/evm-world.ts';

let folder: string;
let chain: LocalEvm;

describe.skipIf(anvilBinary() === undefined)('on the local chain, where npm has anvil', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tollkeeper-pay-'));
    chain = await startLocalEvm(folder);
  });

  afterAll(async () => {
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('an invoice is paid once, and the rest is credit', async () => {
    const [issuer = '0x', payer = '0x'] = chain.accounts;
    const { connection, sender } = await senderOf({ endpoints: [httpEndpoint(chain.rpcUrl)], account: payer });
    const { payments } = chain.contracts;
    const invoice = { id: 'inv_2026-0001', account: 'cus_acme', token: NATIVE, amountMinor: 1000n };
    const { network } = connection;
    const typed = typedInvoice(invoice, { chainId: network.chainId, verifyingContract: payments });
    const signer = await createDevEvmSigner();
    const signed = await signer.sign(
      { type: 'evm.typed', network, account: issuer, typed, summary: 'Issue an invoice' },
      { approvalId: 'test', signal: AbortSignal.timeout(5000), onStep: () => undefined },
    );
    const signature = bytesToHex(signed.signature);
    const start = await connection.agreedHead();

    const forged = { invoice: { ...invoice, amountMinor: 1n }, signature, amountMinor: 1n };
    await expect(sender.submit(payInvoice('forged', payments, forged))).rejects.toMatchObject({
      refusal: { values: { reason: 'InvalidInvoice' } },
    });
    for (const [id, amountMinor] of [
      ['pay-1', 600n],
      ['pay-2', 700n],
    ] as const) {
      await sender.submit(payInvoice(id, payments, { invoice, signature, amountMinor }));
      await sender.finish(id, { signal: AbortSignal.timeout(5000), pauseMs: 5 });
    }
    const credit = { account: 'cus_acme', token: NATIVE, amountMinor: 50n };
    await sender.submit(depositCredit('credit-1', payments, credit));
    await sender.finish('credit-1', { signal: AbortSignal.timeout(5000), pauseMs: 5 });
    expect(await paidOf(connection, payments, invoice.id)).toBe(1000n);

    const source = { connection, addresses: [payments], abi: artifactOf('Payments').abi };
    const { added } = await pollLogs(source, cursorAt(start.number, start.hash));
    expect(added.map(({ name, args }) => [name, args['amount']])).toEqual([
      ['InvoicePaid', 600n],
      ['InvoicePaid', 400n],
      ['CreditDeposited', 300n],
      ['CreditDeposited', 50n],
    ]);
    expect(added[0]?.args).toMatchObject({ id: chainId32(invoice.id), account: chainId32('cus_acme'), payer });
    expect(new Set(added.map(({ id }) => id)).size).toBe(4);
  });

  test('its controls show blocks and accounts, give money and move time', async () => {
    const panel = await openLocalPanel(chain.rpcUrl);
    const [first, second] = await panel.blocks(2);
    expect(first?.number).toBe((second?.number ?? 0n) + 1n);
    expect((await panel.blocks(10_000)).at(-1)?.number).toBe(0n);
    const [account] = await panel.accounts();
    await panel.faucet(account?.address ?? '0x', 5n);
    expect((await panel.accounts())[0]?.balanceWei).toBe((account?.balanceWei ?? 0n) + 5n);
    const now = (await panel.blocks(1))[0]?.timestampS ?? 0n;
    expect(await panel.travel(7200)).toBeGreaterThanOrEqual(now + 7200n);
    await expect(openLocalPanel('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'LOCAL_CHAIN_FAILED' });
  });
});
