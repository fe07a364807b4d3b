/** Copying: what lands on the clipboard is exact and plain, without the thin spaces that are only for reading. */
import { useEffect, useState } from 'react';
import { Icon } from './icon.tsx';
import css from './text.module.css';
import { announce } from './toast.tsx';

/** Takes out grouping spaces and turns the typographic minus into the one machines read. */
export function plainCopy(text: string): string {
  return text
    .replace(/[\u2009\u202f]/g, '')
    .replaceAll('\u2212', '-')
    .replaceAll('\u2248 ', '');
}

export function copyText(text: string, what?: string): void {
  const plain = plainCopy(text);
  void navigator.clipboard.writeText(plain).then(
    () => announce(what ? `${what} copied` : `Copied ${plain}`),
    () => announce('The browser did not allow copying; select the text instead.'),
  );
}

/** Copying a selection of the page gives plain figures as well. */
export function usePlainSelection(): void {
  useEffect(() => {
    const onCopy = (event: ClipboardEvent): void => {
      const selected = document.getSelection()?.toString() ?? '';
      if (!/[\u2009\u202f\u2212]/.test(selected)) return;
      event.clipboardData?.setData('text/plain', plainCopy(selected));
      event.preventDefault();
    };
    document.addEventListener('copy', onCopy);
    return () => document.removeEventListener('copy', onCopy);
  }, []);
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 1_500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button
      type="button"
      className={css['copy']}
      aria-label={`Copy ${label}`}
      onClick={(event) => {
        event.stopPropagation();
        copyText(text, label);
        setDone(true);
      }}
    >
      <Icon name={done ? 'check' : 'copy'} size={13} />
    </button>
  );
}
