/** A change under way, or how the last one ended: it goes on when the screen is left, and its result stays. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { Button } from '../../ui/controls.tsx';
import { Id, Status, Time } from '../../ui/marks.tsx';
import { ErrorBox, Job as JobBar } from '../../ui/states.tsx';
import { Actions, Facts, Note, Panel } from '../../ui/surface.tsx';
import css from './deployments.module.css';
import { STATES, VERBS } from './words.ts';
import type { Job } from './words.ts';

const LOOK_EVERY_MS = 400;

/** The changes of one deployment, newest first; looked at often while one runs. */
export function useJobs(network: Job['network'], unit: string) {
  return useQuery(
    orpc.deployments.jobs.queryOptions({
      input: { network, unit },
      refetchInterval: ({ state }) =>
        state.data?.jobs.some((job) => job.state === 'running') === true ? LOOK_EVERY_MS : false,
    }),
  );
}

const isLong = (value: string): boolean => value.length > 24 && !value.includes(' ');

function Result({ job }: { job: Job }) {
  return (
    <Facts
      left
      rows={job.result.map(({ name, value }) => [
        name,
        isLong(value) ? <Id key={name} id={value} label={name} /> : value,
      ])}
    />
  );
}

export function JobPanel({ job }: { job: Job }) {
  const queries = useQueryClient();
  const may = useMay('deployments:write');
  const refresh = { onSettled: () => queries.invalidateQueries({ queryKey: orpc.deployments.key() }) };
  const cancel = useMutation(orpc.deployments.cancel.mutationOptions(refresh));
  const resume = useMutation(orpc.deployments.resume.mutationOptions(refresh));
  const { tone, shape, word } = STATES[job.state];
  const { state, action, done, total, step, problem } = job;
  const isStopped = state !== 'running' && state !== 'done';
  return (
    <Panel
      title={VERBS[action]}
      label="Latest change"
      aside={
        <Status tone={tone} shape={shape}>
          {word}
        </Status>
      }
    >
      {state === 'running' && (
        <JobBar
          label={step}
          perMille={Math.floor((1000 * done) / Math.max(1, total))}
          detail={`${done} of ${total}`}
          {...(may ? { onCancel: () => cancel.mutate({ job: job.id }) } : {})}
        />
      )}
      {state !== 'running' && (
        <div className={css['stack']} style={{ padding: 12 }}>
          {isStopped && <p className={css['wrap']}>{problem?.detail ?? step}</p>}
          {isStopped && (
            <Note>
              {problem?.fix ?? 'Resume it to go on.'} What was paid is not paid again: what was sent is looked for
              first.
            </Note>
          )}
          {job.result.length > 0 && <Result job={job} />}
          <span className={css['muted']}>
            By <Id id={job.by} label="operator" plain /> · <Time ms={job.finishedMs ?? job.startedMs} />
          </span>
          {isStopped && (
            <Actions>
              <Button
                kind="primary"
                disabled={!may}
                busy={resume.isPending}
                onClick={() => resume.mutate({ job: job.id })}
              >
                Resume
              </Button>
            </Actions>
          )}
          {resume.error && <ErrorBox error={resume.error} money="Nothing was sent." />}
        </div>
      )}
    </Panel>
  );
}
