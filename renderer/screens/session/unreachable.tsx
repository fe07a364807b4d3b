/** The core does not answer: what that means, and how to start it. */
import { Button } from '../../ui/controls.tsx';
import { Command } from '../../ui/marks.tsx';
import { Cover } from './cover.tsx';

export function Unreachable({ retry }: { retry: () => void }) {
  return (
    <Cover
      title="The core does not answer"
      sub="This page shows nothing until it is reached. It tries again by itself."
    >
      <p>
        Nothing was charged or changed by this page. If the console was stopped, start it again and open the link that
        it prints; a link works once, so an old one may no longer open.
      </p>
      <Command text="npx tollkeeper serve" />
      <div>
        <Button onClick={retry}>Try again</Button>
      </div>
    </Cover>
  );
}
