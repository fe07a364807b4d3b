/** The field that opens a session, for signing in and for unlocking. */
import { hashKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { failureOf } from '../../lib/failure.ts';
import { orpc } from '../../lib/rpc.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { Form } from '../../ui/surface.tsx';

type Props = Readonly<{
  name: string;
  verb: string;
  /** Whose page lies behind, by id. */
  owner: string | null;
}>;

export function Passphrase({ name, verb, owner }: Props) {
  const [passphrase, setPassphrase] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const queries = useQueryClient();
  const signIn = useMutation(
    orpc.session.signIn.mutationOptions({
      onSuccess: (session) => {
        const own = orpc.session.get.queryKey({ input: {} });
        // What another operator was shown is not shown again to this one. The session itself stays where the page
        // looks at it: in its place another would be put, and nobody would look at that.
        if (session.operator?.id !== owner)
          queries.removeQueries({ predicate: ({ queryKey }) => hashKey(queryKey) !== hashKey(own) });
        queries.setQueryData(own, session);
        void queries.invalidateQueries();
      },
      onError: () => setPassphrase(''),
    }),
  );
  const failure = signIn.error ? failureOf(signIn.error) : undefined;
  return (
    <Form onSubmit={() => signIn.mutate({ name, passphrase })}>
      <TextField
        label="Passphrase"
        type="password"
        autoComplete="current-password"
        value={passphrase}
        onChange={setPassphrase}
        problem={failure && passphrase === '' ? `${failure.detail} ${failure.fix}` : undefined}
        ref={field}
      />
      <Button kind="primary" submit busy={signIn.isPending} disabled={passphrase === '' || name === ''}>
        {signIn.isPending ? 'Checking…' : verb}
      </Button>
    </Form>
  );
}
