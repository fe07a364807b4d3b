/** One select field for each meaning: a column of the file, or one value for all rows. */
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { orpc } from '../../lib/rpc.ts';
import { SelectField, TextField } from '../../ui/controls.tsx';
import { choiceOf, choiceText } from './mapping-draft.ts';
import type { InstantForm, MappingDraft, Meaning } from './mapping-draft.ts';
import css from './usage.module.css';

type Props = Readonly<{ draft: MappingDraft; columns: readonly string[]; onChange: (draft: MappingDraft) => void }>;

/** Columns that the core adds to an error file; they mean nothing else. */
const OURS = new Set(['import_row', 'import_problem', 'import_fix']);

const NEEDED = { value: '', label: 'Choose a column' };
const NONE: Readonly<Record<Meaning, { value: string; label: string }>> = {
  customer: NEEDED,
  meter: NEEDED,
  quantity: NEEDED,
  source: NEEDED,
  id: { value: '', label: 'The number of the row' },
  occurredAt: { value: '', label: 'The instant of import' },
};

const LABELS: Readonly<Record<Meaning, string>> = {
  customer: 'Customer',
  meter: 'Meter',
  quantity: 'Quantity',
  source: 'Source',
  id: 'Id of the event',
  occurredAt: 'When it happened',
};

const FORMS: readonly { value: InstantForm; label: string }[] = [
  { value: 'rfc3339', label: 'As 2026-11-21T09:30:00Z' },
  { value: 'seconds', label: 'Seconds since 1970' },
  { value: 'milliseconds', label: 'Milliseconds since 1970' },
];

export function MappingForm({ draft, columns, onChange }: Props) {
  const theirs = columns.filter((name) => !OURS.has(name));
  const field = { draft, columns: theirs, onChange };
  return (
    <div className={css['stack']}>
      <div className={css['mapping']}>
        <Meant meaning="customer" {...field} mayBeValue hint="An external id of yours, for example." />
        <Meant meaning="meter" {...field} mayBeValue hint="A meter’s key." />
        <Meant meaning="quantity" {...field} mayBeValue hint="1 counts rows." />
        <Meant meaning="occurredAt" {...field} />
        {draft.occurredAt.kind === 'column' && (
          <SelectField
            label="Its form"
            value={draft.occurredAs}
            onChange={(value) =>
              onChange({ ...draft, occurredAs: FORMS.find((one) => one.value === value)?.value ?? 'rfc3339' })
            }
            options={FORMS}
          />
        )}
        <Meant meaning="id" {...field} />
        <Meant meaning="source" {...field} mayBeValue hint="With the id it says which event a row is." />
      </div>
      <Dimensions {...field} />
    </div>
  );
}

type MeantProps = Props & Readonly<{ meaning: Meaning; mayBeValue?: boolean; hint?: string }>;

function Meant({ meaning, draft, columns, onChange, mayBeValue, hint }: MeantProps) {
  const choice = draft[meaning];
  const listId = useId();
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {}, enabled: meaning === 'meter' }));
  const canBeNone = meaning === 'id' || meaning === 'occurredAt';
  const label = LABELS[meaning];
  return (
    <div className={css['meant']}>
      <SelectField
        label={label}
        value={choiceText(choice)}
        onChange={(value) => onChange({ ...draft, [meaning]: choiceOf(value, choice) })}
        options={[
          ...(canBeNone || choice.kind === 'none' ? [NONE[meaning]] : []),
          ...columns.map((name) => ({ value: `c:${name}`, label: name })),
          // A member inside an object is named by dots, and is none of the file's own columns.
          ...(choice.kind === 'column' && !columns.includes(choice.column)
            ? [{ value: `c:${choice.column}`, label: choice.column }]
            : []),
          ...(mayBeValue ? [{ value: 'v:', label: 'The same for all rows…' }] : []),
        ]}
      />
      {choice.kind === 'value' && (
        <>
          <TextField
            label={`${label} of all rows`}
            {...(hint === undefined ? {} : { hint })}
            value={choice.value}
            onChange={(value) => onChange({ ...draft, [meaning]: { kind: 'value', value } })}
            list={meaning === 'meter' ? listId : undefined}
            maxLength={200}
            autoComplete="off"
          />
          {meaning === 'meter' && (
            <datalist id={listId}>
              {(meters.data?.items ?? []).map(({ key }) => (
                <option key={key}>{key}</option>
              ))}
            </datalist>
          )}
        </>
      )}
    </div>
  );
}

/** Columns that no field has taken; those chosen go with the event, and may be grouped and filtered by. */
function Dimensions({ draft, columns, onChange }: Props) {
  const choices = [draft.customer, draft.meter, draft.quantity, draft.source, draft.id, draft.occurredAt];
  const taken = new Set(choices.flatMap((choice) => (choice.kind === 'column' ? [choice.column] : [])));
  if (draft.dimensionsFrom !== null) taken.add(draft.dimensionsFrom);
  const free = columns.filter((name) => !taken.has(name));
  if (draft.dimensionsFrom !== null) {
    return <span className={css['brings']}>Dimensions are all in the column {draft.dimensionsFrom}.</span>;
  }
  if (free.length === 0) return null;
  return (
    <fieldset className={css['dimensions']}>
      <legend>Keep as dimensions</legend>
      {free.map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={draft.dimensions.includes(name)}
            onChange={(event) =>
              onChange({
                ...draft,
                dimensions: event.target.checked
                  ? [...draft.dimensions, name]
                  : draft.dimensions.filter((one) => one !== name),
              })
            }
          />
          <code>{name}</code>
        </label>
      ))}
    </fieldset>
  );
}
