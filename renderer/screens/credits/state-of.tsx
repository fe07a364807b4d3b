/** How a grant stands, as a shape and a word. */
import type { GrantRow } from '../../lib/shapes.ts';
import { Status } from '../../ui/marks.tsx';
import type { Shape, Tone } from '../../ui/marks.tsx';
import { STATE_WORDS } from './filters.ts';

const LOOKS: Readonly<Record<GrantRow['state'], { tone: Tone; shape: Shape }>> = {
  open: { tone: 'good', shape: 'half' },
  spent: { tone: 'quiet', shape: 'check' },
  expired: { tone: 'attention', shape: 'triangle' },
  'clawed-back': { tone: 'quiet', shape: 'cross' },
};

export function StateOf({ state }: { state: GrantRow['state'] }) {
  const { tone, shape } = LOOKS[state];
  return (
    <Status tone={tone} shape={shape}>
      {STATE_WORDS[state]}
    </Status>
  );
}
