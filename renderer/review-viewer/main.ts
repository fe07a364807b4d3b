/**
 * The viewer inside a review bundle: one page that proves the bundle with no network, from what it carries or from a
 * file that is opened in it. It is bundled into `core/files/review-viewer.html` by `build/review-viewer.ts`.
 */
import type { Complaint } from '#core/domain/bundle.ts';
import { verifyBundle, withSignature } from '#core/domain/bundle-verify.ts';
import type { Verified } from '#core/domain/bundle-verify.ts';
import type { Check, CheckedLine } from '#core/domain/bundle-lines.ts';
import { fromHex } from '#core/domain/hex.ts';
import type { InvoiceDocument } from '#core/domain/invoice.ts';
import { formatAmount } from '#core/domain/money.ts';
import { sha256Bytes } from '#core/domain/sha256.ts';
import { grouped } from '#core/domain/words.ts';

const encoder = new TextEncoder();
const digest = (data: Uint8Array | string): Uint8Array =>
  sha256Bytes(typeof data === 'string' ? encoder.encode(data) : data);

type Child = Node | string;
type Options = Readonly<{ class?: string; title?: string; scope?: string }>;

/** An element with its children; texts stay texts, whatever they say. */
function make(tag: string, options: Options, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  if (options.class) element.className = options.class;
  if (options.title) element.title = options.title;
  if (options.scope) element.setAttribute('scope', options.scope);
  element.append(...children);
  return element;
}

const cells = (tag: 'td' | 'th', ...texts: readonly string[]): HTMLElement[] =>
  texts.map((text) => make(tag, tag === 'th' ? { scope: 'col' } : {}, text));
const date = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(fromHex(hex) ?? []);

/** Whether the seal was signed; null where this browser does not know Ed25519. */
async function isSigned({ signed }: Verified): Promise<boolean | null> {
  if (signed === null) return false;
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey('raw', bytesOf(signed.key), 'Ed25519', false, ['verify']);
  } catch {
    return null; // Said on the page: the signature is then for the command line to check.
  }
  return crypto.subtle.verify('Ed25519', key, bytesOf(signed.signature), encoder.encode(signed.message));
}

function complaintList(complaints: readonly Complaint[]): HTMLElement {
  const items = complaints.map(({ line, what, detail }) =>
    make('li', {}, make('strong', {}, line === 0 ? what : `Line ${line}, ${what}`), ` ${detail}`),
  );
  return make('ul', { class: 'complaints' }, ...items);
}

const MARKS = { true: ['✓', 'agrees', 'good'], false: ['✗', 'does not agree', 'bad'], null: ['·', 'not shown', ''] };

function checkItem({ title, text, arithmetic, ok }: Check): HTMLElement {
  const [mark = '', words = '', meaning = ''] = MARKS[`${ok}`];
  return make(
    'li',
    {},
    make('span', { class: `mark ${meaning}`, title: words }, mark),
    make('div', {}, make('strong', {}, title), make('span', { class: 'soft' }, ` ${text}`)),
    ...(arithmetic === null ? [] : [make('code', {}, arithmetic)]),
  );
}

const checkList = (checks: readonly Check[]): HTMLElement => make('ul', { class: 'checks' }, ...checks.map(checkItem));

function lineRow({ line, checks }: CheckedLine, asset: InvoiceDocument['asset']): HTMLElement {
  const isRight = checks.every(({ ok }) => ok !== false);
  const [mark = '', words = '', meaning = ''] = MARKS[`${isRight}`];
  return make(
    'details',
    { class: 'line' },
    make(
      'summary',
      {},
      make('span', { class: `mark ${meaning}`, title: words }, mark),
      make('span', { class: 'what' }, line.description),
      make('span', { class: 'soft figure' }, line.kind === 'usage' ? `${grouped(line.quantity)} ${line.unit}` : ''),
      make('span', { class: 'figure' }, formatAmount(BigInt(line.amountMinor), asset)),
    ),
    checkList(checks),
  );
}

