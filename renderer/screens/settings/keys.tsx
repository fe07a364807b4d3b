/** Every API key of the workspace, with those marked that deserve a look. */
import { useMemo, useState } from 'react';
import { useNow } from '../../lib/now.ts';
import type { ApiKey } from '../../lib/shapes.ts';
import { ApiKeys } from '../../ui/api-keys.tsx';
import type { Column } from '../../ui/columns.ts';
import { Chips } from '../../ui/controls.tsx';
import { Status } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { useCustomerNames } from '../../lib/customer-names.ts';
import { keyConcern } from './key-concern.ts';
import css from './settings.module.css';

type Show = 'concern';

/** The columns that a list of everybody's keys has beside those of one customer. */
function columnsFor(names: ReadonlyMap<string, string>, nowMs: number): Column<ApiKey>[] {
  return [
    {
      id: 'customer',
      title: 'Customer',
      width: '108px',
      text: (row) => (row.customer === null ? '' : (names.get(row.customer) ?? row.customer)),
      cell: (row) =>
        row.customer === null ? (
          <span className={css['muted']}>all customers</span>
        ) : (
          (names.get(row.customer) ?? row.customer)
        ),
    },
    {
      id: 'concern',
      title: 'Look at',
      width: '134px',
      text: (row) => keyConcern(row, nowMs) ?? '',
      cell: (row) => <Concern of={row} nowMs={nowMs} />,
    },
  ];
}

export function KeysPart() {
  const names = useCustomerNames();
  const [show, setShow] = useState<Show | undefined>();
  // A concern of ninety days does not change with the second; a key that ends in this minute has ended.
  const nowMs = Math.ceil(useNow() / 60_000) * 60_000;
  const beside = useMemo(() => columnsFor(names, nowMs), [names, nowMs]);
  const pick = useMemo(() => (row: ApiKey) => show === undefined || keyConcern(row, nowMs) !== null, [show, nowMs]);
  return (
    <div className={css['list']} data-list="">
      <ApiKeys
        name="API keys"
        fixed
        beside={beside}
        pick={pick}
        tools={
          <Chips<Show>
            label="Which keys"
            value={show}
            options={[
              { value: undefined, label: 'All' },
              { value: 'concern', label: 'To look at' },
            ]}
            onChange={setShow}
          />
        }
        empty={
          show === undefined ? (
            <Empty title="No API keys yet" command="npx tollkeeper keys create --name server --scopes usage:write">
              Keys let servers send usage and ask the gate. Only a hash of each is stored.
            </Empty>
          ) : (
            <Empty title="No key needs a look">Each belongs to a customer and was used within 90 days.</Empty>
          )
        }
      />
    </div>
  );
}

function Concern({ of, nowMs }: { of: ApiKey; nowMs: number }) {
  const concern = keyConcern(of, nowMs);
  if (concern === null) return null;
  return (
    <Status tone="attention" shape="triangle">
      {concern}
    </Status>
  );
}
