/** What stands over the page while nobody may read it. */
import type { ReactNode } from 'react';
import css from './session.module.css';

export function Cover({ title, sub, children }: { title: string; sub: string; children: ReactNode }) {
  return (
    <main className={css['cover']}>
      <div className={css['card']}>
        <div className={css['brand']}>
          <span className={css['mark']} aria-hidden="true" />
          Tollkeeper
        </div>
        <div>
          <h1>{title}</h1>
          <p className={css['sub']}>{sub}</p>
        </div>
        {children}
      </div>
    </main>
  );
}
