/** The jobs tray: what runs and what ran, on whatever screen it began. */
import { Popover } from '@base-ui/react/popover';
import { Link } from '@tanstack/react-router';
import { useJobs } from '../lib/jobs.ts';
import type { JobView } from '../lib/jobs.ts';
import { Button, buttonClass } from '../ui/controls.tsx';
import { Icon } from '../ui/icon.tsx';
import { Status } from '../ui/marks.tsx';
import { front } from '../ui/front.ts';
import css from './jobs.module.css';

const MARKS = {
  done: { tone: 'good', shape: 'check' },
  cancelled: { tone: 'quiet', shape: 'ring' },
  failed: { tone: 'danger', shape: 'square' },
} as const;

export function JobsTray() {
  const jobs = useJobs();
  const running = jobs.filter(({ kind }) => kind === 'running').length;
  const label = running === 0 ? 'Jobs, none runs' : `Jobs, ${running} ${running === 1 ? 'runs' : 'run'}`;
  return (
    <Popover.Root>
      <Popover.Trigger
        className={buttonClass(undefined, 'small')}
        aria-label={label}
        data-busy={running > 0 ? '' : undefined}
      >
        <Icon name="jobs" size={14} />
        {running > 0 && <span className={css['count']}>{running}</span>}
      </Popover.Trigger>
      <Popover.Portal container={front()}>
        <Popover.Positioner className={css['positioner']} sideOffset={4} align="end">
          <Popover.Popup className={css['tray']} data-modal="">
            <Popover.Title className={css['title']}>Jobs</Popover.Title>
            {jobs.length === 0 ? (
              <p className={css['none']}>
                Nothing runs. A verification, an import, a backup or a comparison goes on here when its screen is left.
              </p>
            ) : (
              <ul className={css['list']}>
                {jobs.map((job) => (
                  <JobLine key={job.name} job={job} />
                ))}
              </ul>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function JobLine({ job: { title, href, kind, perMille, detail, cancel } }: { job: JobView }) {
  return (
    <li className={css['job']}>
      <Popover.Close nativeButton={false} render={<Link to={href} className={css['name'] ?? ''} />}>
        {title}
      </Popover.Close>
      {kind === 'running' ? (
        <Button size="small" onClick={cancel} aria-label={`Cancel ${title}`}>
          Cancel
        </Button>
      ) : (
        <Status tone={MARKS[kind].tone} shape={MARKS[kind].shape}>
          {detail}
        </Status>
      )}
      {kind === 'running' && (
        <>
          <progress
            className={css['bar']}
            max={1000}
            {...(perMille === null ? {} : { value: perMille })}
            aria-label={title}
          />
          <span className={css['detail']}>{detail}</span>
        </>
      )}
    </li>
  );
}
