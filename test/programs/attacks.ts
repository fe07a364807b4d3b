/** Asks every instruction of a program wrongly, in every way its IDL allows: each is refused and changes nothing. */
import { PublicKey } from '@solana/web3.js';
import { describe, expect, test } from 'vitest';
import { swaps, wrongWays } from './bending.ts';
import type { Answer, Bending, Chain, Program, Values } from './chain.ts';

/** One operator and one customer on a chain. */
export type Askable = Readonly<{
  chain: Chain;
  accounts: () => Record<string, PublicKey>;
  ask: (name: string, args?: Values, bending?: Bending) => Answer;
  do: (name: string, args?: Values, bending?: Bending) => Answer;
}>;

/** An instruction and a world in which it is done when it is asked properly. */
export type Ask<World extends Askable> = Readonly<{
  name: string;
  args: Values;
  world: () => World;
  /** Why it cannot be asked here. */
  skipped?: string;
}>;

export type Target<World extends Askable> = Readonly<{
  program: Program;
  asks: readonly Ask<World>[];
  /** What an account that is another one is refused as. */
  states: Readonly<Record<string, string>>;
  /** Accounts an instruction makes: another one there is open already. */
  made: Readonly<Record<string, readonly string[]>>;
  /** What somebody else in the place of one who must sign is refused as. */
  roles: Readonly<Record<string, string>>;
  /** Accounts that may be anybody's, by instruction. */
  free: Readonly<Record<string, readonly string[]>>;
  /** The accounts of another operator and its customer on the same chain. */
  other: (world: World) => Record<string, PublicKey>;
}>;

/** Everything a program holds on a chain, to see that a refusal changed nothing. */
function snapshot(chain: Chain): string {
  return chain.programs
    .flatMap(({ id }) => chain.svm.getProgramAccounts(id.toBytes()))
    .map((held) => {
      const account = held.account();
      const [address, bytes] = [held.address, account.data()].map((part) => Buffer.from(part).toString('hex'));
      return `${address} ${account.lamports()} ${bytes}`;
    })
    .toSorted()
    .join('\n');
}

/** The bytes of an instruction that is asked properly. */
function dataOf<World extends Askable>(ask: Ask<World>): Buffer {
  const world = ask.world();
  let data: Buffer = Buffer.alloc(0);
  const send = world.chain.send.bind(world.chain);
  world.chain.send = (instructions, signers) => {
    data = instructions[0]?.data ?? data;
    return send(instructions, signers);
  };
  world.do(ask.name, ask.args);
  return data;
}

function takes(program: Program, ask: string, account: string): boolean {
  const found = program.idl.instructions.find(({ name }) => name === ask);
  return found?.accounts.some(({ name }) => name === account) ?? false;
}

function statesOf<World extends Askable>(target: Target<World>, ask: Ask<World>): Record<string, string> {
  const made = Object.fromEntries((target.made[ask.name] ?? []).map((name) => [name, 'AlreadyOpen']));
  return { ...target.states, ...made };
}

function attackOne<World extends Askable>(target: Target<World>, ask: Ask<World>): void {
  const { program } = target;
  const free = target.free[ask.name] ?? [];
  const wrong = wrongWays(program, ask.name, ask.world().accounts(), dataOf(ask), statesOf(target, ask));

  // A refusal changes nothing, which is what is tested, so that one world serves until something is done in it.
  let ready: World | undefined;
  const attempt = (bend: (world: World) => Bending): string | undefined => {
    const world = (ready ??= ask.world());
    const bending = bend(world);
    const before = snapshot(world.chain);
    const { error } = world.ask(ask.name, ask.args, bending);
    if (error === undefined) ready = undefined;
    else expect(snapshot(world.chain)).toBe(before);
    return error;
  };

  test.for(wrong.map((way) => [way.how, way] as const))('%s', ([, way]) => {
    expect(attempt(({ chain }) => way.bend(chain))).toBe(way.error);
  });

  const roles = Object.entries(target.roles).filter(([role]) => takes(program, ask.name, role) && !free.includes(role));
  test.for(roles)('a stranger as %s', ([role, refusal]) => {
    // Who is proposed in these worlds has no other role, and the owner was not proposed.
    const stranger = (world: World) =>
      world.accounts()[role === 'proposed' ? 'owner' : 'proposed'] ?? PublicKey.default;
    expect(attempt((world) => ({ accounts: { [role]: stranger(world) } }))).toBe(refusal);
  });

  test('one account in the place of another', () => {
    for (const [into, from] of swaps(program, ask.name)) {
      const accounts = (ready ??= ask.world()).accounts();
      const [here, replacement] = [accounts[into], accounts[from]];
      if (free.includes(into) || !here || !replacement || replacement.equals(here)) continue;
      const isRefused = attempt(() => ({ accounts: { [into]: replacement } })) !== undefined;
      expect({ into, from, isRefused }).toEqual({ into, from, isRefused: true });
    }
  });

  test("the accounts of another operator's customer", () => {
    const world = (ready ??= ask.world());
    const theirs = target.other(world);
    for (const name of Object.keys(target.states)) {
      const their = theirs[name];
      const isSame = their?.equals(world.accounts()[name] ?? PublicKey.default) ?? true;
      if (!their || isSame || free.includes(name) || !takes(program, ask.name, name)) continue;
      expect(new Set(program.errors.values())).toContain(attempt(() => ({ accounts: { [name]: their } })));
    }
  });
}

/** The tests of a whole program. */
export function attackEach<World extends Askable>(target: Target<World>): void {
  describe.for(target.asks.map((ask) => [`${ask.name}${ask.skipped ?? ''}`, ask] as const))('%s refuses', ([, ask]) => {
    const isSkipped = (ask.skipped ?? '') !== '';
    if (!isSkipped) attackOne(target, ask);
    test.skipIf(isSkipped)('nothing when it is asked properly', () => {
      expect(ask.world().ask(ask.name, ask.args).error).toBeUndefined();
    });
  });
}
