/**
 * Proves a review bundle again from its own bytes: every hash, every sum, every amount. Runs where there is no ledger
 * and no network: the command line, the console, and the viewer inside the bundle.
 */
import type { Bundle, Complaint, Digest, Read } from './bundle.ts';
import { nameOf, readBundle, readCanonical } from './bundle.ts';
import { bodyOf, chainComplaints } from './bundle-chain.ts';
import { checkLines } from './bundle-lines.ts';
import type { Check, CheckedLine } from './bundle-lines.ts';
import { toHex } from './hex.ts';
import type { InvoiceDocument } from './invoice.ts';
import { formatAmount } from './money.ts';
import { grouped } from './words.ts';

export type Verified = Read &
  Readonly<{
    document: InvoiceDocument | null;
    /** Of the invoice as a whole. */
    checks: readonly Check[];
    lines: readonly CheckedLine[];
  }>;

/** Whether nothing was found that does not agree. */
export const agrees = ({ bundle, complaints }: Pick<Verified, 'bundle' | 'complaints'>): boolean =>
  bundle !== null && complaints.length === 0;

/** Proves all but the signature, which waits for whoever can check Ed25519: see `withSignature`. */
export function verifyBundle(text: string, digest: Digest): Verified {
  const read = readBundle(text, digest);
  const nothing = { document: null, checks: [], lines: [] };
  if (read.bundle === null) return { ...read, ...nothing };
  try {
    return prove(read, read.bundle, digest);
  } catch {
    // A part that says what the books never write, in a form that no check foresaw, proves nothing.
    const complaint = { line: 0, what: 'the file', detail: 'A part of it holds what no books write.' };
    return { ...read, ...nothing, complaints: [...read.complaints, complaint] };
  }
}

/** Adds what the check of the signature came to. */
export function withSignature(verified: Verified, isSigned: boolean): Verified {
  if (verified.signed !== null && isSigned) return verified;
  const name = verified.bundle?.header.by.name ?? 'whoever the header names';
  const complaint = { line: 0, what: 'the signature', detail: `The seal was not signed by ${name}'s key.` };
  return { ...verified, complaints: [...verified.complaints, complaint] };
}

function prove(read: Read, bundle: Bundle, digest: Digest): Verified {
  const complaints = [...read.complaints, ...chainComplaints(bundle, digest)];
  const complain = (line: number, what: string, detail: string): void => void complaints.push({ line, what, detail });
  const { header } = bundle;
  if (toHex(digest(bundle.document)) !== header.sha256) {
    complain(2, 'the invoice', 'Its hash is not the one the header names.');
  }
  const document = readCanonical(bundle.document) as InvoiceDocument | null;
  if (document?.schema !== 'tollkeeper/invoice/1') {
    complain(2, 'the invoice', 'It is not written as an invoice is.');
    return { ...read, complaints, document: null, checks: [], lines: [] };
  }
  if (document.id !== header.invoice || document.number !== header.number) {
    complain(1, 'the header', 'It names another invoice than the one in line 2.');
  }
  complaints.push(...countComplaints(bundle, document));
  const { lines, complaints: strange } = checkLines(bundle, document);
  complaints.push(...strange);
  const checks = [
    sumCheck(document),
    dueCheck(document),
    frozenCheck(bundle, document),
    chainCheck(bundle, complaints.length === read.complaints.length),
  ];
  for (const check of checks) if (check.ok === false) complain(2, 'the invoice', `${check.title}: does not agree.`);
  for (const [index, { line, checks: own }] of lines.entries()) {
    const failed = own.filter(({ ok }) => ok === false).map(({ title }) => title);
    if (failed.length > 0)
      complain(2, `invoice line ${index + 1}, ${line.description}`, `${failed.join('; ')}: does not agree.`);
  }
  return { ...read, complaints, document, checks, lines };
}

/** The header counts each usage line, once, and counts nothing else. */
function countComplaints({ header }: Bundle, document: InvoiceDocument): Complaint[] {
  const usage = document.lines.filter(({ kind }) => kind === 'usage' || kind === 'late-usage').map(({ id }) => id);
  const counted = header.counts.map(({ line }) => line);
  if (counted.join() === usage.join()) return [];
  return [{ line: 1, what: 'the header', detail: 'It does not count the usage lines of this invoice.' }];
}

function sumCheck({ lines, totalMinor, asset }: InvoiceDocument): Check {
  const sum = lines.reduce((total, { amountMinor }) => total + BigInt(amountMinor), 0n);
  return {
    title: `Total ${formatAmount(BigInt(totalMinor), asset)}`,
    text: `${lines.length} ${lines.length === 1 ? 'line' : 'lines'} added up again`,
    arithmetic: formatAmount(sum, asset),
    ok: sum === BigInt(totalMinor),
  };
}

function dueCheck({ totalMinor, paidFromCreditMinor, dueMinor, asset }: InvoiceDocument): Check {
  const [total, credit, due] = [BigInt(totalMinor), BigInt(paidFromCreditMinor), BigInt(dueMinor)];
  const words = (minor: bigint): string => formatAmount(minor, asset);
  return {
    title: `Due ${formatAmount(due, asset)}`,
    text: 'the total less what was paid from credit',
    arithmetic: `${words(total)} − ${words(credit)} = ${words(total - credit)}`,
    ok: total - credit === due,
  };
}

/** The transaction that froze the invoice holds the same bytes, and books as receivable what is due. */
function frozenCheck(bundle: Bundle, document: InvoiceDocument): Check {
  const frozen = bundle.transactions.find(
    (one) => one.what === 'invoice.finalized' && bodyOf(one)['invoice'] === document.id,
  );
  const body = frozen ? bodyOf(frozen) : {};
  const booked = (frozen?.entries ?? [])
    .filter(([account]) => account === `${document.customer.id}:receivable:${document.asset}`)
    .reduce((sum, [, minor]) => sum - BigInt(minor), 0n);
  return {
    title: `Frozen as ${document.number ?? 'no number'}`,
    text: frozen ? `in ${nameOf(frozen)}, byte for byte` : 'The transaction that froze it is not in the bundle.',
    arithmetic: `receivable ${formatAmount(booked, document.asset)}`,
    ok: body['document'] === bundle.document && booked === BigInt(document.dueMinor),
  };
}

function chainCheck({ transactions, blocks, events }: Bundle, isTrue: boolean): Check {
  const count = (many: readonly unknown[], one: string): string =>
    `${grouped(String(many.length))} ${one}${many.length === 1 ? '' : 's'}`;
  return {
    title: count(transactions, 'transaction'),
    text: `in ${count(blocks, 'block')}, with ${count(events, 'event')}: every hash was made again`,
    arithmetic: null,
    ok: isTrue,
  };
}
