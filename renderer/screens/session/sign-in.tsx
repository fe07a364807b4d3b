/** Sign in: who, and the passphrase. */
import { useState } from 'react';
import type { Session } from '../../lib/shapes.ts';
import { Empty } from '../../ui/states.tsx';
import { Cover } from './cover.tsx';
import { Passphrase } from './passphrase.tsx';
import css from './session.module.css';

export function SignIn({ session, owner }: { session: Session; owner: string | null }) {
  const [name, setName] = useState(session.operatorNames[0] ?? '');
  if (session.operatorNames.length === 0) {
    return (
      <Cover title={session.workspaceName} sub="Nobody may sign in yet.">
        <Empty
          title="Add the first operator"
          command={'npx tollkeeper operators create --name "Your name" --role admin'}
        >
          Every command in the books says who asked, so the console opens for operators only.
        </Empty>
      </Cover>
    );
  }
  return (
    <Cover
      title={`Sign in to ${session.workspaceName}`}
      sub={session.sample ? 'This workspace holds sample data.' : 'Each command is recorded under your name.'}
    >
      <fieldset className={css['names']}>
        <legend>Operator</legend>
        {session.operatorNames.map((operator) => (
          <label key={operator} className={css['name']}>
            <input
              type="radio"
              name="operator"
              value={operator}
              checked={operator === name}
              onChange={() => setName(operator)}
            />
            {operator}
          </label>
        ))}
      </fieldset>
      <Passphrase key={name} name={name} verb="Sign in" owner={owner} />
    </Cover>
  );
}
