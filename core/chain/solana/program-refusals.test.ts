import { describe, expect, test } from 'vitest';
import { ProgramInterface } from './program-interface.ts';
import { toldErrors } from './program-refusals.ts';

describe.each(['usage_vault', 'team_billing'])('the errors of %s', (name) => {
  const program = ProgramInterface.of(name);

  test('each have a sentence of what to do, and no sentence is of an error that is gone', () => {
    expect(toldErrors(name).toSorted()).toEqual(program.errors.map((error) => error.name).toSorted());
  });

  test.each(program.errors)('$name is told with what happened and what to do', ({ name: reason, code }) => {
    const refusal = program.refusal({ InstructionError: [2, { Custom: code }] }, 'charge fee', 'sig').refusal;
    expect(refusal).toMatchObject({ code: 'REVERTED', values: { signature: 'sig', reason } });
    expect(refusal.detail).toMatch(/^"charge fee" failed on the chain: [A-Z].+\. \(\w+\)$/);
    expect(refusal.fix).toMatch(/^[A-Z].+\.$/);
  });

  test('a fault of the chain itself is told as the chain does', () => {
    expect(program.refusal('BlockhashNotFound', 'deposit', 'sig').refusal).toMatchObject({
      detail: '"deposit" failed on the chain: "BlockhashNotFound"',
      fix: 'Look the signature up for its log.',
    });
  });
});
