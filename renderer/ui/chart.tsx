/**
 * Stacked bars per day, drawn as plain SVG so that nothing needs an exception from the content policy. Zero-based,
 * labelled, walkable.
 */
import { useEffect, useRef, useState } from 'react';
import type { ComponentProps, KeyboardEvent } from 'react';
import { groupDecimal } from '../lib/money.ts';
import { axisTicks, perMille, sumOf, tickText } from '../lib/plot.ts';
import { dayText } from '../lib/time.ts';
import css from './chart.module.css';

export type Day = Readonly<{ dayMs: number; parts: readonly { name: string; value: string }[] }>;

const COLOURS = 6;
const PLOT = { left: 44, right: 4, top: 8, height: 150, foot: 22 };

/** A name keeps its colour wherever it is drawn, as long as the set of names is the same. */
export function colourOf(name: string, names: readonly string[]): string {
  const index = names.indexOf(name);
  return css[`m${(Math.max(0, index) % COLOURS) + 1}`] ?? '';
}

export function Legend({ names }: { names: readonly string[] }) {
  return (
    <ul className={css['legend']}>
      {names.map((name) => (
        <li key={name}>
          <i className={colourOf(name, names)} />
          {name}
        </li>
      ))}
    </ul>
  );
}

/** The width that there is to draw in. */
export function useWidth(): [React.RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(900);
  useEffect(() => {
    if (!box.current) return undefined;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return [box, width];
}

/** How bars and their figures are written: whole numbers by UTC days unless said otherwise. */
type Words = Readonly<{
  when: (ms: number) => string;
  whole: (ms: number) => string;
  figure: (value: bigint) => string;
}>;

const DAYS: Words = {
  when: (ms) => dayText(ms, 'utc'),
  whole: (ms) => `${dayText(ms, 'utc')} UTC`,
  figure: (value) => groupDecimal(value.toString()),
};

function dayLabel(day: Day, unit: string, { whole, figure }: Words): string {
  const parts = day.parts.map((part) => `${part.name} ${figure(BigInt(part.value))}`);
  return [`${whole(day.dayMs)}: ${figure(sumOf(day.parts.map((part) => part.value)))} ${unit}`, ...parts].join('\n');
}

type Props = Readonly<{
  label: string;
  unit: string;
  days: readonly Day[];
  names: readonly string[];
  partialLast?: boolean;
  words?: Words;
  /** How a tick of the axis is written; values are whole numbers otherwise. */
  tick?: (value: bigint) => string;
  /** Bars that are chosen, from one to another, both included; a drag or Shift with the arrows chooses them. */
  chosen?: readonly [number, number] | null;
  onChoose?: (chosen: readonly [number, number]) => void;
}>;

const isIn = (index: number, chosen: readonly [number, number] | null): boolean =>
  chosen !== null && index >= Math.min(...chosen) && index <= Math.max(...chosen);

export function StackedBars({ label, unit, days, names, partialLast, ...more }: Props) {
  const { words = DAYS, tick: tickWords = tickText, chosen = null, onChoose } = more;
  const [dragged, setDragged] = useState<readonly [number, number] | null>(null);
  const [box, width] = useWidth();
  const [current, setCurrent] = useState(days.length - 1);
  const svg = useRef<SVGSVGElement>(null);
  const totals = days.map((day) => sumOf(day.parts.map((part) => part.value)));
  const ticks = axisTicks(totals.reduce((top, total) => (total > top ? total : top), 0n));
  const top = ticks.at(-1) ?? 1n;
  const step = (width - PLOT.left - PLOT.right) / Math.max(1, days.length);
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (move === 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(days.length - 1, current + move));
    if (event.shiftKey && onChoose) onChoose([chosen?.[0] ?? current, next]);
    setCurrent(next);
    svg.current?.querySelectorAll<SVGGElement>('g[data-day]')[next]?.focus();
  };
  const every = Math.max(1, Math.ceil(52 / step));
  return (
    <div ref={box} className={css['figure']}>
      <svg
        ref={svg}
        className={css['svg']}
        width={width}
        height={PLOT.top + PLOT.height + PLOT.foot}
        role="group"
        aria-label={label}
        onKeyDown={onKeyDown}
        onPointerUp={() => {
          if (dragged && onChoose) onChoose(dragged);
          setDragged(null);
        }}
        onPointerLeave={() => setDragged(null)}
      >
        {ticks.map((tick) => (
          <Tick key={tick.toString()} tick={tick} top={top} width={width} words={tickWords} />
        ))}
        <text x={0} y={PLOT.top + PLOT.height + 16}>
          {unit}
        </text>
        {days.map((day, index) => (
          <Bar
            key={day.dayMs}
            {...{ day, names, top, unit, words, step }}
            x={PLOT.left + index * step}
            isCurrent={index === current}
            isPartial={partialLast === true && index === days.length - 1}
            isChosen={isIn(index, dragged ?? chosen)}
            isNamed={(days.length - 1 - index) % every === 0}
            onFocus={() => setCurrent(index)}
            {...(onChoose && {
              onPointerDown: () => setDragged([index, index]),
              onPointerEnter: () => setDragged((from) => from && [from[0], index]),
            })}
          />
        ))}
      </svg>
    </div>
  );
}

type BarProps = Readonly<{
  day: Day;
  names: readonly string[];
  top: bigint;
  unit: string;
  words: Words;
  x: number;
  step: number;
  isCurrent: boolean;
  isPartial: boolean;
  isChosen: boolean;
  isNamed: boolean;
}> &
  Pick<ComponentProps<'g'>, 'onFocus' | 'onPointerDown' | 'onPointerEnter'>;

function Bar({ day, names, top, unit, words, x, step, isCurrent, isPartial, isChosen, isNamed, ...hands }: BarProps) {
  const label = dayLabel(day, unit, words);
  return (
    <g
      role="img"
      tabIndex={isCurrent ? 0 : -1}
      className={css['day']}
      data-day=""
      data-exact={label}
      aria-label={label.replaceAll('\n', ', ')}
      data-partial={isPartial ? '' : undefined}
      data-chosen={isChosen ? '' : undefined}
      {...hands}
    >
      <rect x={x} y={PLOT.top} width={step} height={PLOT.height} />
      <Stack day={day} names={names} top={top} x={x + step * 0.16} width={step * 0.68} />
      {isNamed && (
        <text x={x + step / 2} y={PLOT.top + PLOT.height + 16} textAnchor="middle">
          {words.when(day.dayMs)}
        </text>
      )}
    </g>
  );
}

type TickProps = Readonly<{ tick: bigint; top: bigint; width: number; words: (value: bigint) => string }>;

function Tick({ tick, top, width, words }: TickProps) {
  const y = PLOT.top + PLOT.height - (PLOT.height * perMille(tick, top)) / 1000;
  return (
    <>
      <line className={css['grid']} x1={PLOT.left} x2={width - PLOT.right} y1={y} y2={y} />
      <text x={PLOT.left - 6} y={y + 4} textAnchor="end">
        {words(tick)}
      </text>
    </>
  );
}

type StackProps = Readonly<{ day: Day; names: readonly string[]; top: bigint; x: number; width: number }>;

function Stack({ day, names, top, x, width }: StackProps) {
  let y = PLOT.top + PLOT.height;
  return names.map((name) => {
    const part = day.parts.find((candidate) => candidate.name === name);
    const height = part ? (PLOT.height * perMille(BigInt(part.value), top)) / 1000 : 0;
    y -= height;
    return (
      <rect
        key={name}
        className={colourOf(name, names)}
        x={x}
        y={y}
        width={width}
        height={Math.max(0, height - 1)}
        rx={1}
      />
    );
  });
}
