/** The passphrase that opens one's own key, asked for right before something is signed. */
import { failureOf } from '../../lib/failure.ts';
import { TextField } from '../../ui/controls.tsx';
import { ErrorBox } from '../../ui/states.tsx';

type Props = Readonly<{ value: string; onChange: (value: string) => void; error: unknown; money: string }>;

/** A wrong passphrase is said at its field; whatever else went wrong below it. */
export function OwnPassphrase({ value, onChange, error, money }: Props) {
  const failure = error ? failureOf(error) : undefined;
  const isWrong = failure?.values['field'] === 'passphrase';
  return (
    <>
      <TextField
        label="Your passphrase"
        type="password"
        autoComplete="current-password"
        value={value}
        onChange={onChange}
        problem={isWrong && value === '' ? `${failure.detail} ${failure.fix} ${money}` : undefined}
      />
      {failure && !isWrong && <ErrorBox error={error} money={money} />}
    </>
  );
}
