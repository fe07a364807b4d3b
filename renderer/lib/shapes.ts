/** The contract's answers by the names people use for them. Types only. */
import type { Outputs } from './rpc.ts';

export type Session = Outputs['session']['get'];
export type Info = Outputs['workspace']['info'];
export type Overview = Outputs['workspace']['overview'];
export type NeedsYou = Overview['needsYou'][number];
export type Change = Outputs['workspace']['changes'] extends AsyncIterable<infer C> ? C : never;
export type CustomerRow = Outputs['customers']['list']['items'][number];
export type Customer = Outputs['customers']['get'];
export type Balance = Outputs['customers']['balances']['items'][number];
export type ApiKey = Outputs['keys']['list']['items'][number];
export type Grant = Outputs['credits']['list']['items'][number];
export type Hold = Outputs['holds']['list']['items'][number];
export type EventView = Outputs['usage']['list']['items'][number];
export type Parked = Outputs['unrated']['list']['items'][number];
export type Invoice = Outputs['invoices']['list']['items'][number];
export type InvoiceDetail = Outputs['invoices']['get'];
export type InvoiceLine = InvoiceDetail['lines'][number];
export type Explanation = Outputs['invoices']['explain'];
export type Entry = Outputs['ledger']['entries']['items'][number];
export type VerifyProgress = Outputs['ledger']['verify'] extends AsyncIterable<infer P> ? P : never;
export type Plan = Outputs['plans']['list']['items'][number];
export type Price = Outputs['prices']['list']['items'][number];
export type Meter = Outputs['meters']['list']['items'][number];
export type Discount = Outputs['discounts']['list']['items'][number];
export type Rate = Outputs['rates']['list']['items'][number];
export type Quote = Outputs['quotes']['make'];
export type WhatIf = Outputs['quotes']['whatIf'];
