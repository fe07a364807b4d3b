/** Accounts that pay for sends and soon cannot: for how many there is money, and what to put to them. */
import { Amount } from '../../ui/amount.tsx';
import { Id, Status } from '../../ui/marks.tsx';
import css from './deployments.module.css';
import type { Network } from './words.ts';

const COIN = { evm: '0G/18', solana: 'SOL/9' } as const;

export function LowFloat({ network }: { network: Network }) {
  const low = network.payers.filter(({ isLow }) => isLow);
  if (low.length === 0) return null;
  return (
    <div role="status" className={css['low']}>
      {low.map(({ address, label, sendsLeft, topUpMinor }) => (
        <p key={address} className={css['line']}>
          <Status tone="attention" shape="triangle">
            Runs low
          </Status>
          <span>
            {label} on {network.title} pays for {sendsLeft} more {sendsLeft === '1' ? 'send' : 'sends'}. Put{' '}
            <Amount minor={topUpMinor} asset={COIN[network.chain]} inline copyable /> to{' '}
            <Id id={address} label="address" />
          </span>
        </p>
      ))}
    </div>
  );
}
