/** The words of an invoice's PDF, read back: what a customer files is what the books froze, on one page or several. */
import type { Page } from 'playwright-core';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InvoiceDocument } from '#core/domain/invoice.ts';
import { openConsole, WIDE } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';

const METERS = 60;
const rate = { amountMinor: '12500', perUnits: '1' };
let world: Console;
let page: Page;

beforeAll(async () => {
  world = await openConsole('pdf');
  ({ page } = await world.enter(WIDE));
}, 180_000);
afterAll(() => world.close());

type Printed = Readonly<{ pages: readonly string[]; pdf: Buffer }>;

/** What stands on each page, as a reader copies it: words with single spaces, thin ones left out. */
async function printed(invoice: string): Promise<Printed> {
  await page.goto(`${new URL(page.url()).origin}/invoices/${invoice}/print`);
  await page.getByRole('article', { name: /^Invoice / }).waitFor();
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  const task = getDocument({ data: new Uint8Array(pdf), useSystemFonts: false, verbosity: 0 });
  const document = await task.promise;
  const pages: string[] = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const { items } = await (await document.getPage(number)).getTextContent();
    const words = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? ' ' : '') : '')).join(' ');
    pages.push(plain(words));
  }
  await task.destroy();
  return { pages, pdf };
}

const plain = (text: string): string => text.replaceAll(/\s+/g, '').replaceAll('−', '-');

/** An amount as it is printed, with the digits of its asset and without what separates thousands. */
function money(minor: string, scale: number): string {
  const digits = minor.replace('-', '').padStart(scale + 1, '0');
  return `${minor.startsWith('-') ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

async function documentOf(invoice: string): Promise<{ document: InvoiceDocument; sha256: string }> {
  const { bytes, sha256 } = await world.client.invoices.document({ invoice });
  return { document: JSON.parse(bytes) as InvoiceDocument, sha256 };
}

/** Usage of many meters of one customer in the month before, closed and finalized. */
async function longInvoice(): Promise<string> {
  const now = new Date();
  const occurredAt = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 15);
  await world.client.customers.create({ name: 'Many Meters Ltd', externalId: 'many' });
  for (let index = 0; index < METERS; index += 1) {
    const key = `pdf.meter-${index}`;
    await world.client.meters.create({ key, name: `Meter ${index}`, eventType: key, aggregation: 'sum', unit: 'call' });
    await world.client.prices.publish({
      key,
      meter: key,
      asset: 'USDC/6',
      model: { kind: 'per-unit', rate },
      rounding: 'half-even',
      effectiveFromMs: occurredAt - 86_400_000,
    });
  }
  const events = Array.from({ length: METERS }, (_, index) => ({
    source: 'pdf',
    id: `pdf-${index}`,
    customer: 'many',
    meter: `pdf.meter-${index}`,
    quantity: `${1_000 + index}`,
    occurredAt,
  }));
  await world.client.usage.record({ events });
  const { invoices } = await world.client.invoices.close({ customer: 'many', finalize: true });
  return invoices[0] ?? '';
}

test('one page says the number, who it is for, each line, the sums and the hash', { timeout: 60_000 }, async () => {
  const { items } = await world.client.invoices.list({ state: 'paid', limit: 50 });
  const { id } = items.find(({ customerName }) => customerName === 'Orbit Co') ?? { id: '' };
  const { document, sha256 } = await documentOf(id);
  const { pages } = await printed(id);
  expect(pages).toHaveLength(1);
  const [text = ''] = pages;
  expect(text).toContain(plain(document.number ?? ''));
  expect(text).toContain(plain(document.customer.name));
  expect(text).toContain(sha256);
  for (const line of document.lines) {
    expect(text).toContain(plain(line.description));
    expect(text).toContain(money(line.amountMinor, 6));
  }
  for (const minor of [document.totalMinor, document.paidFromCreditMinor, document.dueMinor])
    expect(text).toContain(money(minor, 6));
  expect(text).toContain('Page1of1');
});

test('many lines go over pages: each once and whole, under the heads again', { timeout: 120_000 }, async () => {
  const id = await longInvoice();
  const { document } = await documentOf(id);
  expect(document.lines).toHaveLength(METERS);
  const { pages } = await printed(id);
  expect(pages.length).toBeGreaterThan(1);
  for (const [index, text] of pages.entries()) {
    expect(text).toContain(`Page${index + 1}of${pages.length}`);
    if (/\d+calls/.test(text)) expect(text).toContain('WhatQuantityRateAmount');
  }
  for (const { description, quantity, amountMinor } of document.lines) {
    // Name, quantity and amount of a line stand together on one page: no row is cut in two.
    const row = `${plain(description)}.{0,24}${quantity}calls.{0,60}${money(amountMinor, 6).replace('.', '\\.')}`;
    const on = pages.filter((text) => new RegExp(row).test(text));
    expect(on, description).toHaveLength(1);
  }
  expect(pages.at(-1)).toContain(money(document.totalMinor, 6));
});
