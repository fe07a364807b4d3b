/** What a trial or an import came to: counts, money, things made, what was left out, and rows that were not taken. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ImportFile, ImportOrder, ImportStep } from '../../lib/import-job.ts';
import { groupDecimal } from '../../lib/money.ts';
import { Amount } from '../../ui/amount.tsx';
import type { Column } from '../../ui/columns.ts';
import { Button, buttonClass } from '../../ui/controls.tsx';
import { Id, Status } from '../../ui/marks.tsx';
import { Actions, Facts, Note } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './usage.module.css';

type Problem = ImportStep['problems'][number];

const PROBLEMS: readonly Column<Problem>[] = [
  { id: 'row', title: 'Row', width: '64px', end: true, text: (row) => String(row.row), cell: (row) => row.row },
  {
    id: 'what',
    title: 'What is wrong',
    text: (row) => row.detail,
    cell: (row) => <span title={row.detail}>{row.detail}</span>,
  },
  { id: 'fix', title: 'What to do', text: (row) => row.fix, cell: (row) => <span title={row.fix}>{row.fix}</span> },
];

const count = (n: number): string => groupDecimal(String(n));

type Props = Readonly<{
  step: ImportStep;
  order: ImportOrder;
  isBooked: boolean;
  onChoose?: ((file: ImportFile) => void) | null;
}>;

export function Outcome({ step, order, isBooked, onChoose }: Props) {
  const { rows, accepted, parked, duplicates, conflicts, refused, effects, notPriced, made = [], leftOut = [] } = step;
  const isWhole = refused + conflicts === 0;
  const hasEvents = order.system === null || made.some(({ kind }) => kind === 'event');
  const all = `${count(rows)} ${order.system === null ? 'row' : 'record'}${rows === 1 ? '' : 's'}`;
  const facts: (readonly [string, ReactNode])[] = [
    ...(hasEvents
      ? ([
          [isBooked ? 'Events taken as new' : 'New events', count(accepted)],
          ...(parked > 0 ? ([['of them unrated, waiting', count(parked)]] as const) : []),
          ['Here already', count(duplicates)],
          ['In conflict with what is here', count(conflicts)],
        ] as const)
      : []),
    [order.system === null ? 'Rows not taken' : 'Records not taken', count(refused)],
    ...(effects ?? []).map(({ asset, amountMinor }): readonly [string, ReactNode] => [
      `They come to, in ${asset.split('/')[0] ?? asset}`,
      <Amount key={asset} minor={amountMinor} asset={asset} inline strong copyable />,
    ]),
    ...(notPriced ? ([['not in that sum', count(notPriced)]] as const) : []),
  ];
  const booked = isWhole ? `${all} imported` : `${all} read, ${count(refused + conflicts)} not taken`;
  return (
    <div className={css['stack']} role="group" aria-label={isBooked ? 'What was imported' : 'What it would come to'}>
      <div>
        <Status tone={isWhole ? 'good' : 'attention'} shape={isWhole ? 'check' : 'triangle'}>
          {isBooked ? booked : `${all} tried, nothing was booked`}
        </Status>
      </div>
      <div className={css['two']}>
        <Facts rows={facts} />
        {made.length > 0 && (
          <Facts
            rows={made.map((one) => [
              `${one.kind}s`,
              `${count(one.new)} new, ${count(one.known)} known, ${count(one.refused)} refused`,
            ])}
          />
        )}
      </div>
      {notPriced ? (
        <Note>The sum leaves out usage without a price, of meters that keep a value, and of nobody known.</Note>
      ) : null}
      {leftOut.length > 0 && (
        <div role="group" aria-label="Left out">
          <h3>Left out, because nothing here stands for it</h3>
          <Facts left rows={leftOut.map(({ what, why, count: n }) => [what, `${why} (${count(n)})`])} />
        </div>
      )}
      {step.problems.length > 0 && <Problems step={step} />}
      {step.errorFile !== null && <ErrorFile step={step} order={order} {...(onChoose ? { onChoose } : {})} />}
      {isBooked && (
        <Actions>
          <Link className={buttonClass()} to="/usage">
            See the events
          </Link>
          {parked > 0 && (
            <Link className={buttonClass()} to="/usage" search={{ show: 'unrated' }}>
              Open the unrated queue
            </Link>
          )}
        </Actions>
      )}
    </div>
  );
}

function Problems({ step }: { step: ImportStep }) {
  const all = step.refused + step.conflicts;
  return (
    <div role="group" aria-label="Rows that were not taken">
      <h3>
        {all > step.problems.length
          ? `The first ${step.problems.length} of ${count(all)} rows that were not taken`
          : 'Rows that were not taken'}
      </h3>
      <div className={css['framed']}>
        <Table<Problem>
          name="rows that were not taken"
          rows={step.problems}
          columns={PROBLEMS}
          rowKey={(row) => `${row.row} ${row.detail}`}
          fixed
          bare
          maxHeight={360}
          empty={null}
        />
      </div>
    </div>
  );
}

type FileProps = Readonly<{ step: ImportStep; order: ImportOrder; onChoose?: (file: ImportFile) => void }>;

/** Of an upload the door serves it; of a path it lies beside the file. */
function ErrorFile({ step: { errorFile }, order, onChoose }: FileProps) {
  if (errorFile === null) return null;
  if ('upload' in order.file) {
    return (
      <Actions>
        <a className={buttonClass()} href={errorFile} download>
          Download the error file
        </a>
        <span className={css['brings']}>
          The rows that were not taken, each with what to do. Mend it and choose it as a file: its columns are known
          then.
        </span>
      </Actions>
    );
  }
  const name = errorFile.split(/[\\/]/).at(-1) ?? errorFile;
  return (
    <Actions>
      <span>
        The rows that were not taken are in <Id id={errorFile} label="path of the error file" />
      </span>
      {onChoose && <Button onClick={() => onChoose({ path: errorFile, name })}>Take it once it is mended</Button>}
    </Actions>
  );
}
