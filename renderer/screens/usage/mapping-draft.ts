/** Which column is what, as it is chosen on screen: from the guess of the core, and to the mapping that it takes. */
import type { Mapping } from '../../lib/import-job.ts';

/** A choice as the value of a select field: `c:` a column, `v:` one value for all rows, `#` the row's number. */
export type Choice = Readonly<{ kind: 'column'; column: string } | { kind: 'value'; value: string } | { kind: 'none' }>;
export type InstantForm = NonNullable<NonNullable<Mapping['occurredAt']>['as']>;
export type MappingDraft = Readonly<{
  customer: Choice;
  meter: Choice;
  quantity: Choice;
  source: Choice;
  /** None is the number of the row. */
  id: Choice;
  /** None is the instant of arrival. */
  occurredAt: Choice;
  occurredAs: InstantForm;
  dimensions: readonly string[];
  dimensionsFrom: string | null;
  escaped: boolean | null;
}>;
export type Meaning = 'customer' | 'meter' | 'quantity' | 'source' | 'id' | 'occurredAt';

const NONE: Choice = { kind: 'none' };
const column = (name: string): Choice => ({ kind: 'column', column: name });

export function choiceText(choice: Choice): string {
  return choice.kind === 'column' ? `c:${choice.column}` : choice.kind === 'value' ? 'v:' : '';
}

/** The choice behind a select field's value; one that was a value before keeps it. */
export function choiceOf(text: string, before: Choice): Choice {
  if (text.startsWith('c:')) return column(text.slice(2));
  if (text === 'v:') return before.kind === 'value' ? before : { kind: 'value', value: '' };
  return NONE;
}

const choiceFrom = (from: { column: string } | { value: string }): Choice =>
  'column' in from ? column(from.column) : { kind: 'value', value: from.value };

/** Files of usage whose customer or meter no column is named like start without those. */
export function draftFrom(guess: Mapping | null, name: string): MappingDraft {
  if (guess === null) {
    return {
      customer: NONE,
      meter: NONE,
      quantity: { kind: 'value', value: '1' },
      source: { kind: 'value', value: `import/${name}`.slice(0, 200) },
      id: NONE,
      occurredAt: NONE,
      occurredAs: 'rfc3339',
      dimensions: [],
      dimensionsFrom: null,
      escaped: null,
    };
  }
  return {
    customer: choiceFrom(guess.customer),
    meter: choiceFrom(guess.meter),
    quantity: choiceFrom(guess.quantity ?? { value: '1' }),
    source: choiceFrom(guess.source),
    id: 'column' in guess.id ? column(guess.id.column) : NONE,
    occurredAt: guess.occurredAt ? column(guess.occurredAt.column) : NONE,
    occurredAs: guess.occurredAt?.as ?? 'rfc3339',
    // A dimension is called as its column is; a guess that calls one otherwise comes from no screen.
    dimensions: Object.values(guess.dimensions ?? {}),
    dimensionsFrom: guess.dimensionsFrom ?? null,
    escaped: guess.escaped ?? null,
  };
}

function given(choice: Choice): { column: string } | { value: string } | null {
  if (choice.kind === 'column') return { column: choice.column };
  return choice.kind === 'value' && choice.value.trim() !== '' ? { value: choice.value.trim() } : null;
}

/** The mapping, or null while customer, meter, quantity or source are not said. */
export function mappingFrom(draft: MappingDraft): Mapping | null {
  const [customer, meter, quantity, source] = [draft.customer, draft.meter, draft.quantity, draft.source].map(given);
  if (!customer || !meter || !quantity || !source) return null;
  return {
    source,
    id: draft.id.kind === 'column' ? { column: draft.id.column } : { rowNumber: true },
    customer,
    meter,
    quantity,
    ...(draft.occurredAt.kind === 'column'
      ? { occurredAt: { column: draft.occurredAt.column, as: draft.occurredAs } }
      : {}),
    dimensions: Object.fromEntries(draft.dimensions.map((name) => [name.slice(0, 64), name])),
    ...(draft.dimensionsFrom === null ? {} : { dimensionsFrom: draft.dimensionsFrom }),
    ...(draft.escaped === null ? {} : { escaped: draft.escaped }),
  };
}

/** Whether a file has every column that the draft names: one that was mended and comes back keeps its mapping. */
export function fits(draft: MappingDraft, columns: readonly string[]): boolean {
  const chosen = [draft.customer, draft.meter, draft.quantity, draft.source, draft.id, draft.occurredAt];
  const named = [
    ...chosen.flatMap((choice) => (choice.kind === 'column' ? [choice.column] : [])),
    ...draft.dimensions,
    ...(draft.dimensionsFrom === null ? [] : [draft.dimensionsFrom]),
  ];
  return named.every((name) => columns.includes(name));
}

/** The event of a row of a preview, as its cells show it; a long one is cut by the core and shown as it comes. */
export type EventCells = Readonly<Record<'source' | 'id' | 'customer' | 'meter' | 'quantity' | 'occurredAt', string>>;
const CELLS = ['source', 'id', 'customer', 'meter', 'quantity', 'occurredAt'] as const;

export function eventCells(event: string | null): EventCells {
  let read: Record<string, unknown> = {};
  try {
    read = JSON.parse(event ?? '{}') as Record<string, unknown>;
  } catch {
    read = { id: event };
  }
  const text = (value: unknown): string =>
    value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return Object.fromEntries(CELLS.map((name) => [name, text(read[name])])) as EventCells;
}
