/** Asks a person for a passphrase without showing it. */
import { ReadStream } from 'node:tty';
import { usage } from './failure.ts';

const ENTER = new Set(['\r', '\n', '\u0004']);
const ERASE = new Set(['\u007f', '\b']);
const INTERRUPT = '\u0003';

/** The one from the environment, or typed in the dark; a usage error where nobody can type. */
export function askPassphrase(question: string): Promise<string> {
  const given = process.env['TOLLKEEPER_PASSPHRASE'];
  if (given !== undefined && given !== '') return Promise.resolve(given);
  return typed(question);
}

/** Twice the same, for a passphrase that is made now. */
export async function askNewPassphrase(question: string): Promise<string> {
  if (process.env['TOLLKEEPER_PASSPHRASE']) return askPassphrase(question);
  const first = await typed(question);
  const again = await typed('The same again: ');
  return first === again ? first : usage('The two are not the same.', 'Run the command again and type it twice.');
}

/** What must not stand on a command line, where every user of the machine can read it. */
const SECRETS: Readonly<Record<string, string>> = {
  passphrase: 'Passphrase of the operator: ',
  current: 'Current passphrase: ',
  next: 'New passphrase: ',
};

/** Asks for a secret field of a command that was left out; nothing where nobody can type. */
export function askSecret(field: string): Promise<string> | undefined {
  const question = SECRETS[field];
  return question === undefined || !process.stdin.isTTY ? undefined : typed(question);
}

function typed(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!(stdin instanceof ReadStream) || !stdin.isTTY) {
    return usage('A passphrase is needed and nobody is here to type it.', 'Set TOLLKEEPER_PASSPHRASE.');
  }
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (finish: () => void): void => {
      stdin.off('data', hear);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      finish();
    };
    const hear = (chunk: string): void => {
      for (const key of chunk) {
        if (ENTER.has(key)) return end(() => resolve(text));
        if (key === INTERRUPT) return end(() => reject(new Interrupted()));
        text = ERASE.has(key) ? [...text].slice(0, -1).join('') : text + key;
      }
      return undefined;
    };
    stdin.on('data', hear);
  });
}

/** Ctrl-C at a prompt. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted.');
    this.name = 'Interrupted';
  }
}
