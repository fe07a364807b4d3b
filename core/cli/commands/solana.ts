/** `tollkeeper solana …`: programs on a Solana network, deployed, upgraded, handed over, closed and compared. */
import { checkUse, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import type { SolanaVerb } from '../solana-verbs.ts';
import { printAnswer } from '../run.ts';

const VERBS: readonly SolanaVerb[] = ['deploy', 'upgrade', 'set-authority', 'close', 'close-buffer', 'verify'];

function verbOf(invocation: Invocation): SolanaVerb {
  const word = wordOf(solana, invocation, 0);
  return VERBS.find((verb) => verb === word) ?? usage(`solana has no verb "${word}".`, `It has ${VERBS.join(', ')}.`);
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(solana, invocation, 2);
  const verb = verbOf(invocation);
  const { runSolanaVerb } = await import('../solana-verbs.ts');
  const { answer, isOurs } = await runSolanaVerb(verb, invocation);
  printAnswer(answer, invocation);
  return isOurs ? EXIT.ok : EXIT.refused;
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
