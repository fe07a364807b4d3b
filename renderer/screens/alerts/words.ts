/** Alerts, rules and deliveries in words, from the answers of the contract. */
import { ALERT_KINDS } from '#core/domain/alert.ts';
import type { AlertKind } from '#core/domain/alert.ts';
import { MAIL_CHANNEL } from '#core/domain/notice.ts';
import { formatMinor, symbolOf } from '#core/domain/money.ts';
import { amountLine, assetOf, groupDecimal } from '../../lib/money.ts';
import type { Outputs } from '../../lib/rpc.ts';
import { spanText } from '../../lib/time.ts';

export type Alert = Outputs['alerts']['list']['items'][number];
export type Rule = Outputs['alerts']['rules']['items'][number];
export type Webhook = Outputs['webhooks']['list']['items'][number];
export type Mail = NonNullable<Outputs['mail']['get']['mail']>;
export type Delivery = Outputs['webhooks']['deliveries']['items'][number];

/** Names by id, of customers and webhooks. */
export type Names = ReadonlyMap<string, string>;
/** What a sentence about a rule needs of it. */
export type RuleTerms = Omit<Rule, 'id' | 'unit' | 'name'>;

export const KIND_WORDS: Readonly<Record<AlertKind, string>> = {
  'balance-below': 'Balance is low',
  'burn-rate': 'Burns fast',
  'days-left': 'Runs out soon',
  'quota-used': 'Quota is used',
  'refused-calls': 'Calls are refused',
  'stuck-hold': 'Hold stays open',
  'unrated-usage': 'Usage waits unrated',
  'overdue-job': 'Job is overdue',
  'failed-verify': 'Verification failed',
};

/** Which kinds may be of one customer, and which of one meter: the others watch the workspace. */
export const OF_CUSTOMER: ReadonlySet<AlertKind> = new Set([
  'balance-below',
  'burn-rate',
  'days-left',
  'quota-used',
  'refused-calls',
  'stuck-hold',
]);
export const OF_METER: ReadonlySet<AlertKind> = new Set(['quota-used', 'stuck-hold', 'unrated-usage']);

/** Minutes in their two largest units: `45 min`, `1 h 30 min`, `2 d`. */
export function minutesWords(minutes: bigint): string {
  const parts = [
    [minutes / 1440n, 'd'],
    [(minutes % 1440n) / 60n, 'h'],
    [minutes % 60n, 'min'],
  ] as const;
  const said = parts.filter(([count]) => count > 0n).map(([count, unit]) => `${groupDecimal(String(count))} ${unit}`);
  return said.length === 0 ? '0 min' : said.slice(0, 2).join(' ');
}

const counted = (count: bigint, one: string): string =>
  `${groupDecimal(String(count))} ${one}${count === 1n ? '' : 's'}`;

/** A value or threshold in the unit of its kind. */
export function valueWords(kind: AlertKind, value: bigint, asset: string | null): string {
  switch (ALERT_KINDS[kind].unit) {
    case 'minor':
      return amountLine(value, asset ?? '');
    case 'minor a day':
      return `${amountLine(value, asset ?? '')} a day`;
    case 'tenths of a day':
      return `${formatMinor(value, 1).replace(/\.0$/, '')} ${value === 10n ? 'day' : 'days'}`;
    case 'percent':
      return `${groupDecimal(String(value))} %`;
    case 'minutes':
      return minutesWords(value);
    case 'events':
      return counted(value, 'event');
    case 'calls an hour':
      return `${counted(value, 'call')} an hour`;
    case 'failures':
      return value === 0n ? 'holds' : 'failed';
  }
}

const possessive = (name: string): string => `${name}${name.endsWith('s') ? '’' : '’s'}`;
const symbol = (asset: string | null): string => symbolOf(assetOf(asset ?? ''));

const JOBS: Readonly<Record<NonNullable<Rule['job']>, (span: string) => string>> = {
  verify: (span) => `the books were last verified ${span} ago or earlier`,
  backup: (span) => `the last good backup is ${span} old or older`,
  posting: (span) => `usage has waited ${span} or longer to be posted`,
};

