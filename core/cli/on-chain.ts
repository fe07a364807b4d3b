/** Proves a statement of `tollkeeper vault demo` from its chain: accounts, and the events of its signatures. */
import { readFileSync } from 'node:fs';
import type { Finding, Statement } from '#core/chain/solana/demo/statement.ts';
import type { Invocation } from './context.ts';
import { EXIT, usage } from './failure.ts';
import type { ExitCode } from './failure.ts';
import { tame, toJson } from './output.ts';

function read(file: string): Statement {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Statement;
    if (typeof value.rpc === 'string' && Array.isArray(value.signatures)) return value;
  } catch {
    // Told below, as for JSON that is no statement.
  }
  return usage(`${file} is no statement of a demo.`, 'Write one with tollkeeper vault demo --statement FILE.');
}

/** Tells each finding, and whether all of them agree. */
export function tellFindings(findings: readonly Finding[], { format, screen }: Invocation): ExitCode {
  const isProven = findings.every(({ isEqual }) => isEqual);
  if (format === 'json') screen.out(`${toJson({ ok: isProven, findings })}\n`);
  else {
    for (const { what, stated, onChain, isEqual } of findings) {
      const figures = isEqual ? stated : `${stated} stated, ${onChain} on the chain`;
      screen.out(`${isEqual ? '✓' : '✗'} ${what}: ${tame(figures)}\n`);
    }
    screen.out(isProven ? 'The chain holds what was stated.\n' : 'The chain does not hold what was stated.\n');
  }
  return isProven ? EXIT.ok : EXIT.refused;
}

export async function verifyOnChain(file: string, invocation: Invocation): Promise<ExitCode> {
  const { verifyStatement } = await import('#core/chain/solana/demo/statement.ts');
  return tellFindings(await verifyStatement(read(file)), invocation);
}
