/** A button that asks for a file and gives its text, or says why it has none. */
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/controls.tsx';

type Props = Readonly<{
  accept: string;
  label: string;
  kind?: 'primary' | undefined;
  size?: 'small';
  busy?: boolean;
  onText: (text: string) => void;
  onProblem: (problem: string) => void;
  children: ReactNode;
}>;

/** Every byte of a bundle was signed: a wrong one must not be read as another, and a mark at the beginning stays. */
export async function strictText(file: Blob): Promise<string | null> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
  } catch {
    return null; // The caller says that the file was changed.
  }
}

export function ChooseFile({ accept, label, kind, size, busy, onText, onProblem, children }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const read = async (file: File): Promise<void> => {
    const text = await strictText(file);
    if (text === null) onProblem(`${file.name} holds a byte that is not UTF-8: it was changed, or is another file.`);
    else onText(text);
  };
  return (
    <>
      <Button
        {...(kind && { kind })}
        {...(size && { size })}
        busy={busy ?? false}
        onClick={() => input.current?.click()}
      >
        {children}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        aria-label={label}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = ''; // The same file can be chosen again.
          if (file) void read(file);
        }}
      />
    </>
  );
}
