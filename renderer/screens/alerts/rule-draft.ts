/** A rule as it is typed, and what the contract takes of it: every value in the unit of its kind. */
import { ALERT_KINDS } from '#core/domain/alert.ts';
import type { AlertKind } from '#core/domain/alert.ts';
import { formatMinor, parseDecimal, scaleOf } from '#core/domain/money.ts';
import { assetOf } from '../../lib/money.ts';
import { clockWords } from './words.ts';
import type { Rule, RuleTerms } from './words.ts';

export type Draft = Readonly<{
  name: string;
  kind: AlertKind;
  asset: string;
  customer: string;
  meter: string;
  job: NonNullable<Rule['job']>;
  threshold: string;
  margin: string;
  severity: Rule['severity'];
  isQuiet: boolean;
  quietFrom: string;
  quietTo: string;
  timeZone: string;
  tells: 'all' | 'chosen' | 'none';
  channels: readonly string[];
  tellsCleared: boolean;
  isOn: boolean;
}>;

const scaleIn = (kind: AlertKind, asset: string): number => {
  const { unit } = ALERT_KINDS[kind];
  if (unit === 'minor' || unit === 'minor a day') return scaleOf(assetOf(asset));
  return unit === 'tenths of a day' ? 1 : 0;
};

/** What threshold and margin are typed in, beside their field. */
export function unitWords(kind: AlertKind, asset: string): string {
  switch (ALERT_KINDS[kind].unit) {
    case 'minor':
      return asset.split('/')[0] ?? '';
    case 'minor a day':
      return `${asset.split('/')[0] ?? ''} in 24 hours`;
    case 'tenths of a day':
      return 'days';
    case 'percent':
      return 'per cent';
    case 'minutes':
      return 'minutes';
    case 'events':
      return 'events';
    case 'calls an hour':
      return 'calls an hour';
    case 'failures':
      return 'failures';
  }
}

const START: Readonly<Record<AlertKind, readonly [threshold: string, margin: string]>> = {
  'balance-below': ['50', '10'],
  'burn-rate': ['100', '20'],
  'days-left': ['3', '1'],
  'quota-used': ['80', '0'],
  'refused-calls': ['10', '5'],
  'stuck-hold': ['60', '30'],
  'unrated-usage': ['1', '0'],
  'overdue-job': ['1440', '0'],
  'failed-verify': ['1', '0'],
};

/** A new rule to start from; another kind brings its own usual threshold. */
export function startOf(kind: AlertKind, asset: string): Draft {
  const [threshold, margin] = START[kind];
  return {
    name: '',
    kind,
    asset,
    customer: '',
    meter: '',
    job: 'backup',
    threshold,
    margin,
    severity: 'attention',
    isQuiet: false,
    quietFrom: '22:00',
    quietTo: '07:00',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    tells: 'all',
    channels: [],
    tellsCleared: true,
    isOn: true,
  };
}

/** The rule of another kind: what was typed stays, but for values in the unit of the other. */
export function ofKind(draft: Draft, kind: AlertKind): Draft {
  const [threshold, margin] = START[kind];
  return { ...draft, kind, threshold, margin };
}

const plain = (minor: string, scale: number): string =>
  formatMinor(BigInt(minor), scale)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');

/** A rule that is there, as it would have been typed. */
export function draftOf(rule: Rule): Draft {
  const asset = rule.asset ?? '';
  const scale = scaleIn(rule.kind, asset);
  return {
    ...startOf(rule.kind, asset),
    name: rule.name,
    customer: rule.customer ?? '',
    meter: rule.meter ?? '',
    job: rule.job ?? 'backup',
    threshold: plain(rule.threshold, scale),
    margin: plain(rule.margin, scale),
    severity: rule.severity,
    ...(rule.quiet === null
      ? {}
      : {
          isQuiet: true,
          quietFrom: clockWords(rule.quiet.fromMinute),
          quietTo: clockWords(rule.quiet.toMinute),
          timeZone: rule.quiet.timeZone,
        }),
    tells: rule.channels === null ? 'all' : rule.channels.length === 0 ? 'none' : 'chosen',
    channels: rule.channels ?? [],
    tellsCleared: rule.tellsCleared,
    isOn: rule.isOn,
  };
}

type Field = 'name' | 'threshold' | 'margin' | 'quiet' | 'channels';
export type Problems = Readonly<Partial<Record<Field, string>>>;

function readValue(text: string, scale: number): bigint | string {
  const value = parseDecimal(text.replaceAll(/[\s\u2009\u202f]/g, ''), scale);
  if (value === 'malformed') return 'Write a plain number such as 50.';
  if (value === 'too-precise') return scale === 0 ? 'Write a whole number.' : `At most ${scale} decimals.`;
  return value;
}

function readMinute(text: string): number | null {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return Number.isInteger(minute) && minute <= 1439 && Number(minutes) < 60 ? minute : null;
}

function readQuiet({ isQuiet, quietFrom, quietTo, timeZone }: Draft): Rule['quiet'] | string {
  if (!isQuiet) return null;
  const [fromMinute, toMinute] = [readMinute(quietFrom), readMinute(quietTo)];
  if (fromMinute === null || toMinute === null) return 'Write both times as 22:00.';
  if (fromMinute === toMinute) return 'Quiet hours need a length.';
  return { fromMinute, toMinute, timeZone };
}

/** What is typed as terms of a rule, and in a sentence for each field what is wrong with it. */
export function readDraft(draft: Draft): Readonly<{ terms: RuleTerms | null; problems: Problems }> {
  const { needs, side } = ALERT_KINDS[draft.kind];
  const scale = scaleIn(draft.kind, draft.asset);
  const [threshold, margin] = [readValue(draft.threshold, scale), readValue(draft.margin, scale)];
  const quiet = readQuiet(draft);
  const problems: Partial<Record<Field, string>> = {};
  if (draft.name.trim() === '') problems.name = 'Give it a name; notices begin with it.';
  if (typeof threshold === 'string') problems.threshold = threshold;
  else if (needs !== 'asset' && threshold < 1n) problems.threshold = 'At least 1.';
  if (typeof margin === 'string') problems.margin = margin;
  else if (margin < 0n) problems.margin = 'Zero or more.';
  else if (side === 'above' && typeof threshold !== 'string' && margin > threshold)
    problems.margin = 'No more than the threshold.';
  if (typeof quiet === 'string') problems.quiet = quiet;
  if (draft.tells === 'chosen' && draft.channels.length === 0) problems.channels = 'Choose at least one.';
  if (typeof threshold === 'string' || typeof margin === 'string' || typeof quiet === 'string')
    return { terms: null, problems };
  const terms: RuleTerms = {
    kind: draft.kind,
    asset: needs === 'asset' ? assetOf(draft.asset) : null,
    customer: draft.customer === '' ? null : draft.customer,
    meter: draft.meter === '' ? null : draft.meter,
    job: needs === 'job' ? draft.job : null,
    threshold: threshold.toString(),
    margin: margin.toString(),
    severity: draft.severity,
    quiet,
    channels: draft.tells === 'all' ? null : draft.tells === 'none' ? [] : [...draft.channels],
    tellsCleared: draft.tellsCleared,
    isOn: draft.isOn,
  };
  return { terms, problems };
}
