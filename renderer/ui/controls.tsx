/** Buttons, fields, switches, tabs and menus: what a person presses and fills in. */
import { Menu } from '@base-ui/react/menu';
import { Switch } from '@base-ui/react/switch';
import { useId, useRef } from 'react';
import type { ComponentProps, KeyboardEvent, ReactNode } from 'react';
import { front } from './front.ts';
import css from './controls.module.css';

type ButtonProps = Omit<ComponentProps<'button'>, 'type'> &
  Readonly<{ kind?: 'plain' | 'primary' | 'danger'; size?: 'small' | 'icon'; busy?: boolean; submit?: boolean }>;

export function buttonClass(kind?: ButtonProps['kind'], size?: ButtonProps['size']): string {
  return [css['button'], kind && css[kind], size && css[size]].filter(Boolean).join(' ');
}

/** A button that moves money says the verb and the amount; the caller writes both. */
export function Button({ kind, size, busy, submit, className: _ignored, disabled, children, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={submit ? 'submit' : 'button'}
      className={buttonClass(kind, size)}
      disabled={disabled === true || busy === true}
      aria-busy={busy || undefined}
    >
      {children}
    </button>
  );
}

type FieldProps = Readonly<{
  label: string;
  hint?: string | undefined;
  problem?: string | undefined;
  children: (props: {
    id: string;
    className: string;
    'aria-describedby': string;
    'aria-invalid': boolean;
  }) => ReactNode;
}>;

/** A labelled control with a hint below it, or the problem in its place. */
export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  return (
    <div className={css['field']} data-bad={problem ? '' : undefined}>
      <label className={css['label']} htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        className: css['input'] ?? '',
        'aria-describedby': `${id}-hint`,
        'aria-invalid': problem !== undefined,
      })}
      <span id={`${id}-hint`} className={problem ? css['problem'] : css['hint']} role={problem ? 'alert' : undefined}>
        {problem ?? hint}
      </span>
    </div>
  );
}

type TextFieldProps = Readonly<{
  label: string;
  hint?: string;
  problem?: string | undefined;
  value: string;
  onChange: (value: string) => void;
}> &
  Omit<ComponentProps<'input'>, 'onChange' | 'value' | 'className'>;

export function TextField({ label, hint, problem, value, onChange, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(field) => <input {...rest} {...field} value={value} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

type Option = Readonly<{ value: string; label: string }>;
type SelectFieldProps = Readonly<{
  label: string;
  hint?: string;
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
}>;

export function SelectField({ label, hint, value, options, onChange }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(field) => (
        <select {...field} value={value} onChange={(event) => onChange(event.target.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type ChecksProps = Readonly<{
  legend: string;
  options: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}>;

export function Checks({ legend, options, chosen, onChange }: ChecksProps) {
  return (
    <fieldset className={css['checks']}>
      <legend className={css['label']}>{legend}</legend>
      {options.map((option) => (
        <label key={option} className={css['check']}>
          <input
            type="checkbox"
            checked={chosen.includes(option)}
            onChange={(event) =>
              onChange(event.target.checked ? [...chosen, option] : chosen.filter((name) => name !== option))
            }
          />
          <code>{option}</code>
        </label>
      ))}
    </fieldset>
  );
}

type ToggleProps = Readonly<{ label: string; on: boolean; onChange: (on: boolean) => void; disabled?: boolean }>;

export function Toggle({ label, on, onChange, disabled = false }: ToggleProps) {
  return (
    <label className={css['switch']}>
      <Switch.Root className={css['switchRoot']} checked={on} onCheckedChange={onChange} disabled={disabled}>
        <Switch.Thumb className={css['thumb']} />
      </Switch.Root>
      {label}
    </label>
  );
}

type TabsProps<T extends string> = Readonly<{
  label: string;
  tabs: readonly { id: T; title: string }[];
  current: T;
  onChange: (id: T) => void;
  panelId: string;
}>;

/** The tabs of a drawer; which is open is in the URL, so the caller holds it. Arrow keys move. */
export function TabBar<T extends string>({ label, tabs, current, onChange, panelId }: TabsProps<T>) {
  const bar = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.id === current);
    const index = (at + step + tabs.length) % tabs.length;
    const next = tabs[index];
    if (next) onChange(next.id);
    bar.current?.querySelectorAll('button')[index]?.focus();
  };
  return (
    <div ref={bar} role="tablist" aria-label={label} className={css['tabs']} onKeyDown={onKeyDown} tabIndex={-1}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          className={css['tab']}
          aria-selected={tab.id === current}
          aria-controls={tab.id === current ? panelId : undefined}
          tabIndex={tab.id === current ? 0 : -1}
          onClick={() => onChange(tab.id)}
        >
          {tab.title}
        </button>
      ))}
    </div>
  );
}

type ChipsProps<T extends string> = Readonly<{
  label: string;
  options: readonly { value: T | undefined; label: string }[];
  value: T | undefined;
  onChange: (value: T | undefined) => void;
}>;

/** A filter of a list as chips; the choice is in the URL. */
export function Chips<T extends string>({ label, options, value, onChange }: ChipsProps<T>) {
  return (
    <div role="group" aria-label={label} className={css['chips']}>
      {options.map((option) => (
        <button
          key={option.label}
          type="button"
          className={css['chip']}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

type MenuButtonProps = Readonly<{
  trigger: ReactNode;
  label: string;
  size?: 'small' | 'icon';
  align?: 'start' | 'end';
  children: ReactNode;
}>;

export function MenuButton({ trigger, label, size = 'small', align = 'end', children }: MenuButtonProps) {
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className={buttonClass(undefined, size)} aria-label={label}>
        {trigger}
      </Menu.Trigger>
      <Menu.Portal container={front()}>
        <Menu.Positioner className={css['positioner']} sideOffset={4} align={align}>
          <Menu.Popup className={css['menu']}>{children}</Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

export function MenuItem({ onSelect, children }: { onSelect: () => void; children: ReactNode }) {
  return (
    <Menu.Item className={css['item']} onClick={onSelect}>
      {children}
    </Menu.Item>
  );
}

export function MenuCheck({
  on,
  onChange,
  children,
}: {
  on: boolean;
  onChange: (on: boolean) => void;
  children: ReactNode;
}) {
  return (
    <Menu.CheckboxItem className={css['item']} checked={on} onCheckedChange={onChange} closeOnClick={false}>
      {children}
      <span aria-hidden="true">{on ? '✓' : ''}</span>
    </Menu.CheckboxItem>
  );
}

export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Menu.Group>
      <Menu.GroupLabel className={css['groupLabel']}>{label}</Menu.GroupLabel>
      {children}
    </Menu.Group>
  );
}
