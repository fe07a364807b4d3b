/** By which endpoint a public network is asked: its own unless one is named, which then stands in the address. */
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { Button, TextField } from '../../ui/controls.tsx';
import { Form } from '../../ui/surface.tsx';
import css from './deployments.module.css';
import type { Network } from './words.ts';

const route = getRouteApi('/deployments/$network/$unit');
const URL_FORM = /^https?:\/\/\S+$/;

/** What every question about a deployment says of the way there. */
export function useWay(): { rpc?: string[] } {
  const { rpc } = route.useSearch();
  return rpc === undefined ? {} : { rpc: rpc.split(',') };
}

export function Endpoint({ network }: { network: Network }) {
  const { rpc } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(rpc ?? '');
  const isFine = typed === '' || typed.split(',').every((url) => URL_FORM.test(url));
  const go = (): void => void navigate({ search: { rpc: typed === '' ? undefined : typed }, replace: true });
  return (
    <Form onSubmit={() => isFine && go()}>
      <div className={css['endpoint']}>
        <TextField
          label="Endpoint"
          hint={`Several with commas between; empty means ${network.rpc.join(', ')}`}
          value={typed}
          onChange={setTyped}
          autoComplete="off"
          problem={isFine ? undefined : 'It begins with http:// or https://.'}
        />
        <Button submit disabled={!isFine || typed === (rpc ?? '')}>
          Ask there
        </Button>
      </div>
    </Form>
  );
}
