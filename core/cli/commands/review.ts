/**
 * `tollkeeper review …`: an invoice out as a signed bundle, proven anywhere, answered with a key, and the answer back.
 * Proving and answering with a key file need no workspace.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { agrees } from '#core/domain/bundle-verify.ts';
import type { Check } from '#core/domain/bundle-lines.ts';
import type { Verdict } from '#core/domain/bundle-answer.ts';
import { formatAmount } from '#core/domain/money.ts';
import { viewerWith } from '#core/files/review-viewer.ts';
import { answerTo, makeAnswer, proveBundle, textOf } from '#core/services/review-bundle.ts';
import { newReviewerKey, openReviewerKey } from '#core/services/reviewer-key.ts';
import { checkUse, flagOf, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { tame, toJson } from '../output.ts';
import { askNewPassphrase, askPassphrase } from '../passphrase.ts';
import { overConnection, printAnswer } from '../run.ts';
import { signIn } from '../session.ts';

type Proof = ReturnType<typeof proveBundle>;
type Verb = (invocation: Invocation, file: string) => Promise<ExitCode>;

/** Bundles name customers and sums, so only their owner may read what is written here. */
function save(path: string, text: string): void {
  writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
}

/** Where an answer or bundle goes: a file that does not exist yet. */
function outOf(invocation: Invocation, otherwise?: string): string {
  const out = flagOf(invocation, 'out') ?? otherwise ?? usage('This needs --out FILE.', review.usage);
  const path = resolve(out);
  if (existsSync(path)) usage(`${tame(path)} exists already.`, 'Name a file that does not exist yet.');
  return path;
}

function bytesOf(file: string): Uint8Array {
  const path = resolve(file);
  if (!existsSync(path)) usage(`There is no file ${tame(path)}.`, 'Check its name.');
  return readFileSync(path);
}

const mark = (ok: boolean | null): string => (ok === null ? '·' : ok ? '✓' : '✗');
const checkText = ({ title, text, arithmetic, ok }: Check): string =>
  `  ${mark(ok)} ${tame(title)}: ${tame(text)}${arithmetic === null ? '' : ` (${tame(arithmetic)})`}`;

function proofText(proof: Proof): string {
  const { bundle, document, complaints, checks, lines, sha256 } = proof;
  const told = [`Bundle ${sha256}`];
  if (bundle && document) {
    const { number, by } = bundle.header;
    told.push(`Invoice ${tame(number)} of ${tame(document.issuer)} for ${tame(document.customer.name)}`);
    told.push(`Exported by ${tame(by.name)}, key ${by.key}`, '');
    for (const { line, checks: own } of lines) {
      const amount = formatAmount(BigInt(line.amountMinor), document.asset);
      told.push(`${mark(own.every(({ ok }) => ok !== false))} ${tame(line.id)} ${tame(line.description)}  ${amount}`);
      told.push(...own.map(checkText));
    }
    told.push('', ...checks.map((check) => checkText(check).slice(2)));
  }
  for (const { line, what, detail } of complaints) {
    told.push(`✗ ${line === 0 ? '' : `line ${line}, `}${tame(what)}: ${tame(detail)}`);
  }
  told.push(agrees(proof) ? 'Everything agrees.' : 'This bundle does not agree; do not approve it.', '');
  return told.join('\n');
}

async function verify(invocation: Invocation, file: string): Promise<ExitCode> {
  const text = textOf(bytesOf(file));
  const proof = proveBundle(text);
  const { sha256, complaints, checks, lines, bundle } = proof;
  const isRight = agrees(proof);
  const { screen, format } = invocation;
  const answer = { sha256, agrees: isRight, complaints, header: bundle?.header ?? null, checks, lines };
  screen.out(format === 'json' ? `${toJson(answer, 2)}\n` : proofText(proof));
  const viewer = flagOf(invocation, 'viewer');
  if (viewer !== undefined) {
    if (existsSync(resolve(viewer))) usage(`${tame(viewer)} exists already.`, 'Name a file that does not exist yet.');
    save(resolve(viewer), viewerWith(text));
    screen.err(`Wrote a page that proves it without a network to ${tame(viewer)}.\n`);
  }
  return isRight ? EXIT.ok : EXIT.refused;
}

async function exported(invocation: Invocation, invoice: string): Promise<ExitCode> {
  const out = outOf(invocation, `${invoice}.tollbundle`);
  return overConnection(invocation, { mayRepeat: false, mayReadOnly: false }, async (connection, sending) => {
    const passphrase = await signIn(connection, invocation.shared.operator);
    sending();
    const made = await connection.client.reviews.export({ invoice, passphrase });
    save(out, made.bundle);
    printAnswer(made.review, invocation);
    invocation.screen.err(`Wrote ${tame(out)}, ${Buffer.byteLength(made.bundle)} bytes.\n`);
    return EXIT.ok;
  });
}

