/**
 * `npm run contracts`: compiles the contracts and writes what the repository keeps of them. `-- --check` only looks,
 * `-- --release N` keeps this build as the release that the storage of later ones is compared with, and
 * `-- forge …` runs forge itself where it finds its compiler.
 */
import { parseArgs } from 'node:util';
import { buildRelease, makeArtifacts, readArtifacts, writeArtifacts } from './contracts/artifacts.ts';
import { forge } from './contracts/forge.ts';
import { checkLayout, keepRelease, releases } from './contracts/releases.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function check(): number {
  const [made, kept] = [makeArtifacts(), readArtifacts()];
  const names = [...new Set([...Object.keys(made), ...Object.keys(kept)])];
  const stale = names.filter((name) => made[name] !== kept[name]);
  for (const name of stale) say(`contracts/artifacts/${name} is not what the sources compile to.`);
  if (stale.length > 0) say('Run npm run contracts and commit what it writes.');
  const last = releases().at(-1);
  const layout = last === undefined ? undefined : checkLayout(last);
  if (layout?.isCompatible === false) say(`The storage is not that of release ${last}:\n${layout.report}`);
  return stale.length === 0 && layout?.isCompatible !== false ? 0 : 1;
}

function main(args: readonly string[]): number {
  if (args[0] === 'forge') {
    const ran = forge(args.slice(1));
    process.stdout.write(ran.stdout);
    process.stderr.write(ran.stderr);
    return ran.status;
  }
  const { values } = parseArgs({
    args: [...args],
    options: { check: { type: 'boolean', default: false }, release: { type: 'string' } },
  });
  const complaint = buildRelease();
  if (complaint !== undefined) {
    say(complaint);
    return 1;
  }
  if (values.check) return check();
  writeArtifacts(makeArtifacts());
  if (values.release !== undefined) keepRelease(Number(values.release));
  say(`Wrote contracts/artifacts${values.release === undefined ? '' : ` and release ${values.release}`}.`);
  return 0;
}

process.exitCode = main(process.argv.slice(2));
