/** The fields of a rule: what is watched, from when on it is told, to whom, and when not. */
import { useQuery } from '@tanstack/react-query';
import { ALERT_KINDS, ALERT_KIND_NAMES } from '#core/domain/alert.ts';
import { MAIL_CHANNEL } from '#core/domain/notice.ts';
import { orpc } from '../../lib/rpc.ts';
import { SelectField, TextField, Toggle } from '../../ui/controls.tsx';
import { Columns, Facts } from '../../ui/surface.tsx';
import css from './alerts.module.css';
import { useCustomerNames, useWebhookNames } from './names.ts';
import { ofKind, unitWords } from './rule-draft.ts';
import type { Draft, Problems } from './rule-draft.ts';
import { KIND_WORDS, OF_CUSTOMER, OF_METER } from './words.ts';
import type { Rule } from './words.ts';

type Props = Readonly<{
  draft: Draft;
  onChange: (draft: Draft) => void;
  problems: Readonly<Partial<Record<keyof Problems, string | undefined>>>;
  rule: Rule | null;
  isLocked: boolean;
}>;

const JOBS = [
  { value: 'backup', label: 'Backup' },
  { value: 'verify', label: 'Verification' },
  { value: 'posting', label: 'Posting of usage' },
];

/** Assets that prices and plans are in, so that a rule can be typed before the first balance. */
function useAssets(): string[] {
  const prices = useQuery(orpc.prices.list.queryOptions({ input: {} }));
  const plans = useQuery(orpc.plans.list.queryOptions({ input: {} }));
  const found = [
    ...(plans.data?.items ?? []).map(({ asset }) => asset),
    ...(prices.data?.items ?? []).map(({ asset, chargedIn }) => chargedIn ?? asset),
  ];
  return [...new Set(['USDC/6', ...found])];
}

/** What is watched; once it is, it stays. */
function Watched({ draft, onChange }: Pick<Props, 'draft' | 'onChange'>) {
  const customers = useCustomerNames();
  const assets = useAssets();
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {} }));
  const { needs } = ALERT_KINDS[draft.kind];
  const set = (more: Partial<Draft>): void => onChange({ ...draft, ...more });
  return (
    <>
      <SelectField
        label="Watch for"
        value={draft.kind}
        onChange={(value) => {
          const kind = ALERT_KIND_NAMES.find((one) => one === value);
          if (kind) onChange({ ...ofKind(draft, kind), customer: '', meter: '' });
        }}
        options={ALERT_KIND_NAMES.map((value) => ({ value, label: KIND_WORDS[value] }))}
      />
      {needs === 'asset' && (
        <SelectField
          label="Asset"
          value={draft.asset}
          onChange={(asset) => set({ asset })}
          options={assets.map((value) => ({ value, label: value }))}
        />
      )}
      {needs === 'job' && (
        <SelectField
          label="Job"
          value={draft.job}
          onChange={(value) => set({ job: value as Draft['job'] })}
          options={JOBS}
        />
      )}
      {OF_CUSTOMER.has(draft.kind) && (
        <SelectField
          label="Of"
          value={draft.customer}
          onChange={(customer) => set({ customer })}
          options={[
            { value: '', label: 'Any customer' },
            ...[...customers].map(([value, label]) => ({ value, label })),
          ]}
        />
      )}
      {OF_METER.has(draft.kind) && (
        <SelectField
          label="Meter"
          value={draft.meter}
          onChange={(meter) => set({ meter })}
          options={[
            { value: '', label: 'Any meter' },
            ...(meters.data?.items ?? []).map(({ key }) => ({ value: key, label: key })),
          ]}
        />
      )}
    </>
  );
}

/** What a rule that is there watches. */
function Kept({ rule }: { rule: Rule }) {
  const customers = useCustomerNames();
  const of = rule.customer === null ? 'Any customer' : (customers.get(rule.customer) ?? rule.customer);
  return (
    <Facts
      left
      rows={[
        ['Watches for', KIND_WORDS[rule.kind]],
        ...(rule.asset === null ? [] : ([['Asset', rule.asset]] as const)),
        ...(OF_CUSTOMER.has(rule.kind) ? ([['Of', of]] as const) : []),
        ...(rule.meter === null ? [] : ([['Meter', rule.meter]] as const)),
        ...(rule.job === null ? [] : ([['Job', JOBS.find(({ value }) => value === rule.job)?.label]] as const)),
      ]}
    />
  );
}

