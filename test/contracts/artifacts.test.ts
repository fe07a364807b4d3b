/** The committed artifacts are what the sources compile to, and what is live can be upgraded to them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildInfo, buildRelease, makeArtifacts, readArtifacts } from '../../build/contracts/artifacts.ts';
import { forgeBinary } from '../../build/contracts/forge.ts';
import { checkLayout, releases } from '../../build/contracts/releases.ts';

describe.skipIf(forgeBinary() === undefined)('artifacts, where npm has forge', () => {
  beforeAll(() => {
    expect(buildRelease()).toBeUndefined();
  });

  test('are what the sources compile to, to the byte', () => {
    const [made, kept] = [makeArtifacts(), readArtifacts()];
    expect(Object.keys(kept).toSorted()).toEqual(Object.keys(made).toSorted());
    for (const [name, text] of Object.entries(made)) expect(kept[name] === text, `${name} is current`).toBe(true);
  });

  test('name no path of this machine', () => {
    for (const text of Object.values(readArtifacts())) expect(text).not.toContain(process.cwd());
  });

  test.each(releases())('keep the storage of release %d', (release) => {
    const { isCompatible, report } = checkLayout(release);
    expect(isCompatible, report).toBe(true);
  });

  test('would not pass with a variable put before others', () => {
    // The check itself is checked: the compiler's tree with one member of the store moved away from its place.
    const moved = join(process.cwd(), '.cache/forge/moved.json');
    const info = JSON.parse(readFileSync(buildInfo(), 'utf8')) as {
      output: { contracts: Record<string, Record<string, { storageLayout: { storage: { label: string }[] } }>> };
    };
    const layout = info.output.contracts['src/SandboxServing.sol']?.['SandboxServing']?.storageLayout;
    expect(layout?.storage[0]?.label).toBe('providerStake');
    layout?.storage.shift();
    writeFileSync(moved, JSON.stringify(info));
    expect(checkLayout(releases().at(-1) ?? 0, moved).isCompatible).toBe(false);
  });
});
