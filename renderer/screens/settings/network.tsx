/** Which network the money of this workspace is on, the endpoints that are asked, and what main would mean. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { orpc } from '../../lib/rpc.ts';
import type { Outputs } from '../../lib/rpc.ts';
import type { Info } from '../../lib/shapes.ts';
import type { Column } from '../../ui/columns.ts';
import { Pill, Status } from '../../ui/marks.tsx';
import type { Tone } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Note, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './settings.module.css';

type Network = Outputs['deployments']['list']['networks'][number];

const KINDS: Readonly<Record<Info['network'], { tone: Tone; word: string; means: string }>> = {
  local: {
    tone: 'quiet',
    word: 'Local',
    means: 'Chains of this machine. What moves on them is worth nothing and can be begun anew.',
  },
  test: {
    tone: 'info',
    word: 'Test',
    means: 'Public networks for trials. What moves on them is worth nothing, and everybody sees it.',
  },
  main: {
    tone: 'danger',
    word: 'Main',
    means: 'Real money. A red line stands across the top of every window while a workspace is on it.',
  },
};

const COLUMNS: readonly Column<Network>[] = [
  {
    id: 'title',
    title: 'Network',
    text: (row) => row.title,
    cell: (row) => (
      <span>
        {row.title} <Pill tone={KINDS[row.kind].tone}>{KINDS[row.kind].word}</Pill>
      </span>
    ),
  },
  {
    id: 'rpc',
    title: 'Endpoint',
    text: (row) => row.rpc.join(' '),
    cell: (row) => (
      <span className={css['mono']} title={row.rpc.join(', ')}>
        {row.rpc.length === 0 ? 'none' : row.rpc.join(', ')}
      </span>
    ),
  },
  {
    id: 'state',
    title: 'State',
    text: (row) => row.problem?.detail ?? 'known',
    cell: (row) => (
      <Status tone={row.problem === null ? 'good' : 'quiet'} shape={row.problem === null ? 'check' : 'ring'}>
        {row.problem === null ? 'Can be asked' : 'Does not run'}
      </Status>
    ),
  },
];

export function NetworkPart({ info }: { info: Info }) {
  const list = useQuery(orpc.deployments.list.queryOptions({ input: {} }));
  const now = KINDS[info.network];
  return (
    <>
      <Panel title="This workspace is on" aside={<Pill tone={now.tone}>{now.word}</Pill>}>
        <div style={{ padding: 12 }} className={css['stack']}>
          <p>{now.means}</p>
          {info.network !== 'main' && (
            <Note>
              On main, every signature moves money that cannot be called back: contracts and programs are verified
              against their source before they are used, development keys never sign, and what cannot be undone is asked
              twice. Try it on test first, with the same books.
            </Note>
          )}
        </div>
      </Panel>
      <div className={css['list']} data-list="">
        <Panel title="Endpoints" aside={<Link to="/deployments">Deployments</Link>}>
          <Table
            name="networks"
            bare
            rows={list.data?.networks}
            error={list.data ? null : list.error}
            retry={() => void list.refetch()}
            columns={COLUMNS}
            rowKey={(row) => row.name}
            empty={<Empty title="No network is known">This version knows no network.</Empty>}
          />
        </Panel>
      </div>
    </>
  );
}
