/**
 * The one table: sortable, walked by keyboard, with only the rows drawn that are seen, its four states, and a file of
 * exactly what is shown. Older rows are read as somebody scrolls towards them.
 */
import { createSortedRowModel, rowSortingFeature, tableFeatures, useTable } from '@tanstack/react-table';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import type { RowData } from '@tanstack/react-table';
import type { CSSProperties, ReactNode } from 'react';
import { csvText } from '../lib/csv.ts';
import { failureOf } from '../lib/failure.ts';
import { groupDecimal } from '../lib/money.ts';
import { useHiddenColumns } from '../lib/preferences.ts';
import type { Column } from './columns.ts';
import { Button, MenuButton, MenuCheck } from './controls.tsx';
import { plainCopy } from './copy.tsx';
import { saveFile } from './file.ts';
import { Icon } from './icon.tsx';
import { useRowsInView } from './rows-in-view.ts';
import type { FarRows } from './rows-in-view.ts';
import { ErrorBox, Loading } from './states.tsx';
import { Body } from './table-body.tsx';
import { announce } from './toast.tsx';
import css from './table.module.css';

/** Older rows are read when fewer than these are left below what is seen. */
const ROWS_AHEAD = 60;
/** Lists that are read row by row are held whole, so they go on by themselves only so far. */
const READ_UNASKED = 20_000;
/** A file of a list that is too long to hold has the first of its rows. */
const ROWS_A_FILE = 20_000;
const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

export type TableProps<Row extends RowData> = Readonly<{
  name: string;
  rows: readonly Row[] | undefined;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** By Enter, by Space where nothing is chosen by it, or by a click. */
  onOpen?: ((row: Row, by: 'key' | 'pointer') => void) | undefined;
  /** By Space, where rows are chosen to do something with them together. */
  onChoose?: ((row: Row) => void) | undefined;
  selected?: string | undefined;
  error?: unknown;
  retry?: (() => void) | undefined;
  /** Said in an error: what the failure means for the money. */
  money?: string;
  empty: ReactNode;
  totals?: Readonly<Record<string, ReactNode>> | undefined;
  tools?: ReactNode;
  /** Without the bar of tools, for a few rows in a panel. */
  bare?: boolean;
  more?: Readonly<{ load: () => void; busy: boolean }> | undefined;
  /** Instead of `rows`, a list that is too long to hold. */
  far?: FarList<Row> | undefined;
  fixed?: boolean;
  maxHeight?: number;
}>;

/** A list that is read where somebody looks, from its first row to its last without reading what lies between. */
export type FarList<Row> = FarRows &
  Readonly<{
    count: number;
    rowAt: (index: number) => Row | undefined;
    /** What stays a row's while others come in before it. */
    placeKey: (index: number) => string;
    /** Told which rows are seen. */
    onLook: (first: number, end: number) => void;
    /** The first rows, for a file. */
    read: (most: number) => Promise<readonly Row[]>;
    /** Came in since, before the first row. */
    newer: number;
    error: unknown;
    retry: () => void;
  }>;

const NO_ROWS: readonly never[] = [];
const NOTHING_CHANGED = 'This only reads: nothing was charged or changed.';

export function Table<Row extends RowData>(props: TableProps<Row>) {
  const { error, retry, money = NOTHING_CHANGED, empty, bare, far } = props;
  const rows: readonly Row[] | undefined = far ? NO_ROWS : props.rows;
  const count = far ? far.count : rows?.length;
  const [hidden, setHidden] = useHiddenColumns(props.name);
  const columns = useMemo(() => props.columns.filter((column) => !hidden.includes(column.id)), [props.columns, hidden]);
  const style: CSSProperties = props.maxHeight === undefined ? {} : { maxHeight: props.maxHeight };
  return (
    <div className={css['frame']} style={style}>
      {!bare && <Tools {...props} shown={columns} hidden={hidden} setHidden={setHidden} />}
      {error !== undefined && error !== null && <ErrorBox error={error} money={money} retry={retry} />}
      {rows === undefined && !error && <Loading label={`Reading ${props.name}`} rows={5} />}
      {far && far.error !== null && <ErrorBox error={far.error} money={money} retry={far.retry} />}
      {count === 0 && empty}
      {rows !== undefined && count !== undefined && count > 0 && <Grid {...props} rows={rows} shown={columns} />}
    </div>
  );
}

type ToolsProps<Row extends RowData> = TableProps<Row> &
  Readonly<{
    shown: readonly Column<Row>[];
    hidden: readonly string[];
    setHidden: (hidden: string[]) => void;
  }>;

function saveRows<Row>(name: string, shown: readonly Column<Row>[], rows: readonly Row[]): void {
  const table = [
    shown.map((column) => column.title),
    ...rows.map((row) => shown.map((column) => plainCopy(column.text(row)))),
  ];
  saveFile(`${name.replaceAll(' ', '-')}.csv`, csvText(table), 'text/csv');
}

async function saveFar<Row>(name: string, shown: readonly Column<Row>[], far: FarList<Row>): Promise<void> {
  try {
    const rows = await far.read(ROWS_A_FILE);
    saveRows(name, shown, rows);
    if (rows.length < far.count) announce(`The file has the first ${grouped(rows.length)} of ${grouped(far.count)}.`);
  } catch (error) {
    announce(`${failureOf(error).title}. Nothing was saved.`);
  }
}

const grouped = (count: number): string => groupDecimal(String(count));

