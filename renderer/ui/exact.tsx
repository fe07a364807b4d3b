/** One floating note for everything that carries `data-exact`: the exact figure or instant, on hover and on focus. */
import { useEffect, useState } from 'react';
import css from './text.module.css';

type Shown = Readonly<{ text: string; x: number; y: number; above: boolean }>;

function find(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('[data-exact]') : null;
}

function place(element: HTMLElement): Shown {
  const box = element.getBoundingClientRect();
  const above = box.bottom > window.innerHeight - 90;
  return { text: element.dataset['exact'] ?? '', x: box.right, y: above ? box.top - 6 : box.bottom + 6, above };
}

export function ExactNote() {
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (event: Event): void => {
      clearTimeout(timer);
      const element = find(event.target);
      if (!element) return setShown(null);
      timer = setTimeout(() => setShown(place(element)), event.type === 'focusin' ? 0 : 180);
      return undefined;
    };
    const hide = (): void => {
      clearTimeout(timer);
      setShown(null);
    };
    document.addEventListener('pointerover', show);
    document.addEventListener('focusin', show);
    document.addEventListener('scroll', hide, true);
    document.addEventListener('pointerdown', hide);
    return () => {
      hide();
      document.removeEventListener('pointerover', show);
      document.removeEventListener('focusin', show);
      document.removeEventListener('scroll', hide, true);
      document.removeEventListener('pointerdown', hide);
    };
  }, []);
  if (!shown) return null;
  const style = {
    left: shown.x,
    top: shown.y,
    translate: `max(-100%, ${8 - shown.x}px) ${shown.above ? '-100%' : '0'}`,
  };
  return (
    <div role="tooltip" className={css['exact']} style={style}>
      {shown.text}
    </div>
  );
}
