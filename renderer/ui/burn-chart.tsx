/**
 * An amount day by day as steps over a filled ground, drawn as plain SVG so that nothing needs an exception from the
 * content policy. Zero-based, labelled, walkable.
 */
import { useRef, useState, useSyncExternalStore } from 'react';
import type { KeyboardEvent } from 'react';
import { amountTick, amountLine } from '../lib/money.ts';
import { axisTicks, perMille } from '../lib/plot.ts';
import { dayText } from '../lib/time.ts';
import { useWidth } from './chart.tsx';
import css from './chart.module.css';

export type DayAmount = Readonly<{
  dayMs: number;
  minor: string;
  /** What moved it, in words, under the amount. */
  notes: readonly string[];
}>;

const PLOT = { left: 64, right: 4, top: 8, foot: 22 };
const SHORT = window.matchMedia('(max-height: 799px)');

function onShort(listener: () => void): () => void {
  SHORT.addEventListener('change', listener);
  return () => SHORT.removeEventListener('change', listener);
}

/** A low window keeps its room for the list below. */
const useHeight = (): number => (useSyncExternalStore(onShort, () => SHORT.matches) ? 84 : 150);

type Props = Readonly<{ label: string; asset: string; days: readonly DayAmount[] }>;

function dayLabel(day: DayAmount, asset: string): string {
  return [`${dayText(day.dayMs, 'utc')} UTC: ${amountLine(BigInt(day.minor), asset)}`, ...day.notes].join('\n');
}

export function BurnChart({ label, asset, days }: Props) {
  const [box, width] = useWidth();
  const height = useHeight();
  const [current, setCurrent] = useState(days.length - 1);
  const svg = useRef<SVGSVGElement>(null);
  const most = days.reduce((top, { minor }) => (BigInt(minor) > top ? BigInt(minor) : top), 0n);
  const ticks = axisTicks(most);
  const top = ticks.at(-1) ?? 1n;
  const step = (width - PLOT.left - PLOT.right) / Math.max(1, days.length);
  const yOf = (minor: bigint): number => PLOT.top + height - (height * perMille(minor, top)) / 1000;
  const points = days.map(({ minor }, at) => [PLOT.left + at * step, yOf(BigInt(minor))] as const);
  const line = points.map(([x, y]) => `L${x} ${y}h${step}`).join('');
  const foot = PLOT.top + height;
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (move === 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(days.length - 1, current + move));
    setCurrent(next);
    svg.current?.querySelectorAll<SVGGElement>('g[data-day]')[next]?.focus();
  };
  const every = Math.max(1, Math.ceil(64 / step));
  return (
    <div ref={box} className={css['figure']}>
      <svg
        ref={svg}
        className={css['svg']}
        width={width}
        height={foot + PLOT.foot}
        role="group"
        aria-label={label}
        onKeyDown={onKeyDown}
      >
        {ticks.map((tick) => (
          <g key={tick.toString()}>
            <line className={css['grid']} x1={PLOT.left} x2={width - PLOT.right} y1={yOf(tick)} y2={yOf(tick)} />
            <text x={PLOT.left - 6} y={yOf(tick) + 4} textAnchor="end">
              {amountTick(tick, asset)}
            </text>
          </g>
        ))}
        <path className={css['ground']} d={`M${PLOT.left} ${foot}${line}V${foot}Z`} />
        <path className={css['edge']} d={`M${points[0]?.join(' ') ?? '0 0'}${line}`} />
        {days.map((day, index) => (
          <g
            key={day.dayMs}
            role="img"
            tabIndex={index === current ? 0 : -1}
            className={css['moment']}
            data-day=""
            data-exact={dayLabel(day, asset)}
            aria-label={dayLabel(day, asset).replaceAll('\n', ', ')}
            onFocus={() => setCurrent(index)}
          >
            <rect x={PLOT.left + index * step} y={PLOT.top} width={step} height={height} />
            {(days.length - 1 - index) % every === 0 && index * step > 24 && (
              <text x={Math.min(PLOT.left + (index + 0.5) * step, width - 22)} y={foot + 16} textAnchor="middle">
                {dayText(day.dayMs, 'utc')}
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  );
}
