/**
 * Our meter beside MagicBlock's public counter (`pinocchio-counter` of magicblock-engine-examples): the same three
 * things done to an account, without price, caps, sequence or operator. Compiled outside of this repository.
 */
import { existsSync } from 'node:fs';
import { PublicKey, SystemProgram, TransactionInstruction } from '@solana/web3.js';
import type { AccountMeta } from '@solana/web3.js';
import { Chain, keysOf, u64 } from '../programs/chain.ts';
import { DELEGATION_FILE, DELEGATION_PROGRAM, delegationAccounts } from '../programs/delegation.ts';
import { unitsOf } from './programs.ts';
import type { Row } from './rows.ts';

const writes = (pubkey: PublicKey, isSigner = false): AccountMeta => ({ pubkey, isSigner, isWritable: true });
const reads = (pubkey: PublicKey): AccountMeta => ({ pubkey, isSigner: false, isWritable: false });

/** Addresses found at the first try, as a search costs 1500 for each, and says nothing about a program. */
function places(user: PublicKey): { id: PublicKey; counter: PublicKey } {
  for (let number = 0; ; number += 1) {
    const id = keysOf(`public counter ${number}`).publicKey;
    const [counter, bump] = PublicKey.findProgramAddressSync([Buffer.from('counter'), user.toBytes()], id);
    const [, bufferBump] = PublicKey.findProgramAddressSync([Buffer.from('buffer'), counter.toBytes()], id);
    if (bump === 255 && bufferBump === 255) return { id, counter };
  }
}

/** Compute units of its `initialize`, `increase` and `delegate`, by the instruction of ours that each is beside. */
function measured(file: string): Readonly<Record<string, number>> {
  const chain = new Chain([]);
  const user = keysOf('user of the public counter');
  const { id, counter } = places(user.publicKey);
  chain.svm.addProgramFromFile(id.toBytes(), file);
  chain.svm.addProgramFromFile(DELEGATION_PROGRAM.toBytes(), DELEGATION_FILE);
  chain.fund(user.publicKey, 10_000_000_000n);
  const { buffer, delegation_record, delegation_metadata } = delegationAccounts(counter, id);
  const delegating = [buffer, delegation_record, delegation_metadata].map((key) => writes(key ?? id));
  const units = (keys: AccountMeta[], ...data: readonly Buffer[]): number => {
    const instruction = new TransactionInstruction({ programId: id, keys, data: Buffer.concat(data) });
    const answer = chain.send([instruction], [user]);
    if (answer.error !== undefined) throw new Error(`The public counter refused: ${answer.error}.`);
    return Number(answer.units);
  };
  const own = [writes(user.publicKey, true), writes(counter)];
  return {
    init_usage_meter: units([...own, reads(SystemProgram.programId)], u64(0n)),
    track_user_activity: units(own, u64(1n), u64(1n)),
    delegate_user_vault: units(
      [
        writes(user.publicKey, true),
        reads(SystemProgram.programId),
        writes(counter),
        reads(id),
        ...delegating,
        reads(DELEGATION_PROGRAM),
        reads(keysOf('validator').publicKey),
      ],
      u64(2n),
    ),
  };
}

/** Needs the compiled counter's path in `PUBLIC_COUNTER`; docs/benchmarks.md says how to make it. */
export function publicCounter(): Promise<Row[]> {
  const file = process.env['PUBLIC_COUNTER'] ?? '';
  if (!existsSync(file)) {
    process.stderr.write('PUBLIC_COUNTER names no compiled program: the public counter is left out.\n');
    return Promise.resolve([]);
  }
  const rows = Object.entries(measured(file)).map(([name, baseline]) => {
    const ours = unitsOf(name);
    const shape = { unit: 'CU', goal: 'side by side', met: true, note: "beside MagicBlock's public counter" };
    return { name: `usage-vault ${name}`, ours, baseline, ratio: ours / baseline, ...shape };
  });
  return Promise.resolve(rows);
}
