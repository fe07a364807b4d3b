/** What others wrote and we ship, with the licence of each. */
import { Link, getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { findPackages } from '../../lib/licences.ts';
import type { ShippedPackage } from '../../lib/licences.ts';
import { byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './settings.module.css';
import { useLicences } from './use-licences.ts';

const route = getRouteApi('/settings');

const nameOf = ({ name, version }: ShippedPackage): string => `${name}@${version}`;

const COLUMNS: readonly Column<ShippedPackage>[] = [
  {
    id: 'name',
    title: 'Package',
    sort: byText((row) => row.name),
    text: (row) => row.name,
    cell: (row) => (
      <Link to="/settings" search={(all) => ({ ...all, package: nameOf(row) })}>
        {row.name}
      </Link>
    ),
  },
  {
    id: 'version',
    title: 'Version',
    width: '140px',
    text: (row) => row.version,
    cell: (row) => <code>{row.version}</code>,
  },
  {
    id: 'licence',
    title: 'Licence',
    width: '240px',
    sort: byText((row) => row.licence),
    text: (row) => row.licence,
    cell: (row) => row.licence,
  },
];

export function LicencesPart() {
  const { find = '', package: open } = route.useSearch();
  const navigate = route.useNavigate();
  const licences = useLicences();
  const rows = useMemo(() => licences.data && findPackages(licences.data.packages, find), [licences.data, find]);
  return (
    <div className={css['list']} data-list="">
      <Panel label="Licences">
        <Table
          name="licences"
          rows={rows}
          error={licences.data ? null : licences.error}
          retry={() => void licences.refetch()}
          columns={COLUMNS}
          fixed
          selected={open ?? ''}
          rowKey={nameOf}
          onOpen={(row) => void navigate({ to: '.', search: (all) => ({ ...all, package: nameOf(row) }) })}
          tools={
            <input
              type="search"
              data-search=""
              className={css['search']}
              aria-label="Find a package"
              placeholder="Name, version or licence"
              value={find}
              onChange={(event) =>
                void navigate({
                  to: '.',
                  search: (all) => ({ ...all, find: event.target.value || undefined }),
                  replace: true,
                })
              }
            />
          }
          empty={<Empty title="No package is like this">Try a part of its name, a version, or a licence.</Empty>}
        />
      </Panel>
    </div>
  );
}