/** `LINE=NOTE`, as often as there is something to say of a line. */
function annotations({ flags }: Invocation): { line: string; note: string }[] {
  return flags
    .filter(({ name }) => name === 'line')
    .map(({ value = '' }) => {
      const at = value.indexOf('=');
      if (at < 1) usage(`--line "${tame(value)}" says of no line anything.`, 'Write it as --line LINE=NOTE.');
      return { line: value.slice(0, at), note: value.slice(at + 1) };
    });
}

const decide =
  (verdict: Verdict): Verb =>
  async (invocation, file) => {
    const bundle = textOf(bytesOf(file));
    const decision = { verdict, note: flagOf(invocation, 'note') ?? '', lines: annotations(invocation) };
    const keyFile = flagOf(invocation, 'key');
    const { answer, fileName } =
      keyFile === undefined
        ? await decideInWorkspace(invocation, { bundle, ...decision })
        : await decideWithKey(keyFile, { bundle, ...decision });
    const out = outOf(invocation, fileName);
    save(out, answer);
    invocation.screen.err(`${verdict === 'approved' ? 'Approved' : 'Rejected'}; the answer is ${tame(out)}.\n`);
    return EXIT.ok;
  };

type Decision = Readonly<{
  bundle: string;
  verdict: Verdict;
  note: string;
  lines: readonly { line: string; note: string }[];
}>;

async function decideWithKey(keyFile: string, { bundle, ...decision }: Decision) {
  const text = textOf(bytesOf(keyFile));
  const { by, privateKey } = await openReviewerKey(text, await askPassphrase('Passphrase of the key: '));
  const { answer, fileName } = answerTo(bundle, { ...decision, by, decidedMs: Date.now() });
  return { answer: makeAnswer(answer, privateKey), fileName };
}

function decideInWorkspace(invocation: Invocation, decision: Decision) {
  const options = { mayRepeat: false, mayReadOnly: false };
  return overConnection(invocation, options, async (connection, sending) => {
    const passphrase = await signIn(connection, invocation.shared.operator);
    sending();
    return connection.client.reviews.decide({ ...decision, lines: [...decision.lines], passphrase });
  });
}

async function imported(invocation: Invocation, file: string): Promise<ExitCode> {
  const answer = textOf(bytesOf(file));
  return overConnection(invocation, { mayRepeat: true, mayReadOnly: false }, async (connection, sending) => {
    await signIn(connection, invocation.shared.operator);
    sending();
    printAnswer(await connection.client.reviews.import({ answer }), invocation);
    return EXIT.ok;
  });
}

async function makeKey(invocation: Invocation, file: string): Promise<ExitCode> {
  const name = flagOf(invocation, 'name') ?? usage('review key needs --name NAME.', review.usage);
  const path = resolve(file);
  if (existsSync(path)) usage(`${tame(path)} exists already.`, 'Name a file that does not exist yet.');
  const { text, key } = await newReviewerKey(name, await askNewPassphrase('Passphrase for the key: '));
  save(path, text);
  const { screen, format } = invocation;
  screen.out(format === 'json' ? `${toJson({ name, key, file: path })}\n` : `${key}\n`);
  screen.err(`An admin registers it with: tollkeeper reviews addReviewer --name "${tame(name)}" --key ${key}\n`);
  return EXIT.ok;
}

const VERBS: Readonly<Record<string, Verb>> = {
  export: exported,
  verify,
  approve: decide('approved'),
  reject: decide('rejected'),
  import: imported,
  key: makeKey,
};

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(review, invocation, 2);
  const name = wordOf(review, invocation, 0);
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) return usage(`review has no verb "${tame(name)}".`, `There are ${Object.keys(VERBS).join(', ')}.`);
  return verb(invocation, wordOf(review, invocation, 1));
}

export const review: OwnCommand = {
  name: 'review',
  usage:
    'tollkeeper review export INVOICE [--out FILE] | verify BUNDLE [--viewer FILE] | ' +
    'approve|reject BUNDLE [--note TEXT] [--line LINE=NOTE]… [--key FILE] [--out FILE] | import ANSWER | ' +
    'key FILE --name NAME',
  doc: 'An invoice with its proofs in one signed file: export it, verify it anywhere, answer it, take the answer back.',
  flags: ['out', 'viewer', 'note', 'line', 'key', 'name'],
  run,
};
