/** `tollkeeper solana …`: programs on a Solana network, deployed, upgraded, handed over, closed and compared. */
import { checkUse, flagOf, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import type { Site } from '../solana-site.ts';
import { printAnswer } from '../run.ts';

const VERBS = ['deploy', 'upgrade', 'set-authority', 'close', 'close-buffer', 'verify'] as const;
type Verb = (typeof VERBS)[number];

/** Final for ever or gone for ever is asked twice: the address is to be typed each time. */
function checkTwice(invocation: Invocation, address: string, what: string): void {
  if (flagOf(invocation, 'confirm') !== address) {
    usage(`${what} It cannot be undone.`, `If you want it, say so: --confirm ${address}`);
  }
  if (flagOf(invocation, 'confirm-again') !== address) {
    usage(`${what} This is asked a second time.`, `If you are sure, add --confirm-again ${address}`);
  }
}

async function deploy(site: Site, invocation: Invocation, isFirst: boolean): Promise<ExitCode> {
  const { planDeployment, deployProgram, programAt } = await import('#core/chain/solana/deploy/deployment.ts');
  const { removePending } = await import('#core/chain/solana/deploy/pending.ts');
  const { deployment, address, pendingFile } = await site.deployment(isFirst);
  const isStanding = (await programAt(site.connection, address)) !== undefined;
  if (!isFirst && !isStanding) usage(`There is no program at ${address.toBase58()}.`, 'Use tollkeeper solana deploy.');
  const cost = await planDeployment(deployment);
  const { screen } = invocation;
  screen.err(
    `${isStanding ? 'Upgrade' : 'Deploy'} ${site.name} to ${site.cluster} at ${address.toBase58()}\n` +
      `  ${cost.writes} writes, fees ${cost.feesLamports} lamports, rent of the program ${cost.programRentLamports}, ` +
      `of the buffer ${cost.bufferRentLamports} (given back)\n  authority ${deployment.authority.address.toBase58()}\n`,
  );
  if (!invocation.flags.some(({ name }) => name === 'yes')) {
    usage('Nothing was sent yet.', 'If the cost is right, say --yes.');
  }
  const done = await deployProgram(deployment);
  if (process.stderr.isTTY) screen.err('\n');
  removePending(pendingFile);
  printAnswer({ ...done, cluster: site.cluster }, invocation);
  return EXIT.ok;
}

async function setAuthority(site: Site, invocation: Invocation): Promise<ExitCode> {
  const { changeAuthority } = await import('#core/chain/solana/deploy/deployment.ts');
  const { PublicKey } = await import('@solana/web3.js');
  const program = site.address();
  const next = flagOf(invocation, 'new-authority');
  if (next === undefined) usage('To whom?', 'Give --new-authority ADDRESS, or --new-authority none to make it final.');
  if (next === 'none') checkTwice(invocation, program.toBase58(), 'Nobody will ever be able to change the program.');
  const to = next === 'none' ? null : new PublicKey(next);
  const signature = await changeAuthority(site.changing(program), to);
  printAnswer({ program: program.toBase58(), authority: to?.toBase58() ?? null, signature }, invocation);
  return EXIT.ok;
}

async function close(site: Site, invocation: Invocation): Promise<ExitCode> {
  const { closeProgram } = await import('#core/chain/solana/deploy/deployment.ts');
  const program = site.address();
  checkTwice(invocation, program.toBase58(), 'The program will be gone, and its address can never be used again.');
  const signature = await closeProgram(site.changing(program));
  printAnswer({ program: program.toBase58(), signature }, invocation);
  return EXIT.ok;
}

async function giveUp(site: Site, invocation: Invocation): Promise<ExitCode> {
  const { closeBuffer } = await import('#core/chain/solana/deploy/deployment.ts');
  const { removePending } = await import('#core/chain/solana/deploy/pending.ts');
  const { buffer, file } = site.pendingBuffer();
  const signature = await closeBuffer(site.changing(buffer), buffer);
  removePending(file);
  printAnswer({ buffer: buffer.toBase58(), signature }, invocation);
  return EXIT.ok;
}

async function compare(site: Site, invocation: Invocation): Promise<ExitCode> {
  const { sha256, verifyProgram } = await import('#core/chain/solana/deploy/deployment.ts');
  const program = site.address();
  const { isSame, ...found } = await verifyProgram(site.connection, program, site.elf());
  const answer = { ok: isSame, program: program.toBase58(), file: sha256(site.elf()), ...found };
  printAnswer(answer, invocation);
  return isSame ? EXIT.ok : EXIT.refused;
}

function verbOf(invocation: Invocation): Verb {
  const word = wordOf(solana, invocation, 0);
  return VERBS.find((verb) => verb === word) ?? usage(`solana has no verb "${word}".`, `It has ${VERBS.join(', ')}.`);
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(solana, invocation, 2);
  const verb = verbOf(invocation);
  const { openSite } = await import('../solana-site.ts');
  const site = await openSite(invocation);
  switch (verb) {
    case 'deploy':
      return deploy(site, invocation, true);
    case 'upgrade':
      return deploy(site, invocation, false);
    case 'set-authority':
      return setAuthority(site, invocation);
    case 'close':
      return close(site, invocation);
    case 'close-buffer':
      return giveUp(site, invocation);
    case 'verify':
      return compare(site, invocation);
  }
}

export const solana: OwnCommand = {
  name: 'solana',
  usage:
    'tollkeeper solana deploy|upgrade|set-authority|close|close-buffer|verify PROGRAM\n' +
    '      [--profile local|devnet|mainnet] [--rpc URL] [--payer KEYFILE] [--authority KEYFILE]\n' +
    '      [--program ADDRESS|KEYFILE] [--fee-limit LAMPORTS] [--price MICROLAMPORTS]\n' +
    '      [--new-authority ADDRESS|none] [--state FILE] [--confirm ADDRESS] [--confirm-again ADDRESS] [--yes]',
  doc: 'Deploy and look after our programs: cost first, goes on after a break, bytes compared with the file.',
  flags: [
    'profile',
    'rpc',
    'payer',
    'authority',
    'program',
    'fee-limit',
    'price',
    'new-authority',
    'state',
    'confirm',
    'confirm-again',
    'yes',
  ],
  run,
};
