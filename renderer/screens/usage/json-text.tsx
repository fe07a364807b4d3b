/** JSON text laid out to be read; text that was cut on its way is shown as it came. */
import css from './usage.module.css';

export function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A record beside what becomes of it. The block can be scrolled by keyboard. */
export function JsonText({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <h3>{title}</h3>
      <pre tabIndex={-1}>{laidOut(text)}</pre>
    </div>
  );
}

export const detailClass = css['detail'];
