/**
 * A billing cycle of the usage vault with nothing but @solana/web3.js: what a program of your own would do.
 *
 *   node docs/recipes/vault-cycle.mjs BASE_RPC ROLLUP_RPC
 *
 * with the addresses that `npm start -- --chains solana --json` prints as solanaRpc and rollupRpc.
 */
import {
  Connection,
  Keypair,
  LAMPORTS_PER_SOL,
  PublicKey,
  SystemProgram,
  Transaction,
  TransactionInstruction,
} from '@solana/web3.js';

const [baseUrl, rollupUrl] = process.argv.slice(2);
if (!baseUrl || !rollupUrl) {
  fail('node docs/recipes/vault-cycle.mjs BASE_RPC ROLLUP_RPC');
}
function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

function tell(line) {
  process.stdout.write(`${line}\n`);
}

const base = new Connection(baseUrl, 'confirmed');
const rollup = new Connection(rollupUrl, 'confirmed');

const PROGRAM = new PublicKey('UsageVau1t111111111111111111111111111111111');
const DELEGATION = new PublicKey('DELeGGvXpWV2fqJUhqcF5ZSYMS4JTLjteaAMARRSaeSh');
const MAGIC = new PublicKey('Magic11111111111111111111111111111111111111');
const MAGIC_CONTEXT = new PublicKey('MagicContext1111111111111111111111111111111');

const PRICE = 1000n;
const CAP_PER_CYCLE = 100_000n;
const DEPOSIT = BigInt(LAMPORTS_PER_SOL);
const EXIT_DELAY_SECONDS = 1;

/** First eight bytes of each instruction, from programs/artifacts/usage_vault.idl.json. */
const CODE = {
  initSystemVault: [88, 3, 51, 241, 94, 0, 30, 237],
  initUserVault: [144, 193, 26, 93, 68, 219, 32, 180],
  deposit: [242, 35, 198, 137, 82, 225, 242, 182],
  initUsageMeter: [18, 192, 55, 25, 52, 59, 85, 70],
  delegateUserVault: [117, 106, 29, 163, 159, 141, 24, 157],
  track: [55, 32, 182, 69, 253, 192, 56, 184],
  commit: [163, 132, 239, 63, 203, 169, 123, 186],
  chargeFee: [228, 164, 147, 10, 76, 19, 86, 221],
  withdraw: [183, 18, 70, 156, 148, 109, 161, 34],
  requestExit: [121, 186, 203, 74, 138, 218, 135, 151],
  exit: [234, 32, 12, 71, 126, 5, 219, 160],
};

const u64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const pda = (program, ...seeds) => PublicKey.findProgramAddressSync(seeds, program)[0];
const writes = (pubkey) => ({ pubkey, isWritable: true, isSigner: false });
const reads = (pubkey) => ({ pubkey, isWritable: false, isSigner: false });
const pays = (pubkey) => ({ pubkey, isWritable: true, isSigner: true });
const signs = (pubkey) => ({ pubkey, isWritable: false, isSigner: true });
const call = (name, keys, ...args) =>
  new TransactionInstruction({ programId: PROGRAM, keys, data: Buffer.concat([Buffer.from(CODE[name]), ...args]) });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, check, withinMs = 10_000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) fail(`${what} did not happen`);
    await pause(10);
  }
}

const used = new Set();

/** Signs, sends, and polls. The same instruction on the same blockhash would be the same transaction: it waits. */
async function send(name, connection, instruction, ...signers) {
  const { blockhash } = await until('another blockhash', async () => {
    const latest = await connection.getLatestBlockhash();
    return used.has(`${latest.blockhash}/${name}`) ? undefined : latest;
  });
  used.add(`${blockhash}/${name}`);
  const transaction = new Transaction({ feePayer: signers[0].publicKey, recentBlockhash: blockhash });
  transaction.add(instruction).sign(...signers);
  const signature = await connection.sendRawTransaction(transaction.serialize(), { skipPreflight: true });
  const status = await until(name, async () => (await connection.getSignatureStatuses([signature])).value[0]);
  if (status.err !== null) fail(`${name} failed: ${JSON.stringify(status.err)}`);
  tell(`${connection === base ? 'base  ' : 'rollup'} ${signature} ${name}`);
  return signature;
}

async function rpc(url, method, params = []) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return (await response.json()).result;
}

const operator = Keypair.generate();
const customer = Keypair.generate();
for (const { publicKey } of [operator, customer]) {
  const signature = await base.requestAirdrop(publicKey, 10 * LAMPORTS_PER_SOL);
  await until('the airdrop', async () => (await base.getSignatureStatuses([signature])).value[0]);
}

const systemVault = pda(PROGRAM, Buffer.from('system_vault'), operator.publicKey.toBuffer());
const userVault = pda(PROGRAM, Buffer.from('user_vault'), systemVault.toBuffer(), customer.publicKey.toBuffer());
const meter = pda(PROGRAM, Buffer.from('usage_meter'), userVault.toBuffer(), u64(1));
const { identity } = await rpc(rollupUrl, 'getIdentity');
const of = { operator: operator.publicKey, customer: customer.publicKey };

