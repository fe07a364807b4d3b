/** A rail that has no screen yet says what it is for, what works today and what it needs. */
import { Link } from '@tanstack/react-router';
import { Command } from '../../ui/marks.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import css from './coming.module.css';
import { COMING } from './rails.ts';
import type { ComingName, ComingRail } from './rails.ts';

export function ComingScreen({ rail }: { rail: ComingName }) {
  const { title, question, now, needs }: ComingRail = COMING[rail];
  return (
    <Page title={title}>
      <Panel label={title} padded>
        <div className={css['stack']}>
          <p className={css['question']}>{question}</p>
          <p className={css['note']}>This rail is not part of this version. Nothing here is metered or settled.</p>
          <h2>What works today</h2>
          <ul>
            {now.map(({ what, href, command }) => (
              <li key={what}>
                {href ? <Link to={href}>{what}</Link> : what}
                {command && <Command text={command} />}
              </li>
            ))}
          </ul>
          <h2>What it needs</h2>
          <ul>
            {needs.map((need) => (
              <li key={need}>{need}</li>
            ))}
          </ul>
        </div>
      </Panel>
    </Page>
  );
}
