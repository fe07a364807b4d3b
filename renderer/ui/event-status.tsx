/** The state of a usage event in shape and word, the same on every screen. */
import type { ReactNode } from 'react';
import { Status } from './marks.tsx';

export function eventStatus(state: string): ReactNode {
  switch (state) {
    case 'rated':
      return (
        <Status tone="good" shape="check">
          Rated
        </Status>
      );
    case 'waiting':
      return (
        <Status tone="quiet" shape="half">
          Being rated
        </Status>
      );
    case 'parked':
      return (
        <Status tone="attention" shape="triangle">
          Unrated
        </Status>
      );
    case 'counted':
      return (
        <Status tone="quiet" shape="dot">
          Counted only
        </Status>
      );
    default:
      return (
        <Status tone="quiet" shape="ring">
          {state}
        </Status>
      );
  }
}

const REASONS: Readonly<Record<string, string>> = {
  'customer-unknown': 'No customer has this subject',
  'meter-unknown': 'No meter listens to this type',
  'price-unknown': 'The meter has no price for this customer',
  'rate-unknown': 'No rate between the assets was known then',
  'quantity-invalid': 'The quantity is not one this meter takes',
};

export function parkReason(reason: string): string {
  return REASONS[reason] ?? reason;
}
