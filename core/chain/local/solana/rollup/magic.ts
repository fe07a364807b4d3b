/** The rollup's own program: which commits a transaction asks for (magicblock-magic-program-api). */
import type { InnerInstruction } from '../engine.ts';
import { unbase58 } from '../base58.ts';
import type { WireMessage } from '../wire.ts';

export const MAGIC = 'Magic11111111111111111111111111111111111111';
export const MAGIC_CONTEXT = 'MagicContext1111111111111111111111111111111';

/** `MagicBlockInstruction` as bincode: a u32 of the variant. */
const SCHEDULE_COMMIT = 1;
const SCHEDULE_COMMIT_AND_UNDELEGATE = 2;
const COMMIT_SENT = 4;

/** Plain commits of one delegation; the eleventh fails with this error. Commit and undelegate is always allowed. */
export const MAX_COMMITS = 10n;
export const TOO_MANY_COMMITS = 0xa000_0000;

/** One request to commit accounts. `caller` is the program that made it, or nothing at the top level. */
export type CommitRequest = Readonly<{
  instruction: number;
  accounts: readonly Readonly<{ address: string; isWritable: boolean }>[];
  caller: string | undefined;
  undelegates: boolean;
}>;

type Run = Readonly<{
  message: WireMessage;
  keys: readonly string[];
  writable: ReadonlySet<string>;
  inner: readonly Readonly<{ index: number; instructions: readonly InnerInstruction[] }>[];
}>;

type Called = Readonly<{ program: string; accounts: readonly string[]; data: Buffer; caller: string | undefined }>;

/** Every instruction of a transaction, inner ones with the program that called them. */
function called({ message, keys, inner }: Run): (Called & { instruction: number })[] {
  const name = (index: number): string => keys[index] ?? '';
  return message.instructions.flatMap(({ program, accounts, data }, instruction) => {
    const top = { instruction, program: name(program), accounts: accounts.map(name), data, caller: undefined };
    // Callers by stack height: an inner instruction at height h was called by the last one at height h - 1.
    const stack: string[] = [name(program)];
    const nested = (inner.find(({ index }) => index === instruction)?.instructions ?? []).map((each) => {
      const own = name(each.programIdIndex);
      const caller = stack[each.stackHeight - 2];
      stack[each.stackHeight - 1] = own;
      const bytes = Buffer.from(unbase58(each.data) ?? []);
      return { instruction, program: own, accounts: each.accounts.map(name), data: bytes, caller };
    });
    return [top, ...nested];
  });
}

/** The commits that a transaction schedules: payer, context, then the accounts to commit. */
export function commitRequests(run: Run): CommitRequest[] {
  return called(run).flatMap(({ instruction, program, accounts, data, caller }) => {
    if (program !== MAGIC || data.length < 4) return [];
    const variant = data.readUInt32LE(0);
    if (variant !== SCHEDULE_COMMIT && variant !== SCHEDULE_COMMIT_AND_UNDELEGATE) return [];
    const named = accounts.slice(2).map((address) => ({ address, isWritable: run.writable.has(address) }));
    return [{ instruction, accounts: named, caller, undelegates: variant === SCHEDULE_COMMIT_AND_UNDELEGATE }];
  });
}

/** Data of the transaction by which the validator tells that a commit was sent. */
export function commitSentData(id: number): Buffer {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(COMMIT_SENT, 0);
  data.writeBigUInt64LE(BigInt(id), 4);
  return data;
}
