/** What things stand on: pages, panels, lists of facts. Layout only. */
import type { ReactNode } from 'react';
import css from './surface.module.css';

type PageProps = Readonly<{
  title: string;
  sub?: ReactNode;
  actions?: ReactNode;
  scrolls?: boolean;
  children: ReactNode;
}>;

export function Page({ title, sub, actions, scrolls, children }: PageProps) {
  return (
    <div
      className={[css['page'], scrolls && css['scrolls']].filter(Boolean).join(' ')}
      tabIndex={scrolls ? -1 : undefined}
    >
      <header className={css['head']}>
        <h1>{title}</h1>
        {sub !== undefined && <span className={css['sub']}>{sub}</span>}
        {actions !== undefined && <div className={css['push']}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type PanelProps = Readonly<{
  title?: ReactNode;
  aside?: ReactNode;
  padded?: boolean;
  children: ReactNode;
  label?: string;
}>;

export function Panel({ title, aside, padded, children, label }: PanelProps) {
  return (
    <section className={css['panel']} aria-label={label ?? (typeof title === 'string' ? title : undefined)}>
      {title !== undefined && (
        <header className={css['panelHead']}>
          <h2>{title}</h2>
          {aside !== undefined && <div className={css['actions']}>{aside}</div>}
        </header>
      )}
      {padded ? <div className={css['padded']}>{children}</div> : children}
    </section>
  );
}

export function Actions({ end, children }: { end?: boolean; children: ReactNode }) {
  return (
    <div className={css['actions']} data-end={end ? '' : undefined}>
      {children}
    </div>
  );
}

/** Names and values; figures stand right, with `left` words stay beside their name. */
export function Facts({ rows, left }: { rows: readonly (readonly [ReactNode, ReactNode])[]; left?: boolean }) {
  return (
    <dl className={css['facts']} data-left={left ? '' : undefined}>
      {rows.map(([name, value], index) => (
        <FactRow key={typeof name === 'string' ? name : index} name={name} value={value} />
      ))}
    </dl>
  );
}

function FactRow({ name, value }: { name: ReactNode; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

export function Note({ children }: { children: ReactNode }) {
  return <div className={css['note']}>{children}</div>;
}

export function Form({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      className={css['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

export function Columns({ children }: { children: ReactNode }) {
  return <div className={css['columns']}>{children}</div>;
}

export function Sub({ children }: { children: ReactNode }) {
  return <span className={css['sub']}>{children}</span>;
}
