/** The client of team-billing on a local chain: every builder, reader and event, over web3.js and real tokens. */
import { PublicKey } from '@solana/web3.js';
import type { Keypair, TransactionInstruction } from '@solana/web3.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { associatedToken } from '#core/chain/local/solana/pda.ts';
import { TEAM_TIERS, TeamBillingProgram, WITHDRAW_EVERYTHING } from '#core/chain/solana/team-billing.ts';
import type { Revenue, TeamAccounts, TeamBilling } from '#core/chain/solana/team-billing.ts';
import type { Fields } from '#core/chain/solana/program-interface.ts';
import { call, funded, openWorld, sent } from '../support/solana.ts';
import type { World } from '../support/solana.ts';

const USDC = 1_000_000n;
const DAY = 86_400;
const HASH = Buffer.alloc(32, 9);

const program = new TeamBillingProgram();
let world: World;
let admin: Keypair;
let operator: Keypair;
let revenue: Revenue;
let config: PublicKey;

/** A team of its own for each test. */
type Team = Readonly<{ owner: Keypair; wallet: PublicKey; accounts: TeamAccounts }>;

/** Mints test USDC to somebody; gives the token account. */
async function tokens(to: PublicKey, amountMinor: bigint): Promise<PublicKey> {
  const answer = await call(world.chain.doors.rpc, 'tollkeeper_airdropTestUsdc', [to.toBase58(), `${amountMinor}`]);
  expect(answer['error']).toBeUndefined();
  return new PublicKey(associatedToken(to.toBase58(), world.chain.facts.testUsdc));
}

const heldBy = async (account: PublicKey): Promise<bigint> =>
  BigInt((await world.connection.getTokenAccountBalance(account)).value.amount);

/** Sends, and gives the fields of the events by their names. */
async function done(instruction: TransactionInstruction, signers: Keypair[]): Promise<Record<string, Fields>> {
  const signature = await sent(world.connection, [instruction], signers);
  const found = await world.connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  const events = program.events(found?.meta?.logMessages ?? []);
  return Object.fromEntries(events.map(({ name, fields }) => [name, fields]));
}

async function dataOf(address: PublicKey): Promise<Uint8Array> {
  const found = await world.connection.getAccountInfo(address);
  return found?.data ?? expect.unreachable(`there is an account at ${address.toBase58()}`);
}

async function stateOf({ accounts }: Team): Promise<TeamBilling> {
  return program.readTeam(await dataOf(accounts.team)) ?? expect.unreachable('it is a team');
}

async function deposit({ owner, wallet, accounts }: Team, amountMinor: bigint): Promise<Record<string, Fields>> {
  return done(program.depositFunds(owner.publicKey, accounts, { from: wallet, amountMinor }), [owner]);
}

async function openTeam(amountMinor: bigint): Promise<Team> {
  const owner = await funded(world.connection);
  const { mint, ...to } = revenue;
  const accounts = { ...program.addresses({ creator: admin.publicKey, owner: owner.publicKey }), ...to };
  const wish = { mint, tier: TEAM_TIERS.startup };
  const opened = await done(program.createTeamAccount(owner.publicKey, accounts, wish), [owner]);
  expect(opened['TeamAccountCreated']).toMatchObject({ owner: owner.publicKey.toBase58(), tier: 0 });
  const team = { owner, wallet: await tokens(owner.publicKey, 1000n * USDC), accounts };
  const funds = await deposit(team, amountMinor);
  expect(funds['FundsDeposited']).toMatchObject({ amount: amountMinor, balance: amountMinor, debt: 0n });
  return team;
}

async function capture(team: Team, requestCount: bigint): Promise<Record<string, Fields>> {
  const { periodStart, sequence } = await stateOf(team);
  const asked = { requestCount, sequence: sequence + 1n, usageHash: HASH, periodStart };
  return done(program.deductUsage(operator.publicKey, team.accounts, asked), [operator]);
}

