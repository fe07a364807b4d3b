/** What a message will cost: signatures, and the priority fee of its compute budget (solana-fee, SIMD-0170). */
import {
  COMPUTE_BUDGET,
  ED25519,
  FIXED_LOADER,
  NATIVE_LOADER,
  SECP256K1,
  SECP256R1,
  SYSTEM,
  UPGRADEABLE_LOADER,
  VOTE,
} from './addresses.ts';
import type { WireMessage } from './wire.ts';

export const LAMPORTS_PER_SIGNATURE = 5000n;
const MAX_UNITS = 1_400_000n;
const UNITS_OF_A_PROGRAM = 200_000n;
const UNITS_OF_A_BUILTIN = 3000n;
const MICRO = 1_000_000n;

const PRECOMPILES: readonly string[] = [ED25519, SECP256K1, SECP256R1];
const BUILTINS: readonly string[] = [
  SYSTEM,
  VOTE,
  COMPUTE_BUDGET,
  NATIVE_LOADER,
  UPGRADEABLE_LOADER,
  'BPFLoader1111111111111111111111111111111111',
  FIXED_LOADER,
  ...PRECOMPILES,
];

type Budget = Readonly<{ units: bigint; microLamportsPerUnit: bigint }>;

function budgetOf({ instructions, keys }: WireMessage): Budget {
  let asked: bigint | undefined;
  let microLamportsPerUnit = 0n;
  let fallback = 0n;
  for (const { program, data } of instructions) {
    const id = keys[program] ?? '';
    fallback += BUILTINS.includes(id) ? UNITS_OF_A_BUILTIN : UNITS_OF_A_PROGRAM;
    if (id !== COMPUTE_BUDGET) continue;
    if (data[0] === 2 && data.length >= 5) asked = BigInt(data.readUInt32LE(1));
    if (data[0] === 3 && data.length >= 9) microLamportsPerUnit = data.readBigUInt64LE(1);
  }
  const units = asked ?? fallback;
  return { units: units < MAX_UNITS ? units : MAX_UNITS, microLamportsPerUnit };
}

/** Lamports a message costs when it lands, whether it succeeds or not. The priority part is rounded up. */
export function feeOf(message: WireMessage): bigint {
  const checked = message.instructions
    .filter(({ program }) => PRECOMPILES.includes(message.keys[program] ?? ''))
    .reduce((sum, { data }) => sum + BigInt(data[0] ?? 0), 0n);
  const { units, microLamportsPerUnit } = budgetOf(message);
  const priority = (units * microLamportsPerUnit + MICRO - 1n) / MICRO;
  return LAMPORTS_PER_SIGNATURE * (BigInt(message.header.numRequiredSignatures) + checked) + priority;
}

/** Micro-lamports per unit that a message offers. */
export function priceOf(message: WireMessage): bigint {
  return budgetOf(message).microLamportsPerUnit;
}
