/** Builds and signs legacy transactions for the chain's own keys: airdrops and what the rollup's validator sends. */
import { keyBytes } from './base58.ts';
import type { LocalKey } from './keys.ts';

export type Meta = Readonly<{ address: string; isWritable?: boolean; isSigner?: boolean }>;
export type Instruction = Readonly<{ program: string; accounts: readonly Meta[]; data: Uint8Array }>;

/** A length as compact-u16. */
function compact(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest];
}

function keysInOrder(payer: string, instructions: readonly Instruction[]) {
  const flags = new Map<string, { isWritable: boolean; isSigner: boolean }>([
    [payer, { isWritable: true, isSigner: true }],
  ]);
  for (const { program, accounts } of instructions) {
    for (const { address, isWritable = false, isSigner = false } of [...accounts, { address: program } as Meta]) {
      const had = flags.get(address);
      flags.set(address, {
        isWritable: isWritable || had?.isWritable === true,
        isSigner: isSigner || had?.isSigner === true,
      });
    }
  }
  const rank = ({ isWritable, isSigner }: { isWritable: boolean; isSigner: boolean }): number =>
    (isSigner ? 0 : 2) + (isWritable ? 0 : 1);
  const [first, ...rest] = [...flags];
  return [...(first === undefined ? [] : [first]), ...rest.toSorted(([, a], [, b]) => rank(a) - rank(b))];
}

type Built = Readonly<{ payer: LocalKey; blockhash: string; instructions: readonly Instruction[] }>;

/** The bytes of a transaction that the payer alone signs. */
export function signedBy({ payer, blockhash, instructions }: Built): Buffer {
  const keys = keysInOrder(payer.address, instructions);
  const index = new Map(keys.map(([address], at) => [address, at]));
  const at = (address: string): number => index.get(address) ?? 0;
  const readonly = (isSigner: boolean): number =>
    keys.filter(([, flags]) => flags.isSigner === isSigner && !flags.isWritable).length;
  const body = instructions.map(({ program, accounts, data }) =>
    Buffer.concat([
      Buffer.from([at(program), ...compact(accounts.length), ...accounts.map(({ address }) => at(address))]),
      Buffer.from(compact(data.length)),
      data,
    ]),
  );
  const signers = keys.filter(([, { isSigner }]) => isSigner).length;
  const message = Buffer.concat([
    Buffer.from([signers, readonly(true), readonly(false), ...compact(keys.length)]),
    ...keys.map(([address]) => keyBytes(address)),
    keyBytes(blockhash),
    Buffer.from(compact(instructions.length)),
    ...body,
  ]);
  return Buffer.concat([Buffer.from([1]), payer.sign(message), message]);
}

/** Compute budget: `SetComputeUnitLimit`. */
export function computeUnitLimit(units: number): Instruction {
  const data = Buffer.alloc(5);
  data[0] = 2;
  data.writeUInt32LE(units, 1);
  return { program: 'ComputeBudget111111111111111111111111111111', accounts: [], data };
}
