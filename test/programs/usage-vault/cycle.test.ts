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

  test('is credited with lamports that were sent to its vault without an instruction', () => {
    const world = new World().metered();
    world.chain.fund(world.userVault, 777n);
    const charged = world.do('charge_fee').events[0]?.data;
    expect(charged).toMatchObject({ outside_lamports: 777n, balance_lamports: SOL + 777n });
    expect(world.vaultState()['deposited_lamports']).toBe(SOL + 777n);
    world.chain.fund(world.userVault, 5n);
    expect(world.do('deposit', { lamports: 10n }).events[0]?.data).toMatchObject({
      lamports: 10n,
      outside_lamports: 5n,
    });
  });

  test('owes what its balance does not cover, and its next deposit pays that first', () => {
    const world = new World().metered({}, 30_000n);
    world.track(50n);
    expect(world.do('charge_fee').events[0]?.data).toMatchObject({ paid_lamports: 30_000n, debt_lamports: 20_000n });
    const paid = world.do('deposit', { lamports: 25_000n }).events[0]?.data;
    expect(paid).toMatchObject({ debt_paid_lamports: 20_000n, debt_lamports: 0n, balance_lamports: 5_000n });
    expect(world.systemState()['earned_lamports']).toBe(50_000n);
  });

  test('pays an announced price only after its notice, and not while it leaves because of it', () => {
    const world = new World().metered();
    const announcedAt = world.chain.now();
    const chargeAt = (seconds: number) => {
      world.chain.setTime(announcedAt + BigInt(seconds));
      world.track(10n);
      return world.do('charge_fee').events.map(({ name }) => name);
    };
    world.do('set_price', { price_lamports: 5000n });
    expect(chargeAt(TERMS.price_notice_seconds - 1)).toEqual(['FeeCharged']);
    world.do('request_exit');
    expect(chargeAt(TERMS.price_notice_seconds + 1)).toEqual(['FeeCharged']);
    expect(chargeAt(TERMS.price_notice_seconds - 2 + 2 * TERMS.exit_delay_seconds)).toEqual(['FeeCharged']);
    expect(world.vaultState()['price_lamports']).toBe(1000n);
    expect(chargeAt(TERMS.price_notice_seconds - 1 + 2 * TERMS.exit_delay_seconds)).toEqual(['FeeCharged', 'PriceSet']);
    world.track(10n);
    expect(world.do('charge_fee').events[0]?.data).toMatchObject({ price_version: 2, fee_lamports: 50_000n });
  });

  test('hands its operator over in two steps, after which the old one can do nothing', () => {
    const world = new World().metered();
    world.do('propose_authority', { role: 1, address: world.stranger.publicKey });
    world.track(10n);
    world.do('charge_fee');
    world.do('accept_authority', { role: 1 });
    expect(world.ask('charge_fee').error).toBe('NotOperator');
    world.do('charge_fee', {}, { accounts: { operator: world.stranger.publicKey } });
  });
});