// Open
const terms = [u64(PRICE), u64(100), u64(1000), u64(CAP_PER_CYCLE), u32(EXIT_DELAY_SECONDS), u32(EXIT_DELAY_SECONDS)];
const system = reads(SystemProgram.programId);
await send(
  'init system vault',
  base,
  call('initSystemVault', [pays(of.operator), writes(systemVault), system], of.operator.toBuffer(), ...terms),
  operator,
);
await send(
  'init user vault',
  base,
  call('initUserVault', [pays(of.customer), writes(systemVault), writes(userVault), system], u32(1)),
  customer,
);
await send(
  'deposit',
  base,
  call('deposit', [pays(of.customer), writes(systemVault), writes(userVault), system], u64(DEPOSIT)),
  customer,
);
const meterKeys = [pays(of.operator), reads(systemVault), writes(userVault), writes(meter), system];
await send('init usage meter', base, call('initUsageMeter', meterKeys, u64(1)), operator);

// Delegate, and wait until the rollup has the meter as its own and the program can be called there.
async function delegate() {
  const keys = [
    pays(of.operator),
    reads(systemVault),
    reads(userVault),
    writes(meter),
    reads(PROGRAM),
    writes(pda(PROGRAM, Buffer.from('buffer'), meter.toBuffer())),
    writes(pda(DELEGATION, Buffer.from('delegation'), meter.toBuffer())),
    writes(pda(DELEGATION, Buffer.from('delegation-metadata'), meter.toBuffer())),
    reads(DELEGATION),
    system,
  ];
  const instruction = call('delegateUserVault', keys, new PublicKey(identity).toBuffer());
  await send('delegate user vault', base, instruction, operator);
  await until('the meter in the rollup', async () => (await rollup.getAccountInfo(meter))?.owner.equals(PROGRAM));
  await until('the program in the rollup', async () => (await rollup.getAccountInfo(PROGRAM))?.executable);
  const slot = await rollup.getSlot();
  await until('a slot', async () => (await rollup.getSlot()) > slot + 1);
}

let sequence = 0;
async function track(count) {
  let units = 0n;
  for (let done = 0; done < count; done += 1) {
    sequence += 1;
    const amount = BigInt(1 + (sequence % 7));
    const keys = [signs(of.operator), writes(meter)];
    await send(`track ${amount}`, rollup, call('track', keys, u64(amount), u64(sequence)), operator);
    units += amount;
  }
  return units;
}

/** Commits in the rollup and waits for the total on the base chain. The total is the eighth field of the meter. */
async function commit(name, total, undelegate) {
  const keys = [pays(of.operator), reads(systemVault), writes(meter), reads(MAGIC), writes(MAGIC_CONTEXT)];
  const flags = Buffer.from([undelegate ? 1 : 0, undelegate ? 1 : 0]);
  await send(name, rollup, call('commit', keys, flags), operator);
  const totalAt = 8 + 1 + 1 + 32 * 3 + 8;
  await until('the commit on the base chain', async () => {
    const account = await base.getAccountInfo(meter);
    return account.data.readBigUInt64LE(totalAt) === total && (!undelegate || account.owner.equals(PROGRAM));
  });
}
const charge = () => {
  const keys = [signs(of.operator), writes(systemVault), writes(userVault), reads(meter)];
  return send('charge fee', base, call('chargeFee', keys), operator);
};
/** Lamports of the vault above its rent: the balance. */
const balance = async () => {
  const account = await base.getAccountInfo(userVault);
  return BigInt(account.lamports - (await base.getMinimumBalanceForRentExemption(account.data.length)));
};

await delegate();
let units = await track(300);
await commit('commit', units, false);
const [, meanwhile] = await Promise.all([charge(), track(50)]);
units += meanwhile;
const ownerKeys = [pays(of.customer), writes(systemVault), writes(userVault), reads(meter)];
const free = (await balance()) - CAP_PER_CYCLE * PRICE;
await send('withdraw above the reserve', base, call('withdraw', ownerKeys, u64(free)), customer);
await commit('commit and undelegate', units, true);
await charge();
// Delegated again only when the rollup, too, knows that the meter came back, and in a later slot.
await until('the return in the rollup', async () => {
  await rollup.getAccountInfo(meter);
  return (await rpc(rollupUrl, 'getDelegationStatus', [meter.toBase58()])).isDelegated === false;
});
const slot = await base.getSlot();
await until('the next slot', async () => (await base.getSlot()) > slot);

// The rollup and what was not committed are lost; the customer leaves alone.
await delegate();
await track(10);
await rpc(baseUrl, 'tollkeeper_stopRollup');
const before = await balance();
await send('request exit', base, call('requestExit', [signs(of.customer), writes(userVault)]), customer);
await pause(EXIT_DELAY_SECONDS * 1000 + 1500);
await send('exit', base, call('exit', ownerKeys), customer);

const earned = await base.getAccountInfo(systemVault);
const fees = BigInt(earned.lamports - (await base.getMinimumBalanceForRentExemption(earned.data.length)));
tell(`units ${units}, fees ${fees}, withdrawn ${free}, paid out ${before}`);
const isRight = fees === units * PRICE && DEPOSIT === fees + free + before && !(await base.getAccountInfo(userVault));
tell(isRight ? 'The balances are right.' : 'The balances are wrong.');
process.exit(isRight ? 0 : 1);
