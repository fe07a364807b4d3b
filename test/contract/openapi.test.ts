/** The description of the HTTP interface says what the contract says, and what the gateway serves. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { routedCommands } from '#core/gateway/mounted.ts';
import { openApiText } from '../../build/openapi.ts';

type Document = { openapi: string; paths: Record<string, Record<string, { responses: Record<string, object> }>> };
const committed = readFileSync('docs/openapi.json', 'utf8');

test('docs/openapi.json is what the contract generates', async () => {
  expect(committed === (await openApiText()), 'run build/openapi.ts').toBe(true);
});

test('it describes every routed command, and each of its refusals as a problem', () => {
  const document = JSON.parse(committed) as Document;
  expect(document.openapi).toMatch(/^3\.1\./);
  for (const { method, path } of routedCommands()) {
    const operation = document.paths[`/v1${path}`]?.[method.toLowerCase()];
    expect(operation, `${method} ${path}`).toBeDefined();
    const refusals = Object.entries(operation?.responses ?? {}).filter(([status]) => Number(status) >= 400);
    for (const [, response] of refusals) expect(response).toHaveProperty(['content', 'application/problem+json']);
  }
});
