/** The frame as the route that every other hangs on, and how the search part of an address is read. */
import { Link, createRootRoute } from '@tanstack/react-router';
import { Empty } from '../ui/states.tsx';
import css from './app.module.css';
import { Frame } from './frame.tsx';

export function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((candidate) => candidate === value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** Milliseconds in an address, when they are an instant. */
export function instantOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export const root = createRootRoute({
  component: Frame,
  notFoundComponent: NotFound,
});

function NotFound() {
  return (
    <div className={css['notFound']}>
      <Empty title="There is no screen at this address" action={<Link to="/">Go to the overview</Link>}>
        The link may be of another version of the console. Nothing was changed.
      </Empty>
    </div>
  );
}
