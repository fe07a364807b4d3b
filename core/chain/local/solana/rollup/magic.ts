/** The rollup's own program: which commits a transaction asks for (magicblock-magic-program-api). */
import type { InnerInstruction } from '../engine.ts';
import { unbase58 } from '../base58.ts';
import type { WireMessage } from '../wire.ts';
import { readBaseIntent, readIntentBundle } from './intents.ts';
import type { Intents } from './intents.ts';

export const MAGIC = 'Magic11111111111111111111111111111111111111';
export const MAGIC_CONTEXT = 'MagicContext1111111111111111111111111111111';

/** `MagicBlockInstruction` as bincode: a u32 of the variant. */
const SCHEDULE_COMMIT = 1;
const SCHEDULE_COMMIT_AND_UNDELEGATE = 2;
const COMMIT_SENT = 4;
const SCHEDULE_BASE_INTENT = 5;
const SCHEDULE_INTENT_BUNDLE = 11;

/** Plain commits of one delegation; the eleventh fails with this error. Commit and undelegate is always allowed. */
export const MAX_COMMITS = 10n;
export const TOO_MANY_COMMITS = 0xa000_0000;

export type RequestedAccount = Readonly<{ address: string; isWritable: boolean; undelegates: boolean }>;

/** One request to commit accounts. `caller` is the program that made it, or nothing at the top level. */
export type CommitRequest = Readonly<{
  instruction: number;
  accounts: readonly RequestedAccount[];
  caller: string | undefined;
  /** Why the instruction cannot be what it says, as the validator 0.8.3 answers; the accounts are none then. */
  fault: string | null;
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

type Asked = Pick<CommitRequest, 'accounts' | 'fault'>;

const faulty = (fault: string): Asked => ({ accounts: [], fault });

/** Every account after payer and context, each once, whatever it is named as. */
function plain(accounts: readonly string[], asked: (address: string) => RequestedAccount): Asked {
  const named = [...new Set(accounts.slice(2))];
  return named.length === 0 ? faulty('NotEnoughAccountKeys') : { accounts: named.map(asked), fault: null };
}

/** The accounts that intents name, which must all differ. Actions are the base chain's to run: not in an emulator. */
function intended(
  accounts: readonly string[],
  intents: Intents | undefined,
  asked: (address: string, undelegates: boolean) => RequestedAccount,
): Asked {
  if (intents === undefined) return faulty('InvalidInstructionData');
  if (intents.hasActions) return faulty('UnsupportedProgramId');
  const named = [
    ...intents.commits.map((index) => ({ index, undelegates: false })),
    ...intents.undelegates.map((index) => ({ index, undelegates: true })),
  ].map(({ index, undelegates }) => ({ address: accounts[index], undelegates }));
  if (named.length === 0) return faulty('InvalidInstructionData');
  const found = named.flatMap(({ address, undelegates }) =>
    address === undefined ? [] : [asked(address, undelegates)],
  );
  if (found.length < named.length) return faulty('NotEnoughAccountKeys');
  if (new Set(found.map(({ address }) => address)).size < found.length) return faulty('InvalidInstructionData');
  return { accounts: found, fault: null };
}

function askedBy({ accounts, data }: Called, writable: ReadonlySet<string>): Asked | undefined {
  const asked = (address: string, undelegates: boolean): RequestedAccount => ({
    address,
    isWritable: writable.has(address),
    undelegates,
  });
  const variant = data.readUInt32LE(0);
  if (variant === SCHEDULE_COMMIT) return plain(accounts, (address) => asked(address, false));
  if (variant === SCHEDULE_COMMIT_AND_UNDELEGATE) return plain(accounts, (address) => asked(address, true));
  if (variant === SCHEDULE_BASE_INTENT) return intended(accounts, readBaseIntent(data), asked);
  if (variant === SCHEDULE_INTENT_BUNDLE) return intended(accounts, readIntentBundle(data), asked);
  return undefined;
}

/** The commits that a transaction schedules: accounts are payer, context, then those to commit. */
export function commitRequests(run: Run): CommitRequest[] {
  return called(run).flatMap((each) => {
    if (each.program !== MAGIC || each.data.length < 4) return [];
    const asked = askedBy(each, run.writable);
    return asked === undefined ? [] : [{ instruction: each.instruction, caller: each.caller, ...asked }];
  });
}

/** Data of the transaction by which the validator tells that a commit was sent. */
export function commitSentData(id: number): Buffer {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(COMMIT_SENT, 0);
  data.writeBigUInt64LE(BigInt(id), 4);
  return data;
}