function totals(document: InvoiceDocument): HTMLElement {
  const { asset, totalMinor, paidFromCreditMinor, dueMinor } = document;
  const row = (name: string, minor: string): HTMLElement =>
    make('div', {}, make('span', {}, name), make('span', { class: 'figure' }, formatAmount(BigInt(minor), asset)));
  const rows = [row('Total', totalMinor), row('Paid from credit', paidFromCreditMinor), row('Due', dueMinor)];
  return make('div', { class: 'totals' }, ...rows);
}

function journal({ bundle }: Verified): HTMLElement {
  const rows = (bundle?.transactions ?? []).flatMap((one) =>
    one.entries.map(([account, amount, , , happenedMs, memo]) =>
      make('tr', {}, ...cells('td', String(one.seq), one.what, date(happenedMs), account, amount, memo)),
    ),
  );
  const head = make('tr', {}, ...cells('th', 'Transaction', 'Kind', 'Happened', 'Account', 'Minor units', 'Memo'));
  return make(
    'details',
    {},
    make('summary', {}, `Journal extract, ${rows.length} entries`),
    make('div', { class: 'wide' }, make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows))),
  );
}

function events({ bundle }: Verified): HTMLElement {
  const all = bundle?.events ?? [];
  const rows = all.map(({ seq, slice, text, path }) =>
    make('tr', {}, ...cells('td', String(seq), String(slice), text, `${path.length} hashes`)),
  );
  const head = make('tr', {}, ...cells('th', 'Event', 'Rated in', 'As it was accepted', 'Proof'));
  return make(
    'details',
    {},
    make('summary', {}, `Events, ${all.length}`),
    make('div', { class: 'wide' }, make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows))),
  );
}

function signatureText(verified: Verified, signed: boolean | null): string {
  const by = verified.bundle?.header.by;
  if (!by || signed === false) return ''; // The complaint above says that nobody signed it.
  if (signed === null) {
    return 'This browser cannot check the signature. `tollkeeper review verify` can.';
  }
  return `Signed by ${by.name} on ${date(verified.bundle?.header.exportedMs ?? 0)} with the key ${by.key}.`;
}

async function show(text: string): Promise<void> {
  const proven = verifyBundle(text, digest);
  const signed = await isSigned(proven);
  const verified = signed === false ? withSignature(proven, false) : proven;
  const { document: invoice, complaints, checks, lines } = verified;
  const isRight = complaints.length === 0;
  const count = `${complaints.length} ${complaints.length === 1 ? 'thing does' : 'things do'} not agree`;
  const title = invoice ? `Invoice ${invoice.number ?? ''}` : 'Review bundle';
  const who = invoice ? `${invoice.issuer} to ${invoice.customer.name}` : '';
  const when = invoice ? `${date(invoice.periodStartMs)} to ${date(invoice.periodEndMs)}` : '';
  document.title = title;
  document
    .querySelector('main')
    ?.replaceChildren(
      make('h1', {}, title),
      make('p', { class: 'soft' }, [who, when].filter(Boolean).join(', ')),
      make('p', { class: isRight ? 'outcome good' : 'outcome bad' }, isRight ? '✓ Everything agrees' : `✗ ${count}`),
      ...(isRight ? [] : [complaintList(complaints)]),
      make('p', { class: 'soft' }, signatureText(verified, signed)),
      ...(invoice ? [...lines.map((line) => lineRow(line, invoice.asset)), totals(invoice)] : []),
      make('h2', {}, 'Computed again on this page'),
      checkList(checks),
      events(verified),
      journal(verified),
    );
}

/** Bytes as the one text they are, or a sentence of why they are none. */
async function open(bytes: Uint8Array): Promise<void> {
  try {
    await show(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    // Anything but a wrong byte is a defect of this page; it is shown rather than lost, for there is no console.
    const why = error instanceof TypeError ? 'A byte of the file is not UTF-8: it was changed.' : String(error);
    document.querySelector('main')?.replaceChildren(make('p', { class: 'outcome bad' }, `✗ ${why}`));
  }
}

const carried = document.querySelector('#bundle')?.textContent.trim() ?? '';
if (carried !== '') void open(Uint8Array.from(atob(carried), (one) => one.charCodeAt(0)));
document.querySelector('input')?.addEventListener('change', (event) => {
  const file = (event.target as HTMLInputElement).files?.[0];
  if (file) void file.arrayBuffer().then((bytes) => open(new Uint8Array(bytes)));
});
