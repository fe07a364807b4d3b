/** The committed programs are what their sources give, and Anchor's client reads what is written about them. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BN, Program as AnchorProgram } from '@coral-xyz/anchor';
import { PublicKey } from '@solana/web3.js';
import { describe, expect, test } from 'vitest';
import {
  ARTIFACTS,
  PROGRAMS,
  describeFile,
  filesOf,
  hashSources,
  readManifest,
} from '../../build/programs/manifest.ts';
import { findToolchain } from '../../build/programs/toolchain.ts';
import { readProgram } from './chain.ts';

const tools = findToolchain();
const WHY_NOT = tools.isComplete ? '' : ' (skipped: rustc-web, llvm-22 or sbpf-linker is not installed)';

test('were built from the sources as they stand: else run npm run programs:build', () => {
  expect(readManifest().sourcesSha256).toBe(hashSources());
});

test.for(PROGRAMS.flatMap((program) => Object.values(filesOf(program))))('%s has the recorded hash', (name) => {
  expect(describeFile(join(ARTIFACTS, name))).toEqual(readManifest().files[name]);
});

test.skipIf(!tools.isComplete)(`are given again by the same tools, byte for byte${WHY_NOT}`, ({ skip }) => {
  const built = spawnSync(process.execPath, ['build/programs.ts', '--check'], { encoding: 'utf8' });
  skip(built.status === 3, built.stderr); // Other versions of the tools: their bytes may rightly differ.
  expect(`${built.status} ${built.stderr}`).toMatch(/^0 .*are what the sources give/s);
});

describe.for(PROGRAMS)('the IDL of %s', (name) => {
  const { idl, coder } = readProgram(name);

  test("makes a program of Anchor's", () => {
    // No provider: nothing is sent, only instructions are written.
    const program = new AnchorProgram(idl, { connection: {} } as ConstructorParameters<typeof AnchorProgram>[1]);
    expect(program.programId.toBase58()).toBe(idl.address);
    expect(Object.keys(program.methods)).toHaveLength(idl.instructions.length);
  });

  test('gives every account, event and instruction a discriminator of its own', () => {
    const all = [...(idl.accounts ?? []), ...(idl.events ?? []), ...idl.instructions];
    const discriminators = all.map(({ discriminator }) => Buffer.from(discriminator).toString('hex'));
    expect(new Set(discriminators).size).toBe(all.length);
    expect(discriminators.every((bytes) => bytes.length === 16)).toBe(true);
  });

  test('numbers errors from 6000 on, each with a sentence', () => {
    const errors = idl.errors ?? [];
    expect(errors.map(({ code }) => code)).toEqual(errors.map((_, index) => 6000 + index));
    expect(errors.every(({ msg }) => /^[A-Z].*\.$/.test(msg ?? ''))).toBe(true);
  });

  test('has a type for every account and event, which Anchor can size', () => {
    for (const { name: kind } of idl.accounts ?? []) expect(coder.accounts.size(kind)).toBeGreaterThan(8);
    const types = new Set((idl.types ?? []).map(({ name: kind }) => kind));
    for (const { name: kind } of idl.events ?? []) expect(types).toContain(kind);
  });
});

test("Anchor's client derives a vault's address by itself", async () => {
  const { idl, id } = readProgram('usage_vault');
  const program = new AnchorProgram(idl, { connection: {} } as ConstructorParameters<typeof AnchorProgram>[1]);
  const creator = new PublicKey(Buffer.alloc(32, 3));
  const amount = new BN(1);
  const terms = [creator, amount, amount, amount, amount, 1, 1] as const;
  const asked = await program.methods['initSystemVault']?.(...terms)
    .accounts({ creator })
    .instruction();
  const [expected] = PublicKey.findProgramAddressSync([Buffer.from('system_vault'), creator.toBytes()], id);
  expect(asked?.keys[1]?.pubkey.equals(expected)).toBe(true);
});
