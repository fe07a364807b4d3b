/** The workspace itself, its rules, and after how long a session locks. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Info } from '../../lib/shapes.ts';
import { sizeText } from '../../lib/size.ts';
import { spanText } from '../../lib/time.ts';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { Id, Pill, Status, Time } from '../../ui/marks.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { Actions, Columns, Facts, Form, Note, Panel } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import { Verify } from '../../ui/verify.tsx';
import css from './settings.module.css';

const NETWORKS: Readonly<Record<Info['network'], string>> = { local: 'Local', test: 'Test', main: 'Main' };

export function WorkspacePart({ info }: { info: Info }) {
  return (
    <div className={css['two']}>
      <Panel
        title="This workspace"
        aside={info.sample && <Pill tone="attention">Sample data</Pill>}
        label="This workspace"
      >
        <div style={{ padding: 12 }}>
          <Facts
            left
            rows={[
              ['Name', info.name],
              [
                'File',
                <span key="file" className={css['mono']}>
                  {info.file}
                </span>,
              ],
              ['Size', sizeText(info.fileBytes)],
              ['Id', info.bookId === null ? 'none yet' : <Id key="id" id={info.bookId} label="id of the books" />],
              ['Head', <Id key="head" id={info.headHash} label="hash of the last block" />],
              ['Block', groupDecimal(info.block)],
              ['Events', groupDecimal(info.events)],
              ['Last event', info.lastEventMs === null ? 'none yet' : <Time key="last" ms={info.lastEventMs} />],
              ['Schema', `version ${info.schemaVersion}`],
              ['Tollkeeper', info.version],
              ['Network', NETWORKS[info.network]],
              ...(info.readOnly ? ([['Open', 'for reading only']] as const) : []),
            ]}
          />
        </div>
      </Panel>
      <div className={css['stack']}>
        <Panel title="The books" padded>
          <Actions>
            <Verify info={info} />
          </Actions>
        </Panel>
        <Rules key={JSON.stringify(info.settings)} info={info} />
      </div>
    </div>
  );
}

const IDLE = [5, 15, 30, 60, 240, 480, 1440].map((minutes) => minutes * 60_000);

/** The choices, with what is set now among them. */
function idleOptions(nowMs: number): { value: string; label: string }[] {
  return [...new Set([...IDLE, nowMs])]
    .sort((a, b) => a - b)
    .map((ms) => ({ value: String(ms), label: ms === 86_400_000 ? '1 day' : spanText(ms) }));
}

/** What the outage rule says in words. */
function outageText({ outage }: Info['settings']): string {
  return outage.policy === 'deny' ? 'calls are refused' : `up to ${outage.upTo} calls pass unchecked, and are recorded`;
}

/** The rules that are set by the command line alone. */
function rulesText(settings: Info['settings']): string {
  const { maxFutureMs, maxRateAgeMs } = settings;
  return [
    `When the gate cannot be reached, ${outageText(settings)}.`,
    `Events may be dated ${spanText(maxFutureMs)} ahead.`,
    `A rate between assets counts for ${spanText(maxRateAgeMs)}.`,
  ].join(' ');
}

function useSave() {
  const queries = useQueryClient();
  return useMutation(
    orpc.workspace.set.mutationOptions({
      onSuccess: () => {
        announce('Settings saved');
        void queries.invalidateQueries({ queryKey: orpc.workspace.key() });
        void queries.invalidateQueries({ queryKey: orpc.session.key() });
      },
    }),
  );
}

function Rules({ info }: { info: Info }) {
  const may = useMay('workspace:write') && !info.readOnly;
  const { settings } = info;
  const [form, setForm] = useState({
    issuer: settings.issuer,
    dueDays: String(settings.dueDays),
    unknownUsage: settings.unknownUsage as string,
    idleLockMs: String(settings.idleLockMs),
  });
  const set = (name: keyof typeof form) => (value: string) => setForm((before) => ({ ...before, [name]: value }));
  const save = useSave();
  const isDays = /^\d{1,3}$/.test(form.dueDays) && Number.parseInt(form.dueDays, 10) <= 365;
  const isReady = isDays && form.issuer.trim() !== '';
  const isChanged =
    form.issuer !== settings.issuer ||
    form.dueDays !== String(settings.dueDays) ||
    form.unknownUsage !== settings.unknownUsage ||
    form.idleLockMs !== String(settings.idleLockMs);
  const submit = (): void => {
    if (!isReady) return;
    save.mutate({
      issuer: form.issuer.trim(),
      dueDays: Number.parseInt(form.dueDays, 10),
      unknownUsage: form.unknownUsage === 'park' ? 'park' : 'refuse',
      idleLockMs: Number.parseInt(form.idleLockMs, 10),
    });
  };
  return (
    <Panel title="Rules" padded>
      <Form onSubmit={submit}>
        <Fields form={form} set={set} settings={settings} isDays={isDays} />
        <Note>{rulesText(settings)}</Note>
        {save.error && <ErrorBox error={save.error} money="The settings are as they were; nothing was charged." />}
        {may ? (
          <Actions end>
            <Button kind="primary" submit busy={save.isPending} disabled={!isReady || !isChanged}>
              Save changes
            </Button>
          </Actions>
        ) : (
          <Status tone="quiet" shape="ring">
            Only an admin changes these
          </Status>
        )}
      </Form>
    </Panel>
  );
}

type Fields = Readonly<{ issuer: string; dueDays: string; unknownUsage: string; idleLockMs: string }>;
type FieldsProps = Readonly<{
  form: Fields;
  set: (name: keyof Fields) => (value: string) => void;
  settings: Info['settings'];
  isDays: boolean;
}>;

function Fields({ form, set, settings, isDays }: FieldsProps) {
  return (
    <Columns>
      <SelectField
        label="Lock after"
        hint="Without a command for so long; the passphrase opens it again."
        value={form.idleLockMs}
        onChange={set('idleLockMs')}
        options={idleOptions(settings.idleLockMs)}
      />
      <SelectField
        label="Usage of an unknown meter or customer"
        value={form.unknownUsage}
        onChange={set('unknownUsage')}
        options={[
          { value: 'refuse', label: 'Refuse it' },
          { value: 'park', label: 'Keep it unrated' },
        ]}
      />
      <TextField
        label="Issuer on invoices"
        value={form.issuer}
        onChange={set('issuer')}
        maxLength={120}
        autoComplete="off"
        problem={form.issuer.trim() === '' ? 'Invoices name who issues them.' : undefined}
      />
      <TextField
        label="Days until an invoice is due"
        inputMode="numeric"
        value={form.dueDays}
        onChange={set('dueDays')}
        autoComplete="off"
        problem={isDays ? undefined : 'Write whole days, at most 365.'}
      />
    </Columns>
  );
}