/** When the rule fires, as the rest of a sentence that begins with "when". */
export function conditionWords(rule: RuleTerms, customers: Names): string {
  const { kind, asset, customer, meter } = rule;
  const threshold = BigInt(rule.threshold);
  const at = valueWords(kind, threshold, asset);
  const who = customer === null ? null : (customers.get(customer) ?? customer);
  const whose = who === null ? 'any customer’s' : possessive(who);
  const anyone = who ?? 'any customer';
  const ofMeter = meter === null ? '' : ` of ${meter}`;
  switch (kind) {
    case 'balance-below':
      return `${whose} ${symbol(asset)} balance is below ${at}`;
    case 'burn-rate':
      return `${anyone} is charged ${amountLine(threshold, asset ?? '')} or more in 24 hours`;
    case 'days-left':
      return `${whose} ${symbol(asset)} lasts less than ${at}`;
    case 'quota-used':
      return `${anyone} has used ${at} or more of this month’s quota${ofMeter}`;
    case 'refused-calls':
      return `${counted(threshold, 'call')} or more of ${who ?? 'any one customer'} are refused in an hour`;
    case 'stuck-hold':
      return `a hold of ${anyone}${ofMeter.replace(' of ', ' for ')} has been open for ${at} or longer`;
    case 'unrated-usage':
      return `${at} or more${ofMeter} wait unrated`;
    case 'overdue-job':
      return rule.job === null ? `a job is ${at} overdue` : JOBS[rule.job](at);
    case 'failed-verify':
      return 'a verification of the books failed';
  }
}

/** From when on it fires again. */
function againWords({ kind, threshold, margin, asset }: RuleTerms): string {
  if (kind === 'failed-verify') return 'again only after one that holds';
  const isBelow = ALERT_KINDS[kind].side === 'below';
  const back = BigInt(threshold) + (isBelow ? BigInt(margin) : -BigInt(margin));
  const words = valueWords(kind, back, asset);
  return isBelow ? `again only after it was back at ${words} or above` : `again only after it was below ${words}`;
}

/** Who is told beside this screen. */
export function channelWords(channels: readonly string[] | null, webhooks: Names): string {
  if (channels === null) return 'all webhooks and mail';
  const hooks = channels.filter((id) => id !== MAIL_CHANNEL).map((id) => webhooks.get(id) ?? id);
  const named = hooks.length === 0 ? [] : [`${hooks.length === 1 ? 'webhook' : 'webhooks'} ${hooks.join(', ')}`];
  return [...named, ...(channels.includes(MAIL_CHANNEL) ? ['mail'] : [])].join(' and ');
}

export const clockWords = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

function quietWords({ quiet, severity }: RuleTerms): string {
  if (quiet === null) return '';
  const [from, to] = [clockWords(quiet.fromMinute), clockWords(quiet.toMinute)];
  if (severity === 'danger') return ' Danger is told at once, in quiet hours too.';
  return ` Between ${from} and ${to} (${quiet.timeZone}) it waits until ${to}.`;
}

/** What the rule will do, in one or two sentences for whoever is about to rely on it. */
export function ruleSentence(rule: RuleTerms, customers: Names, webhooks: Names): string {
  const isSilent = rule.channels?.length === 0;
  const tells = isSilent ? 'shows it here alone' : `tells ${channelWords(rule.channels, webhooks)}`;
  const begins = rule.isOn ? `${tells[0]?.toUpperCase() ?? ''}${tells.slice(1)}` : `Off; switched on, it ${tells}`;
  const rest = isSilent ? '' : `${rule.tellsCleared ? ' Also says when it is over.' : ''}${quietWords(rule)}`;
  const sentence = `${begins} when ${conditionWords(rule, customers)}; ${againWords(rule)}.${rest}`;
  // A sentence may be wrapped, and a figure in it must not be.
  return sentence.replaceAll('\u2009', '\u202f');
}

export const EVENT_WORDS: Readonly<Record<Delivery['event'], string>> = {
  'alert.fired': 'Alert fired',
  'alert.cleared': 'Alert is over',
  'notice.test': 'Test',
};

const triesWords = (count: number): string => (count === 1 ? '1 try' : `${count} tries`);

/** What comes next for a delivery; null where nothing does. */
export function nextWords({ state, dueMs, attempts }: Delivery, nowMs: number): string | null {
  if (state !== 'waiting' || dueMs === null) return null;
  const wait = dueMs - nowMs;
  if (attempts.length === 0) return wait > 2000 ? `first try in ${spanText(wait)}` : 'goes out now';
  return wait > 2000 ? `next try in ${spanText(wait)}` : 'is tried now';
}

/** How the tries went so far. */
export function resultWords({ state, attempts }: Delivery): string {
  const last = attempts.at(-1);
  if (last === undefined) return 'not tried yet';
  const detail = last.detail.replace(/\.$/, '');
  const code = String(last.status ?? '');
  const answer = detail === '' ? code : detail.includes(code) ? detail : `${detail} (${code})`;
  return state === 'sent' && attempts.length === 1 ? answer : `${answer}, after ${triesWords(attempts.length)}`;
}