beforeAll(async () => {
  world = await openWorld({ slotMs: 50 });
  const mint = new PublicKey(world.chain.facts.testUsdc);
  admin = await funded(world.connection);
  operator = await funded(world.connection);
  const stakers = await tokens(operator.publicKey, 0n);
  revenue = { mint, treasury: await tokens(admin.publicKey, 0n), stakers };
  config = program.config(admin.publicKey);
  const rules = {
    operator: operator.publicKey,
    lowBalanceMinor: 10n * USDC,
    withdrawalDelaySeconds: DAY,
    collectsBaseFee: true,
  };
  const events = await done(program.initConfig(admin.publicKey, revenue, rules), [admin]);
  expect(events['ConfigSet']).toMatchObject({ config: config.toBase58() });
});
afterAll(() => world.close());

test('a config is read back as it was written', async () => {
  const nobody = PublicKey.default.toBase58();
  expect(program.readConfig(await dataOf(config))).toMatchObject({
    creator: admin.publicKey.toBase58(),
    admin: admin.publicKey.toBase58(),
    pendingAdmin: nobody,
    operator: operator.publicKey.toBase58(),
    pendingOperator: nobody,
    mint: revenue.mint.toBase58(),
    treasury: revenue.treasury.toBase58(),
    stakers: revenue.stakers.toBase58(),
    lowBalanceMinor: 10n * USDC,
    withdrawalDelaySeconds: DAY,
    collectsBaseFee: true,
  });
  expect(program.readTeam(await dataOf(config)), 'it is no team').toBeUndefined();
});

test('an operator is replaced by the one who was proposed, and comes back', async () => {
  const [role, other] = [1, await funded(world.connection)];
  for (const [to, next] of [
    ['other', other],
    ['back', operator],
  ] as const) {
    const wish = { role, address: next.publicKey };
    const proposed = await done(program.proposeAuthority(admin.publicKey, config, wish), [admin]);
    expect(proposed['AuthorityProposed'], to).toMatchObject({ role, proposed: next.publicKey.toBase58() });
    await done(program.acceptAuthority(next.publicKey, config, role), [next]);
    expect(program.readConfig(await dataOf(config))?.operator).toBe(next.publicKey.toBase58());
  }
  const { treasury, stakers } = revenue;
  const moved = await done(program.setRevenue(admin.publicKey, config, { treasury, stakers }), [admin]);
  expect(moved['ConfigSet']).toMatchObject({ stakers: stakers.toBase58() });
});

test('a team pays overage out of its deposit, is warned once, and pays its debt with the next deposit', async () => {
  const team = await openTeam(20n * USDC);
  // 10 000 requests are free, and each above costs a cent.
  expect((await capture(team, 10_500n))['UsageDeducted']).toMatchObject({
    sequence: 1n,
    overageRequests: 500n,
    cost: 5n * USDC,
    balance: 15n * USDC,
    usageHash: [...HASH],
  });
  const low = await capture(team, 2000n);
  expect(low['LowBalanceAlert']).toMatchObject({ currentBalance: 0n, threshold: 10n * USDC });
  expect(low['UsageDeducted']).toMatchObject({ amountDeducted: 15n * USDC, debt: 5n * USDC });
  expect((await capture(team, 1n))['LowBalanceAlert']).toBeUndefined();

  const record = program.readUsageRecord(
    await dataOf(program.usageRecord(team.accounts.team, (await stateOf(team)).periodStart)),
  );
  expect(record).toMatchObject({
    team: team.accounts.team.toBase58(),
    requestCount: 12_501n,
    overageRequests: 2501n,
    overageMinor: 25_010_000n,
    captures: 3,
    sequence: 3n,
    usageHash: [...HASH],
    isClosed: false,
  });
  expect((await deposit(team, 200n * USDC))['FundsDeposited']).toMatchObject({ overagePaid: 5_010_000n });
  expect(await stateOf(team)).toMatchObject({ overagePaidMinor: 25_010_000n, overageDebtMinor: 0n, sequence: 3n });
});

