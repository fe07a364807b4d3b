/** How a review stands, as shape and word. */
import type { Review } from '../../lib/shapes.ts';
import { Status } from '../../ui/marks.tsx';

export function ReviewStatus({ state }: Pick<Review, 'state'>) {
  if (state === 'approved')
    return (
      <Status tone="good" shape="check">
        Approved
      </Status>
    );
  if (state === 'rejected')
    return (
      <Status tone="danger" shape="cross">
        Rejected
      </Status>
    );
  return (
    <Status tone="quiet" shape="ring">
      Waiting for an answer
    </Status>
  );
}