export function RuleFields({ draft, onChange, problems, rule, isLocked }: Props) {
  const set = (more: Partial<Draft>): void => onChange({ ...draft, ...more });
  return (
    <fieldset disabled={isLocked} className={css['fields']}>
      {rule && <Kept rule={rule} />}
      <Columns>
        {!rule && <Watched draft={draft} onChange={onChange} />}
        <TextField
          label="Name"
          hint="Notices begin with it."
          value={draft.name}
          onChange={(name) => set({ name })}
          problem={problems.name}
          maxLength={120}
          autoComplete="off"
        />
        {draft.kind !== 'failed-verify' && <Limits draft={draft} set={set} problems={problems} />}
        <SelectField
          label="How bad"
          value={draft.severity}
          onChange={(severity) => set({ severity: severity as Draft['severity'] })}
          options={[
            { value: 'info', label: 'Info' },
            { value: 'attention', label: 'Attention' },
            { value: 'danger', label: 'Danger: told at once' },
          ]}
        />
      </Columns>
      <Told draft={draft} set={set} problem={problems.channels} />
      <Quiet draft={draft} set={set} problem={problems.quiet} />
      <div className={css['line']}>
        <Toggle
          label="Also tells when it is over"
          on={draft.tellsCleared}
          onChange={(tellsCleared) => set({ tellsCleared })}
          disabled={isLocked}
        />
        <Toggle label="On" on={draft.isOn} onChange={(isOn) => set({ isOn })} disabled={isLocked} />
      </div>
    </fieldset>
  );
}

type Set = (more: Partial<Draft>) => void;

function Limits({ draft, set, problems }: Pick<Props, 'draft' | 'problems'> & Readonly<{ set: Set }>) {
  const isBelow = ALERT_KINDS[draft.kind].side === 'below';
  const hint = unitWords(draft.kind, draft.asset);
  return (
    <>
      <TextField
        label={isBelow ? 'Fires below' : 'Fires at'}
        hint={hint}
        inputMode="decimal"
        autoComplete="off"
        value={draft.threshold}
        onChange={(threshold) => set({ threshold })}
        problem={problems.threshold}
      />
      <TextField
        label={isBelow ? 'Over when it rose above that by' : 'Over when it fell below that by'}
        hint={hint}
        inputMode="decimal"
        autoComplete="off"
        value={draft.margin}
        onChange={(margin) => set({ margin })}
        problem={problems.margin}
      />
    </>
  );
}

type PartProps = Readonly<{ draft: Draft; set: Set; problem: string | undefined }>;

function Told({ draft, set, problem }: PartProps) {
  const webhooks = useWebhookNames();
  const names: readonly (readonly [string, string])[] = [...webhooks, [MAIL_CHANNEL, 'Mail']];
  // A channel that this role does not see by name stays chosen.
  const unseen = draft.channels.filter((id) => !names.some(([known]) => known === id)).map((id) => [id, id] as const);
  const flip = (id: string, isIn: boolean): void =>
    set({ channels: isIn ? [...draft.channels, id] : draft.channels.filter((one) => one !== id) });
  return (
    <>
      <SelectField
        label="Tells"
        value={draft.tells}
        onChange={(tells) => set({ tells: tells as Draft['tells'] })}
        options={[
          { value: 'all', label: 'All webhooks and mail, also those to come' },
          { value: 'chosen', label: 'Those chosen here' },
          { value: 'none', label: 'Nobody: it is shown on this screen alone' },
        ]}
      />
      {draft.tells === 'chosen' && (
        <fieldset className={css['choices']} aria-label="Who is told">
          {[...names, ...unseen].map(([id, name]) => (
            <label key={id}>
              <input
                type="checkbox"
                checked={draft.channels.includes(id)}
                onChange={(event) => flip(id, event.target.checked)}
              />
              {name}
            </label>
          ))}
          {problem !== undefined && <span className={css['problem']}>{problem}</span>}
        </fieldset>
      )}
    </>
  );
}

function Quiet({ draft, set, problem }: PartProps) {
  return (
    <>
      <Toggle label="Quiet hours" on={draft.isQuiet} onChange={(isQuiet) => set({ isQuiet })} />
      {draft.isQuiet && (
        <div className={css['quiet']}>
          <TextField
            label="From"
            value={draft.quietFrom}
            onChange={(quietFrom) => set({ quietFrom })}
            problem={problem}
            maxLength={5}
            autoComplete="off"
          />
          <TextField
            label="Until"
            value={draft.quietTo}
            onChange={(quietTo) => set({ quietTo })}
            maxLength={5}
            autoComplete="off"
          />
          <TextField
            label="Time zone"
            hint="As Europe/Berlin."
            value={draft.timeZone}
            onChange={(timeZone) => set({ timeZone })}
            maxLength={64}
            autoComplete="off"
          />
        </div>
      )}
    </>
  );
}
