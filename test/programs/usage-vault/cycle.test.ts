/** The life of a customer on chain: deposit, meter, delegation, commit, charge, withdrawal and exit. */
import { describe, expect, test } from 'vitest';
import { NO_DELEGATION, Validator } from '../delegation.ts';
import { SOL, TERMS, USAGE_VAULT, World } from './world.ts';

describe('a customer of usage-vault', () => {
  test('opens a vault on the terms it has seen and gets rent and balance back when it leaves', () => {
    const world = new World().open({}, 3n * SOL);
    const before = world.chain.lamports(world.owner.publicKey);
    const closed = world.do('close_user_vault');
    expect(closed.events.map(({ name }) => name)).toEqual(['UserVaultClosed']);
    expect(world.chain.lamports(world.owner.publicKey)).toBe(
      before + 3n * SOL + world.chain.svm.minimumBalanceForRentExemption(247n),
    );
    expect(world.chain.account(world.userVault)).toBeUndefined();
    expect(world.systemState()['open_vaults']).toBe(0n);
  });

  test('pays for what was tracked, once, however often it is charged', () => {
    const world = new World().metered();
    world.track(30n);
    world.track(70n);
    const first = world.do('charge_fee');
    expect(first.events[0]).toMatchObject({
      name: 'FeeCharged',
      data: { units: 100n, fee_lamports: 100_000n, paid_lamports: 100_000n, balance_lamports: SOL - 100_000n },
    });
    expect(world.do('charge_fee').events[0]?.data).toMatchObject({ units: 0n, fee_lamports: 0n });
    expect(world.systemState()['earned_lamports']).toBe(100_000n);
  });

  test.skipIf(NO_DELEGATION !== '')(
    `is charged from commits while metering goes on in a rollup, and its meter comes back${NO_DELEGATION}`,
    () => {
      const world = new World().metered();
      const validator = new Validator(world.chain);
      world.track(10n);
      const delegated = world.do('delegate_user_vault', { validator: validator.keys.publicKey });
      expect(delegated.events.map(({ name }) => name)).toEqual(['MeterDelegated']);
      expect(world.ask('track_user_activity', { units: 1n, sequence: 2n }).error).toBe('WrongUsageMeter');
      const state = world.chain.account(world.meter)?.data ?? Buffer.alloc(0);
      expect(world.do('charge_fee').events[0]?.data['units']).toBe(10n);

      const commit = (total: bigint, isUndelegated: boolean) => {
        const next = Buffer.from(state);
        const meter = USAGE_VAULT.coder.accounts.decode<{ total_units: unknown }>('UsageMeter', state);
        expect(String(meter.total_units)).toBe('10');
        next.writeBigUInt64LE(total, 114);
        return validator.commit(world.meter, USAGE_VAULT.id, next, isUndelegated);
      };
      expect(commit(60n, false).error).toBeUndefined();
      expect(world.do('charge_fee').events[0]?.data).toMatchObject({ units: 50n, total_units: 60n });
      const returned = commit(75n, true);
      expect(returned.error).toBeUndefined();
      expect(returned.events.map(({ name }) => name)).toEqual(['MeterReturned']);
      expect(world.do('charge_fee').events[0]?.data['units']).toBe(15n);
      world.do('delegate_user_vault', { validator: validator.keys.publicKey });
      expect(world.meterState()['total_units']).toBe(75n);
    },
  );

  test('leaves by itself after the delay, paying the last committed usage', () => {
    const world = new World().metered();
    world.track(40n);
    expect(world.ask('exit').error).toBe('ExitNotRequested');
    world.do('request_exit');
    expect(world.ask('exit').error).toBe('ExitNotOpen');
    world.chain.setTime(world.chain.now() + BigInt(TERMS.exit_delay_seconds));
    const before = world.chain.lamports(world.owner.publicKey);
    const left = world.do('exit');
    expect(left.events.map(({ name }) => name)).toEqual(['FeeCharged', 'UserVaultClosed']);
    expect(world.chain.lamports(world.owner.publicKey)).toBe(
      before + SOL - 40_000n + world.chain.svm.minimumBalanceForRentExemption(247n),
    );
  });
});
