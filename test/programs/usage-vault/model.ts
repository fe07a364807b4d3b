/**
 * What `usage-vault` should do, told a second time and without accounts: the measure for random sequences. It knows the
 * rules of `programs/README.md`, not the program's code.
 */
import { TERMS } from './world.ts';

/** A customer as the rules see it. Amounts are lamports. */
export type Customer = {
  isOpen: boolean;
  balance: bigint;
  debt: bigint;
  price: bigint;
  announced: { price: bigint; at: bigint } | undefined;
  exitAt: bigint | undefined;
  hasMeter: boolean;
  generation: bigint;
  chargedUnits: bigint;
  /** Sent from outside and not yet counted. */
  outside: bigint;
};

export type Meter = {
  total: bigint;
  committed: bigint;
  sequence: bigint;
  cycleStart: bigint;
  place: 'base' | 'rollup' | 'dead';
};

export type Operator = { earned: bigint; available: bigint };

/** Either the name of the refusal, or nothing when it is done. */
export type Outcome = string | undefined;

export const nobody = (): Customer => ({
  isOpen: false,
  balance: 0n,
  debt: 0n,
  price: TERMS.price_lamports,
  announced: undefined,
  exitAt: undefined,
  hasMeter: false,
  generation: 0n,
  chargedUnits: 0n,
  outside: 0n,
});

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function countOutside(customer: Customer): void {
  customer.balance += customer.outside;
  customer.outside = 0n;
}

function payDebt(customer: Customer, operator: Operator): void {
  const paid = min(customer.debt, customer.balance);
  customer.debt -= paid;
  customer.balance -= paid;
  operator.earned += paid;
  operator.available += paid;
}

function chargeCommitted(customer: Customer, operator: Operator, meter: Meter): void {
  countOutside(customer);
  customer.debt += (meter.committed - customer.chargedUnits) * customer.price;
  customer.chargedUnits = meter.committed;
  payDebt(customer, operator);
}

export function deposit(customer: Customer, operator: Operator, lamports: bigint): Outcome {
  if (!customer.isOpen) return 'WrongUserVault';
  if (lamports === 0n) return 'Zero';
  countOutside(customer);
  customer.balance += lamports;
  payDebt(customer, operator);
  return undefined;
}

/** Whoever asked to leave before a price was due keeps the old one until an exit delay after the exit opened. */
function leavesAtOldPrice({ exitAt, announced }: Customer, now: bigint): boolean {
  const delay = BigInt(TERMS.exit_delay_seconds);
  return exitAt !== undefined && announced !== undefined && exitAt - delay < announced.at && now < exitAt + delay;
}

export function charge(customer: Customer, operator: Operator, meter: Meter | undefined, now: bigint): Outcome {
  if (!customer.isOpen) return 'WrongUserVault';
  if (!customer.hasMeter || !meter) return 'NoMeter';
  chargeCommitted(customer, operator, meter);
  if (customer.announced && now >= customer.announced.at && !leavesAtOldPrice(customer, now)) {
    customer.price = customer.announced.price;
    customer.announced = undefined;
  }
  return undefined;
}

export function announce(customer: Customer, price: bigint, now: bigint): Outcome {
  if (!customer.isOpen) return 'WrongUserVault';
  if (price === 0n) return 'InvalidTerms';
  customer.announced = { price, at: now + BigInt(TERMS.price_notice_seconds) };
  return undefined;
}

export function withdraw(customer: Customer, operator: Operator, meter: Meter | undefined, lamports: bigint): Outcome {
  if (!customer.isOpen) return 'WrongUserVault';
  if (lamports === 0n) return 'Zero';
  const [after, earned] = [{ ...customer }, { ...operator }];
  let reserve = 0n;
  if (after.hasMeter && meter) {
    chargeCommitted(after, earned, meter);
    reserve = TERMS.cap_per_cycle_units * max(after.price, after.announced?.price ?? 0n);
  } else {
    countOutside(after);
    payDebt(after, earned);
  }
  if (lamports > max(after.balance - reserve, 0n)) return 'ReserveHeld';
  after.balance -= lamports;
  Object.assign(customer, after);
  Object.assign(operator, earned);
  return undefined;
}

/** What the owner is paid when it leaves, but for the rent; the customer is nobody afterwards. */
export function leave(customer: Customer, operator: Operator, meter: Meter | undefined): bigint {
  if (customer.hasMeter && meter) chargeCommitted(customer, operator, meter);
  else {
    countOutside(customer);
    payDebt(customer, operator);
  }
  const left = customer.balance;
  Object.assign(customer, nobody());
  return left;
}

export function exit(customer: Customer, now: bigint): Outcome {
  if (!customer.isOpen) return 'WrongUserVault';
  if (customer.exitAt === undefined) return 'ExitNotRequested';
  return now < customer.exitAt ? 'ExitNotOpen' : undefined;
}

export function track(meter: Meter, units: bigint, sequence: bigint): Outcome {
  if (units === 0n) return 'Zero';
  if (units > TERMS.cap_per_call_units) return 'CallCapReached';
  if (sequence !== meter.sequence + 1n) return sequence <= meter.sequence ? 'SequenceReplayed' : 'SequenceGap';
  if (meter.total + units - meter.cycleStart > TERMS.cap_per_cycle_units) return 'CycleCapReached';
  meter.total += units;
  meter.sequence = sequence;
  if (meter.place === 'base') meter.committed = meter.total;
  return undefined;
}

/** Ends a meter: its committed usage is charged if it is the vault's own. */
export function endMeter(customer: Customer, operator: Operator, meter: Meter): void {
  chargeCommitted(customer, operator, meter);
  customer.hasMeter = false;
}
