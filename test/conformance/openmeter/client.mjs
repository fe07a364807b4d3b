/** The stock OpenMeter SDK against a gateway: prints what each call gave. */
import { OpenMeter, HTTPError } from '@openmeter/sdk';

const { url, key } = JSON.parse(process.argv[2]);
const openmeter = new OpenMeter({ baseUrl: url, apiKey: key });
const steps = {};
const failing = async (work) => {
  try {
    await work();
    return null;
  } catch (error) {
    return {
      isHTTPError: error instanceof HTTPError,
      status: error.status,
      type: error.type,
      title: error.title,
      code: error.getField?.('code'),
    };
  }
};

steps.meter = await openmeter.meters.create({
  slug: 'tokens_total',
  name: 'Tokens',
  eventType: 'prompt',
  aggregation: 'SUM',
  valueProperty: '$.tokens',
  groupBy: { model: '$.model' },
});
await openmeter.meters.create({ slug: 'prompts', eventType: 'prompt', aggregation: 'COUNT' });
await openmeter.meters.create({
  slug: 'users',
  eventType: 'prompt',
  aggregation: 'UNIQUE_COUNT',
  valueProperty: '$.user',
});
await openmeter.meters.create({ slug: 'largest', eventType: 'prompt', aggregation: 'MAX', valueProperty: '$.tokens' });
await openmeter.meters.create({
  slug: 'newest',
  eventType: 'prompt',
  aggregation: 'LATEST',
  valueProperty: '$.tokens',
});
steps.average = await failing(() =>
  openmeter.meters.create({ slug: 'avg', eventType: 'prompt', aggregation: 'AVG', valueProperty: '$.tokens' }),
);
steps.conflict = await failing(() =>
  openmeter.meters.create({ slug: 'prompts', eventType: 'other', aggregation: 'COUNT' }),
);
steps.get = await openmeter.meters.get('tokens_total');
steps.list = (await openmeter.meters.list()).map(({ slug }) => slug).sort();
steps.subject = await openmeter.subjects.upsert({ key: 'customer-1', displayName: 'Customer One' });
steps.subjectAgain = await openmeter.subjects.upsert([{ key: 'customer-1' }, { key: 'customer-2' }]);
steps.subjectGet = await openmeter.subjects.get('customer-1');
steps.subjects = (await openmeter.subjects.list()).map((one) => one.key).sort();

const prompt = (more) => ({ type: 'prompt', subject: 'customer-1', ...more });
steps.ingest =
  (await openmeter.events.ingest(prompt({ data: { tokens: '12.5', model: 'a', user: 'u1' } }))) ?? 'nothing';
await openmeter.events.ingest([
  prompt({ id: 'x1', time: new Date('2026-03-08T07:30:00Z'), data: { tokens: 5, model: 'a', user: 'u1' } }),
  prompt({ id: 'x2', time: new Date('2026-03-08T08:30:00Z'), data: { tokens: 7, model: 'b', user: 'u2' } }),
  prompt({
    id: 'x3',
    subject: 'customer-2',
    time: new Date('2026-03-09T07:30:00Z'),
    data: { tokens: 11, model: 'b', user: 'u2' },
  }),
]);
await openmeter.events.ingest(
  Array.from({ length: 1000 }, () =>
    prompt({ id: 'same', time: new Date('2026-04-01T00:00:00Z'), data: { tokens: 1, model: 'c' } }),
  ),
);
await openmeter.events.ingest([
  prompt({ id: 'bad-1', data: { tokens: null } }),
  prompt({ id: 'bad-2', data: { tokens: 'NaN' } }),
  prompt({ id: 'bad-3' }),
]);
steps.refused = await failing(() => openmeter.events.ingest({ subject: 'customer-1', data: {} }));
steps.unauthorised = await failing(() => new OpenMeter({ baseUrl: url, apiKey: 'tk_live_wrong' }).meters.list());
steps.missing = await failing(() => openmeter.meters.get('no-such-meter'));

const spring = { from: new Date('2026-03-08T00:00:00Z'), to: new Date('2026-03-11T00:00:00Z') };
steps.total = await openmeter.meters.query('tokens_total', { subject: ['customer-1'] });
steps.days = await openmeter.meters.query('tokens_total', {
  ...spring,
  windowSize: 'DAY',
  windowTimeZone: 'America/Los_Angeles',
});
steps.models = await openmeter.meters.query('tokens_total', { ...spring, groupBy: ['model'] });
steps.onlyB = await openmeter.meters.query('tokens_total', {
  ...spring,
  filterGroupBy: { model: 'b' },
  groupBy: ['subject'],
});
steps.post = await openmeter.meters.queryPost('tokens_total', {
  ...spring,
  filterGroupBy: { model: ['b'] },
  subject: ['customer-2'],
});
steps.same = await openmeter.meters.query('tokens_total', {
  from: new Date('2026-04-01T00:00:00Z'),
  to: new Date('2026-04-02T00:00:00Z'),
});
steps.count = await openmeter.meters.query('prompts', spring);
steps.unique = await openmeter.meters.query('users', spring);
steps.largest = await openmeter.meters.query('largest', spring);
steps.newest = await openmeter.meters.query('newest', spring);
steps.values = await openmeter.meters.listGroupByValues('tokens_total', 'model');
steps.events = await openmeter.events.list({ subject: 'customer-1', limit: 4 });
process.stdout.write(JSON.stringify(steps));
