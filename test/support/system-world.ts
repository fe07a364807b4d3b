/** Imports of other systems' data in a test: files made, runs followed, and what each run says it made. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SystemName, SystemStep } from '#core/contract/imports.ts';
import { openGatewayWorld } from './gateway-world.ts';

export type SystemWorld = Awaited<ReturnType<typeof openSystemWorld>>;

export async function openSystemWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-systems-'));
  const world = await openGatewayWorld();
  let made = 0;
  const fileOf = (name: string, content: unknown): string => {
    made += 1;
    const path = join(folder, `${made}-${name}`);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 1));
    return path;
  };
  const run = async (from: SystemName, path: string, book = true): Promise<SystemStep> => {
    let last: SystemStep | undefined;
    for await (const step of await world.client.imports.runFrom({ from, path, book })) last = step;
    if (!last) throw new Error('the import said nothing');
    return last;
  };
  /** Tried it is what it will be; taken it is that; taken again it is all known; and each run says so. */
  const thrice = async (from: SystemName, path: string, expected: Record<string, number>): Promise<SystemStep> => {
    const before = world.core.book.head().sequence;
    const tried = await run(from, path, false);
    expect(world.core.book.head().sequence).toBe(before);
    const taken = await run(from, path);
    const again = await run(from, path);
    const each = (isKnown: boolean) =>
      Object.fromEntries(
        Object.entries(expected).map(([kind, count]) => [kind, isKnown ? [0, count, 0] : [count, 0, 0]]),
      );
    expect([tried, taken, again].map(madeIn)).toEqual([each(false), each(false), each(true)]);
    return taken;
  };
  const drained = async (): Promise<void> => {
    const { core } = world;
    while (core.book.head().events !== core.book.head().watermark) await new Promise((done) => setImmediate(done));
  };
  const close = async (): Promise<void> => {
    expect(world.errors).toEqual([]);
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { world, client: world.client, fileOf, run, thrice, drained, close };
}

/** Per kind: new, known, refused. */
export const madeIn = ({ made }: SystemStep) =>
  Object.fromEntries(made.map((one) => [one.kind, [one.new, one.known, one.refused]]));
export const leftIn = ({ leftOut }: SystemStep) => Object.fromEntries(leftOut.map(({ what, count }) => [what, count]));
