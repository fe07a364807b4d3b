/** The rows of a table that are drawn, and the keys that walk them: j, k, arrows, pages, Home and End. */
import { useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import type { Column } from './columns.ts';
import type { RowsInView } from './rows-in-view.ts';
import css from './table.module.css';

type BodyProps<Row> = Readonly<{
  shown: readonly Column<Row>[];
  view: RowsInView;
  count: number;
  /** Undefined for a row that is still being read. */
  rowAt: (index: number) => Row | undefined;
  rowKey: (row: Row) => string;
  /** What stays a row's while it is read and after; by its key where rows are there from the start. */
  placeKey: ((index: number) => string) | undefined;
  onOpen?: ((row: Row, by: 'key' | 'pointer') => void) | undefined;
  onChoose?: ((row: Row) => void) | undefined;
  selected?: string | undefined;
}>;

/** Keys that move, in steps of rows; the others go by what is seen, or to an end. */
const STEPS: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

function stepOf(key: string, { first, end }: RowsInView): number | undefined {
  const page = Math.max(1, end - first - 2);
  return key === 'PageDown' ? page : key === 'PageUp' ? -page : STEPS[key];
}

function focusRow(body: HTMLElement | null, index: number): boolean {
  const row = body?.querySelector<HTMLElement>(`[data-index="${index}"]`);
  row?.focus({ preventScroll: true });
  return row !== null && row !== undefined;
}

export function Body<Row>({ view, count, rowAt, rowKey, placeKey, shown, onOpen, onChoose, selected }: BodyProps<Row>) {
  const [current, setCurrent] = useState(0);
  const body = useRef<HTMLTableSectionElement>(null);
  const moveTo = (index: number): void => {
    const next = Math.max(0, Math.min(count - 1, index));
    setCurrent(next);
    view.reveal(next);
    // A key held down must not be ahead of the focus; only a row that is not drawn yet is waited for.
    if (!focusRow(body.current, next)) requestAnimationFrame(() => focusRow(body.current, next));
  };
  const onKeyDown = (event: KeyboardEvent, row: Row | undefined): void => {
    if (event.target !== event.currentTarget || event.metaKey || event.ctrlKey || event.altKey) return;
    const step = stepOf(event.key, view);
    if (step !== undefined) moveTo(current + step);
    else if (event.key === 'Home') moveTo(0);
    else if (event.key === 'End') moveTo(count - 1);
    else if (row === undefined) return;
    else if (event.key === ' ' && onChoose) onChoose(row);
    else if ((event.key === 'Enter' || event.key === ' ') && onOpen) onOpen(row, 'key');
    else return;
    event.preventDefault();
  };
  const { from, to } = view;
  // The focus never scrolls away: the table stays where Tab finds it, at the first row that is seen.
  const visible = current >= from && current < to ? current : Math.min(view.first, count - 1);
  return (
    <tbody ref={body}>
      <Spacer height={view.abovePx} columns={shown.length} />
      {Array.from({ length: to - from }, (_, offset) => {
        const index = from + offset;
        const row = rowAt(index);
        const key = row === undefined ? undefined : rowKey(row);
        return (
          <tr
            key={placeKey?.(index) ?? key}
            data-index={index}
            data-row={row === undefined ? undefined : ''}
            data-reading={row === undefined ? '' : undefined}
            data-open={onOpen && row !== undefined ? '' : undefined}
            tabIndex={index === visible ? 0 : -1}
            aria-rowindex={index + 2}
            aria-selected={selected === undefined ? undefined : key === selected}
            onKeyDown={(event) => onKeyDown(event, row)}
            onFocus={() => setCurrent(index)}
            onClick={(event) => {
              const target = event.target;
              if (target instanceof Element && target.closest('a,button,input,label')) return;
              if (row !== undefined) onOpen?.(row, 'pointer');
            }}
          >
            {row === undefined ? (
              <td colSpan={shown.length}>Reading…</td>
            ) : (
              shown.map((column) => (
                <td key={column.id} data-end={column.end ? '' : undefined}>
                  {column.cell(row)}
                </td>
              ))
            )}
          </tr>
        );
      })}
      <Spacer height={view.belowPx} columns={shown.length} />
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