test('the owner takes out at once with the operator, and after the delay alone', async () => {
  const team = await openTeam(100n * USDC);
  const { owner, wallet, accounts } = team;
  const to = { to: wallet, amountMinor: USDC };
  const both = { owner: owner.publicKey, operator: operator.publicKey };
  const agreed = await done(program.withdrawCosigned(both, accounts, to), [owner, operator]);
  expect(agreed['FundsWithdrawn']).toMatchObject({ amount: USDC, isCosigned: true });

  await done(program.requestWithdrawal(owner.publicKey, accounts, USDC), [owner]);
  const early = sent(world.connection, [program.withdrawUnused(owner.publicKey, accounts, to)], [owner]);
  const { code } = program.interface.errors.find(({ name }) => name === 'WithdrawalLocked') ?? { code: 0 };
  await expect(early).rejects.toThrow(`custom program error: 0x${code.toString(16)}`);
  expect(program.interface.explain({ InstructionError: [0, { Custom: code }] })).toBe(
    'The delay of the withdrawal has not passed. (WithdrawalLocked)',
  );
  world.chain.control.advance({ seconds: DAY });
  const alone = await done(program.withdrawUnused(owner.publicKey, accounts, to), [owner]);
  expect(alone['FundsWithdrawn']).toMatchObject({ amount: USDC, isCosigned: false });
});

test('a month closes with its base fee split, the rest refunded, and the next tier begun', async () => {
  const team = await openTeam(100n * USDC);
  const { owner, wallet, accounts } = team;
  await capture(team, 3n);
  const before = await heldBy(wallet);
  const wish = { tier: TEAM_TIERS.growth, atOnce: true };
  const tier = await done(program.updateTier(admin.publicKey, accounts, wish), [admin]);
  expect(tier['TierUpdated']).toMatchObject({ nextTier: TEAM_TIERS.growth });
  const refund = await done(program.setRefund(owner.publicKey, accounts, { isWanted: true, to: wallet }), [owner]);
  expect(refund['RefundSet']).toMatchObject({ isWanted: true, refundAccount: wallet.toBase58() });

  const open = await stateOf(team);
  const now = BigInt(world.chain.bank.engine.unixTimestamp);
  world.chain.control.advance({ seconds: Number(open.periodEnd - now) + 1 });
  const [treasury, stakers] = [await heldBy(revenue.treasury), await heldBy(revenue.stakers)];
  const closed = await done(program.closePeriod(operator.publicKey, accounts, open), [operator]);
  const { baseFee, refunded } = closed['PeriodClosed'] ?? {};
  const paid = [(await heldBy(revenue.treasury)) - treasury, (await heldBy(revenue.stakers)) - stakers] as const;
  expect(paid[0] + paid[1]).toBe(baseFee);
  expect(paid[1]).toBe((paid[0] + paid[1]) / 10n);
  expect(await heldBy(wallet)).toBe(before + BigInt(String(refunded)));
  expect(await heldBy(accounts.teamUsdc)).toBe(0n);
  const record = program.usageRecord(team.accounts.team, open.periodStart);
  expect(program.readUsageRecord(await dataOf(record))).toMatchObject({ isClosed: true, baseFeeMinor: baseFee });
  await done(program.closeUsageRecord(operator.publicKey, config, record), [operator]);
  expect(await world.connection.getAccountInfo(record)).toBeNull();
  expect(await stateOf(team)).toMatchObject({ periodRequests: 0n, tier: TEAM_TIERS.growth });
});

test('a team leaves with all that it has', async () => {
  const team = await openTeam(300n * USDC);
  const { owner, wallet, accounts } = team;
  const { openTeams = 0n } = program.readConfig(await dataOf(config)) ?? {};
  await capture(team, 1n);
  const held = await heldBy(accounts.teamUsdc);
  await done(program.requestWithdrawal(owner.publicKey, accounts, WITHDRAW_EVERYTHING), [owner]);
  world.chain.control.advance({ seconds: DAY });
  const leave = program.closeTeamAccount(owner.publicKey, accounts, { to: wallet, state: await stateOf(team) });
  const { paidOut, baseFee, debt } = (await done(leave, [owner]))['TeamAccountClosed'] ?? {};
  expect(BigInt(String(paidOut)) + BigInt(String(baseFee))).toBe(held);
  expect(debt).toBe(0n);
  expect(await world.connection.getAccountInfo(accounts.team)).toBeNull();
  expect(program.readConfig(await dataOf(config))?.openTeams).toBe(openTeams - 1n);
});