function Tools<Row extends RowData>(props: ToolsProps<Row>) {
  const { name, rows, columns, shown, hidden, setHidden, tools, more, far } = props;
  const optional = columns.filter((column) => column.optional);
  const count = far ? far.count : rows?.length;
  const save = (): void => (far ? void saveFar(name, shown, far) : saveRows(name, shown, rows ?? []));
  return (
    <div className={css['tools']}>
      {tools}
      <span className={css['count']} role={more ? 'status' : undefined}>
        {count !== undefined && `${grouped(count)}${more ? ' so far' : ''}`}
      </span>
      <div className={css['push']}>
        {optional.length > 0 && (
          <MenuButton
            label={`Columns of ${name}`}
            trigger={
              <>
                <Icon name="columns" size={13} />
                Columns
              </>
            }
          >
            {optional.map((column) => (
              <MenuCheck
                key={column.id}
                on={!hidden.includes(column.id)}
                onChange={(on) => setHidden(on ? hidden.filter((id) => id !== column.id) : [...hidden, column.id])}
              >
                {column.title}
              </MenuCheck>
            ))}
          </MenuButton>
        )}
        <Button size="small" onClick={save} disabled={!count} aria-label={`Save ${name} as CSV`}>
          <Icon name="download" size={13} />
          CSV
        </Button>
      </div>
    </div>
  );
}

type GridProps<Row extends RowData> = TableProps<Row> &
  Readonly<{ rows: readonly Row[]; shown: readonly Column<Row>[] }>;

function useSorted<Row extends RowData>({ rows, shown, rowKey, more }: GridProps<Row>) {
  const defs = useMemo(
    () =>
      shown.map((column) => ({
        id: column.id,
        accessorFn: (row: Row) => column.text(row),
        enableSorting: column.sort !== undefined,
        sortDescFirst: column.end === true,
        sortFn: (a: { original: Row }, b: { original: Row }) => column.sort?.(a.original, b.original) ?? 0,
      })),
    [shown],
  );
  const data = useMemo(() => [...rows], [rows]);
  // With more pages to come an order over the loaded part would mislead, so only whole lists sort.
  return useTable({ features, columns: defs, data, getRowId: rowKey, enableSorting: more === undefined });
}

function Grid<Row extends RowData>(props: GridProps<Row>) {
  const { name, shown, totals, more, fixed, far, rowKey, onOpen, onChoose, selected } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const table = useSorted(props);
  const sorted = table.getRowModel().rows;
  const count = far?.count ?? sorted.length;
  const view = useRowsInView(scroller, count, far);
  const onLook = far?.onLook;
  useLayoutEffect(() => onLook?.(view.first, view.end), [onLook, view.first, view.end]);
  useReadAhead(more, { end: view.end, count });
  return (
    <>
      {far !== undefined && far.newer > 0 && (
        <div className={css['newer']}>
          <Button size="small" kind="primary" onClick={() => view.reveal(0)}>
            {grouped(far.newer)} newer
          </Button>
        </div>
      )}
      <div ref={scroller} className={css['scroller']}>
        <table
          className={css['table']}
          aria-label={name}
          aria-rowcount={count + 1}
          data-fixed={fixed || view.to - view.from < count ? '' : undefined}
        >
          <colgroup>
            {shown.map((column) => (
              <col key={column.id} style={column.width ? { width: column.width } : {}} />
            ))}
          </colgroup>
          <Head shown={shown} table={table} />
          <Body
            {...{ shown, view, count, rowKey, onOpen, onChoose, selected }}
            rowAt={far?.rowAt ?? ((index) => sorted[index]?.original)}
            placeKey={far?.placeKey}
          />
          {totals && (
            <tfoot>
              <tr>
                {shown.map((column) => (
                  <td key={column.id} data-end={column.end ? '' : undefined}>
                    {totals[column.id]}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      {more && (
        <div className={css['more']}>
          <Button size="small" kind="plain" busy={more.busy} onClick={more.load}>
            {more.busy ? 'Reading…' : 'Show older'}
          </Button>
        </div>
      )}
    </>
  );
}

/** Reads on before the last row is reached, as long as each page brings rows. */
function useReadAhead(more: TableProps<never>['more'], { end, count }: { end: number; count: number }): void {
  const readAt = useRef(-1);
  useEffect(() => {
    // Asked once at each length: after a failure, or a page of nothing, it is for the person to ask again.
    if (!more || more.busy || count - end > ROWS_AHEAD || count >= READ_UNASKED || readAt.current === count) return;
    readAt.current = count;
    more.load();
  }, [more, end, count]);
}

type HeadTable = {
  getColumn: (
    id: string,
  ) => { getCanSort: () => boolean; getIsSorted: () => false | 'asc' | 'desc'; toggleSorting: () => void } | undefined;
};

function Head<Row extends RowData>({ shown, table }: { shown: readonly Column<Row>[]; table: HeadTable }) {
  return (
    <thead>
      <tr>
        {shown.map((column) => {
          const state = table.getColumn(column.id);
          const sorted = state?.getIsSorted() ?? false;
          const order = sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined;
          return (
            <th key={column.id} scope="col" data-end={column.end ? '' : undefined} aria-sort={order}>
              {state?.getCanSort() ? (
                <button type="button" className={css['sort']} onClick={() => state.toggleSorting()}>
                  {column.title}
                  <span aria-hidden="true">{sorted === 'asc' ? '↑' : sorted === 'desc' ? '↓' : ''}</span>
                </button>
              ) : (
                column.title || <span className="visually-hidden">Actions</span>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
