/** What a customer has, holds and owes, per asset. */
import { useQuery } from '@tanstack/react-query';
import { owed } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Balance, Customer } from '../../lib/shapes.ts';
import { Amount } from '../../ui/amount.tsx';
import { ErrorBox, Loading, Empty } from '../../ui/states.tsx';
import { Facts, Panel } from '../../ui/surface.tsx';
import css from './customers.module.css';

export function Balances({ customer }: { customer: Customer }) {
  const balances = useQuery(orpc.customers.balances.queryOptions({ input: { customer: customer.id } }));
  if (balances.data === undefined) {
    return balances.error ? (
      <ErrorBox error={balances.error} money="Nothing was charged or changed." retry={() => void balances.refetch()} />
    ) : (
      <Loading label="Reading balances" />
    );
  }
  if (balances.data.items.length === 0) {
    return (
      <Empty
        title="No balance yet"
        command={`npx tollkeeper credits grant --customer ${customer.id} --asset USDC/6 --amount 25 --source prepaid`}
      >
        A balance appears per asset with the first grant or the first priced usage.
      </Empty>
    );
  }
  return (
    <div className={css['balances']}>
      {balances.data.items.map((balance) => (
        <Card key={balance.asset} balance={balance} />
      ))}
    </div>
  );
}

function Card({ balance }: { balance: Balance }) {
  const amount = (minor: string) => <Amount minor={minor} asset={balance.asset} precision="short" copyable hideAsset />;
  return (
    <Panel label={`Balance in ${balance.asset}`}>
      <div className={css['headline']}>
        <span className={css['muted']}>Spendable</span>
        <b>
          <Amount minor={balance.spendableMinor} asset={balance.asset} precision="short" copyable inline />
        </b>
      </div>
      <div className={css['headline']}>
        <Facts
          rows={[
            ['Posted', amount(balance.postedMinor)],
            ['− On hold', amount(balance.heldMinor)],
            ['− Accepted, not posted yet', amount(balance.pendingMinor)],
            ['+ Overdraft allowed', amount(balance.overdraftMinor)],
          ]}
        />
      </div>
      <div className={css['headline']}>
        <Facts
          rows={[
            ['Wallet (prepaid credit)', amount(balance.walletMinor)],
            ['− Unbilled usage', amount(owed(balance.unbilledMinor))],
            ['Invoiced, due', amount(owed(balance.receivableMinor))],
          ]}
        />
      </div>
    </Panel>
  );
}
