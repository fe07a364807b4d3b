/** How fast vouchers are digested and signed on one core, against the general encoder and signer of viem. */
import { bytesToHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { VoucherDigests, typedVoucher } from '#core/domain/voucher.ts';
import type { Voucher } from '#core/domain/voucher.ts';
import { developmentKeys } from '#core/signing/dev-evm.ts';
import { openCurve, openKeccak } from '#core/signing/secp256k1.ts';
import type { Row } from './rows.ts';

const SECONDS = 3;
const GOAL = 15_000;
const DOMAIN = { chainId: 16602n, verifyingContract: `0x${'dead'.padStart(40, '0')}` };

function voucher(nonce: bigint): Voucher {
  const [user, provider] = [`0x${'11'.repeat(20)}`, `0x${'22'.repeat(20)}`];
  return { user, provider, totalFeeWei: 10n ** 15n + nonce, usageHash: `0x${'5a'.repeat(32)}`, nonce };
}

async function perSecond(sign: (nonce: bigint) => unknown): Promise<number> {
  const startedAtMs = performance.now();
  let nonce = 0n;
  while (performance.now() - startedAtMs < SECONDS * 1000) {
    for (let index = 0; index < 100; index += 1) await sign((nonce += 1n));
  }
  return Number(nonce) / ((performance.now() - startedAtMs) / 1000);
}

export async function vouchers(): Promise<Row[]> {
  const [key] = developmentKeys(1);
  const bytes = key?.bytes ?? new Uint8Array(32);
  const [curve, digests] = [openCurve(), new VoucherDigests(await openKeccak(), DOMAIN)];
  const account = privateKeyToAccount(bytesToHex(bytes));
  const baseline = await perSecond((nonce) => account.signTypedData(typedVoucher(voucher(nonce), DOMAIN) as never));
  const ours = await perSecond(async (nonce) => bytesToHex(await curve.sign(digests.voucher(voucher(nonce)), bytes)));
  const note = `${curve.implementation}; the baseline is viem's signTypedData`;
  const goal = `≥ ${GOAL} a second and core`;
  return [
    {
      name: 'vouchers digested and signed',
      unit: 'vouchers/s',
      ours,
      baseline,
      ratio: ours / baseline,
      goal,
      met: ours >= GOAL,
      note,
    },
  ];
}
