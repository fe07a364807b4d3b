/** Locked: the page stays where it was, hidden, until the passphrase opens it again. */
import { useState } from 'react';
import type { Session } from '../../lib/shapes.ts';
import { Button } from '../../ui/controls.tsx';
import { Cover } from './cover.tsx';
import { Passphrase } from './passphrase.tsx';
import { SignIn } from './sign-in.tsx';

export function Lock({ session, name }: { session: Session; name: string }) {
  const owner = session.operator?.id ?? null;
  const [other, setOther] = useState(false);
  if (other) return <SignIn session={session} owner={owner} />;
  return (
    <Cover
      title={`Locked, ${name}`}
      sub={`${session.workspaceName} goes on working; this page shows nothing until you unlock it.`}
    >
      <Passphrase name={name} verb="Unlock" owner={owner} />
      <div>
        <Button kind="plain" size="small" onClick={() => setOther(true)}>
          Sign in as someone else
        </Button>
      </div>
    </Cover>
  );
}
