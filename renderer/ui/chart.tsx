/**
 * Stacked bars per day, drawn as plain SVG so that nothing needs an exception from the content policy. Zero-based,
 * labelled, walkable.
 */
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
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

function dayLabel(day: Day, unit: string): string {
  const parts = day.parts.map((part) => `${part.name} ${groupDecimal(part.value)}`);
  const total = groupDecimal(sumOf(day.parts.map((part) => part.value)).toString());
  return [`${dayText(day.dayMs, 'utc')} UTC: ${total} ${unit}`, ...parts].join('\n');
}

type Props = Readonly<{
  label: string;
  unit: string;
  days: readonly Day[];
  names: readonly string[];
  partialLast?: boolean;
}>;

export function StackedBars({ label, unit, days, names, partialLast }: Props) {
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
      >
        {ticks.map((tick) => (
          <Tick key={tick.toString()} tick={tick} top={top} width={width} />
        ))}
        <text x={0} y={PLOT.top + PLOT.height + 16}>
          {unit}
        </text>
        {days.map((day, index) => (
          <g
            key={day.dayMs}
            role="img"
            tabIndex={index === current ? 0 : -1}
            className={css['day']}
            data-day=""
            data-exact={dayLabel(day, unit)}
            aria-label={dayLabel(day, unit).replaceAll('\n', ', ')}
            data-partial={partialLast && index === days.length - 1 ? '' : undefined}
            onFocus={() => setCurrent(index)}
          >
            <rect x={PLOT.left + index * step} y={PLOT.top} width={step} height={PLOT.height} />
            <Stack day={day} names={names} top={top} x={PLOT.left + index * step + step * 0.16} width={step * 0.68} />
            {(days.length - 1 - index) % every === 0 && (
              <text x={PLOT.left + (index + 0.5) * step} y={PLOT.top + PLOT.height + 16} textAnchor="middle">
                {dayText(day.dayMs, 'utc')}
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  );
}

function Tick({ tick, top, width }: { tick: bigint; top: bigint; width: number }) {
  const y = PLOT.top + PLOT.height - (PLOT.height * perMille(tick, top)) / 1000;
  return (
    <>
      <line className={css['grid']} x1={PLOT.left} x2={width - PLOT.right} y1={y} y2={y} />
      <text x={PLOT.left - 6} y={y + 4} textAnchor="end">
        {tickText(tick)}
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
