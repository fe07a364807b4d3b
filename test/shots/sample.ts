/** What the sample lacks and a picture wants: alerts, where they go, unit costs, discounts, rates, notes, a backup. */
import type { Client } from '#core/cli/connection.ts';
import { PICTURED_MS } from './fixed-core.ts';

const DAY_MS = 86_400_000;

async function fillNotices(client: Client): Promise<void> {
  const told = { margin: '5', channels: [], severity: 'danger' as const };
  await client.alerts.createRule({
    ...told,
    key: 'shots-low',
    kind: 'balance-below',
    name: 'Runs low',
    asset: 'USDC/6',
    threshold: '20000000',
  });
  await client.alerts.createRule({
    ...told,
    key: 'shots-unrated',
    kind: 'unrated-usage',
    name: 'Usage nobody priced',
    threshold: '1',
    margin: '0',
    severity: 'info',
  });
  await client.webhooks.create({ name: 'Ops desk', url: 'https://hooks.example.com/tollkeeper' });
  await client.mail.set({
    host: 'mail.example.com',
    port: 587,
    security: 'starttls',
    user: 'billing',
    password: 'a password of pictures',
    from: 'billing@example.com',
    to: ['ops@example.com'],
    isOn: false,
  });
  await client.costs.set({ meter: 'api.requests', asset: 'USDC/6', amountMinor: '2100', perUnits: '1' });
}

async function fillPrices(client: Client): Promise<void> {
  await client.discounts.create({
    key: 'shots-winter',
    kind: 'promotion',
    name: 'Winter 10 %',
    asset: 'USDC/6',
    terms: { kind: 'percent', basisPoints: 1_000 },
    fromMs: PICTURED_MS + DAY_MS,
  });
  await client.discounts.create({
    key: 'shots-volume',
    kind: 'volume',
    name: 'Volume of Orbit',
    customer: 'orbit',
    asset: 'USDC/6',
    terms: {
      kind: 'steps',
      steps: [
        { fromMinor: '100000000', basisPoints: 300 },
        { fromMinor: '500000000', basisPoints: 500 },
      ],
    },
    fromMs: PICTURED_MS + DAY_MS,
  });
  await client.rates.record({
    key: 'shots-rate',
    from: 'SOL/9',
    to: 'USD/2',
    rate: '142.35',
    source: 'desk',
    observedMs: PICTURED_MS,
  });
}

/** Books it through the contract, as an operator would. */
export async function fillForPictures(client: Client): Promise<void> {
  await fillNotices(client);
  await fillPrices(client);
  await client.customers.addNote({
    key: 'shots-note',
    customer: 'orbit',
    text: 'Wants one invoice a quarter from January on; asked for the terms in writing.',
  });
}
