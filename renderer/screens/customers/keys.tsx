/** A customer's API keys. */
import type { Customer } from '../../lib/shapes.ts';
import { ApiKeys } from '../../ui/api-keys.tsx';
import { Empty } from '../../ui/states.tsx';

export function Keys({ customer }: { customer: Customer }) {
  return (
    <ApiKeys
      name={`API keys of ${customer.name}`}
      customer={customer}
      empty={
        <Empty
          title="No API keys yet"
          command={`npx tollkeeper keys create --customer ${customer.id} --name server --scopes usage:write`}
        >
          Keys let this customer&apos;s servers send usage and ask the gate. Only a hash of each is stored.
        </Empty>
      }
    />
  );
}
