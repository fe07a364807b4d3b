/** The tiers of a price, a row each; the last one has no end. */
import { plural } from '#core/domain/words.ts';
import type { Meter } from '../../lib/shapes.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import type { Problems, TierDraft } from './draft.ts';
import css from './tiers.module.css';

const MOST_TIERS = 50;

type Props = Readonly<{
  tiers: readonly TierDraft[];
  onChange: (tiers: readonly TierDraft[]) => void;
  problems: Problems;
  meter: Meter;
  symbol: string;
}>;

export function TierRows({ tiers, onChange, problems, meter, symbol }: Props) {
  const set = (at: number, next: Partial<TierDraft>): void =>
    onChange(tiers.map((tier, index) => (index === at ? { ...tier, ...next } : tier)));
  const add = (): void => onChange([...tiers.slice(0, -1), { upTo: '', amount: '', flat: '0' }, ...tiers.slice(-1)]);
  const field = (at: number, name: keyof TierDraft, label: string) => (
    <TextField
      label={label}
      inputMode="decimal"
      autoComplete="off"
      value={tiers[at]?.[name] ?? ''}
      onChange={(value) => set(at, { [name]: value })}
      problem={tiers[at]?.[name] === '' ? undefined : problems[`${name} ${at}`]}
    />
  );
  return (
    <div className={css['rows']}>
      {tiers.map((_tier, at) => (
        <div key={at} className={css['tier']} role="group" aria-label={`Tier ${at + 1}`}>
          {at === tiers.length - 1 ? (
            <TextField label="Up to" value="without end" readOnly onChange={() => undefined} />
          ) : (
            field(at, 'upTo', `Up to, ${plural(meter.unit)}`)
          )}
          {field(at, 'amount', `Amount, ${symbol}`)}
          {field(at, 'flat', `Once, ${symbol}`)}
          <div className={css['remove']}>
            {tiers.length > 1 && (
              <Button
                size="small"
                onClick={() => onChange(tiers.filter((_one, index) => index !== at))}
                aria-label={`Remove tier ${at + 1}`}
              >
                Remove
              </Button>
            )}
          </div>
        </div>
      ))}
      <div>
        <Button size="small" onClick={add} disabled={tiers.length >= MOST_TIERS}>
          Add a tier
        </Button>
      </div>
    </div>
  );
}
