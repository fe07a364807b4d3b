/**
 * The one table: sortable, walked by keyboard, virtualised when long, with its four states and a file of exactly what
 * is shown.
 */
import { createSortedRowModel, rowSortingFeature, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { RowData } from '@tanstack/react-table';
import type { CSSProperties, KeyboardEvent, ReactNode } from 'react';
import { csvText } from '../lib/csv.ts';
import { useHiddenColumns } from '../lib/preferences.ts';
import type { Column } from './columns.ts';
import { Button, MenuButton, MenuCheck } from './controls.tsx';
import { plainCopy } from './copy.tsx';
import { saveFile } from './file.ts';
import { Icon } from './icon.tsx';
import { ErrorBox, Loading } from './states.tsx';
import css from './table.module.css';

const ROW_PX = 32;
const VIRTUAL_FROM = 120;
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
  fixed?: boolean;
  maxHeight?: number;
}>;

const NOTHING_CHANGED = 'This only reads: nothing was charged or changed.';

export function Table<Row extends RowData>(props: TableProps<Row>) {
  const { rows, error, retry, money = NOTHING_CHANGED, empty, bare } = props;
  const [hidden, setHidden] = useHiddenColumns(props.name);
  const columns = useMemo(() => props.columns.filter((column) => !hidden.includes(column.id)), [props.columns, hidden]);
  const style: CSSProperties = props.maxHeight === undefined ? {} : { maxHeight: props.maxHeight };
  return (
    <div className={css['frame']} style={style}>
      {!bare && <Tools {...props} shown={columns} hidden={hidden} setHidden={setHidden} />}
      {error !== undefined && error !== null && <ErrorBox error={error} money={money} retry={retry} />}
      {rows === undefined && !error && <Loading label={`Reading ${props.name}`} rows={5} />}
      {rows !== undefined && rows.length === 0 && empty}
      {rows !== undefined && rows.length > 0 && <Grid {...props} rows={rows} shown={columns} />}
    </div>
  );
}

type ToolsProps<Row extends RowData> = TableProps<Row> &
  Readonly<{
    shown: readonly Column<Row>[];
    hidden: readonly string[];
    setHidden: (hidden: string[]) => void;
  }>;

function Tools<Row extends RowData>({ name, rows, columns, shown, hidden, setHidden, tools, more }: ToolsProps<Row>) {
  const optional = columns.filter((column) => column.optional);
  const save = (): void => {
    const table = [
      shown.map((column) => column.title),
      ...(rows ?? []).map((row) => shown.map((column) => plainCopy(column.text(row)))),
    ];
    saveFile(`${name.replaceAll(' ', '-')}.csv`, csvText(table), 'text/csv');
  };
  return (
    <div className={css['tools']}>
      {tools}
      <span className={css['count']}>{rows && `${rows.length}${more ? ' so far' : ''}`}</span>
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
        <Button size="small" onClick={save} disabled={!rows?.length} aria-label={`Save ${name} as CSV`}>
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
  const { name, shown, totals, more, fixed } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const table = useSorted(props);
  const rows = table.getRowModel().rows;
  const long = rows.length > VIRTUAL_FROM;
  const virtual = useVirtualizer({
    count: long ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const from = long ? (items[0]?.index ?? 0) : 0;
  const to = long ? (items.at(-1)?.index ?? -1) + 1 : rows.length;
  const nearEnd = more !== undefined && long && to >= rows.length - 5;
  useEffect(() => {
    if (nearEnd && more && !more.busy) more.load();
  }, [nearEnd, more]);
  return (
    <>
      <div ref={scroller} className={css['scroller']}>
        <table
          className={css['table']}
          aria-label={name}
          aria-rowcount={rows.length + 1}
          data-fixed={fixed || long ? '' : undefined}
        >
          <colgroup>
            {shown.map((column) => (
              <col key={column.id} style={column.width ? { width: column.width } : {}} />
            ))}
          </colgroup>
          <Head shown={shown} table={table} />
          <Body
            {...props}
            rows={rows.slice(from, to).map((row) => row.original)}
            from={from}
            above={from * ROW_PX}
            below={(rows.length - to) * ROW_PX}
            last={rows.length - 1}
            reveal={(index) => long && virtual.scrollToIndex(index)}
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

type BodyProps<Row extends RowData> = GridProps<Row> &
  Readonly<{
    from: number;
    above: number;
    below: number;
    last: number;
    reveal: (index: number) => void;
  }>;

/** Keys that move, in steps of rows. */
const STEPS: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 12, PageUp: -12 };

function focusRow(body: HTMLElement | null, index: number): boolean {
  const row = body?.querySelector<HTMLElement>(`[data-index="${index}"]`);
  row?.focus();
  return row !== null && row !== undefined;
}

function Body<Row extends RowData>({
  rows,
  shown,
  rowKey,
  onOpen,
  onChoose,
  selected,
  from,
  above,
  below,
  last,
  reveal,
}: BodyProps<Row>) {
  const [current, setCurrent] = useState(0);
  const body = useRef<HTMLTableSectionElement>(null);
  const moveTo = (index: number): void => {
    const next = Math.max(0, Math.min(last, index));
    setCurrent(next);
    reveal(next);
    // A key held down must not be ahead of the focus; only a row that is not drawn yet is waited for.
    if (!focusRow(body.current, next)) requestAnimationFrame(() => focusRow(body.current, next));
  };
  const onKeyDown = (event: KeyboardEvent, row: Row): void => {
    if (event.target !== event.currentTarget || event.metaKey || event.ctrlKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step !== undefined) moveTo(current + step);
    else if (event.key === 'Home') moveTo(0);
    else if (event.key === 'End') moveTo(last);
    else if (event.key === ' ' && onChoose) onChoose(row);
    else if ((event.key === 'Enter' || event.key === ' ') && onOpen) onOpen(row, 'key');
    else return;
    event.preventDefault();
  };
  const visible = current >= from && current < from + rows.length ? current : from;
  return (
    <tbody ref={body}>
      <Spacer height={above} columns={shown.length} />
      {rows.map((row, offset) => {
        const index = from + offset;
        const key = rowKey(row);
        return (
          <tr
            key={key}
            data-index={index}
            data-row=""
            data-open={onOpen ? '' : undefined}
            tabIndex={index === visible ? 0 : -1}
            aria-rowindex={index + 2}
            aria-selected={selected === undefined ? undefined : key === selected}
            onKeyDown={(event) => onKeyDown(event, row)}
            onFocus={() => setCurrent(index)}
            onClick={(event) => {
              const target = event.target;
              if (target instanceof Element && target.closest('a,button,input,label')) return;
              onOpen?.(row, 'pointer');
            }}
          >
            {shown.map((column) => (
              <td key={column.id} data-end={column.end ? '' : undefined}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        );
      })}
      <Spacer height={below} columns={shown.length} />
    </tbody>
  );
}

/** Stands for the rows that are not drawn. */
function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height === 0) return null;
  return (
    <tr className={css['spacer']} aria-hidden="true">
      <td colSpan={columns} style={{ height }} aria-hidden="true" />
    </tr>
  );
}
