/** The stock Lago client against a gateway: prints the status and body that each call gave. */
import { Client, getLagoError } from 'lago-javascript-client';

const { url, key, bound } = JSON.parse(process.argv[2]);
const config = { baseUrl: `${url}/lago/api/v1` };
const { events } = Client(key, config);
const steps = {};
/** The client throws its response where the status is not 2xx. */
const told = async (work) => {
  try {
    const response = await work();
    return { status: response.status, body: response.data };
  } catch (response) {
    return { status: response.status, body: await getLagoError(response) };
  }
};
const event = (transaction_id, more = {}) => ({
  transaction_id,
  external_subscription_id: 'sub-1',
  code: 'storage',
  timestamp: 1_767_225_600,
  properties: { gb: 2, region: 'eu' },
  ...more,
});
const create = (one) => told(() => events.createEvent({ event: one }));
const batch = (...all) => told(() => events.createBatchEvents({ events: all }));

steps.created = await create(event('t1'));
steps.again = await create(event('t1'));
steps.otherBody = await create(event('t1', { properties: { gb: 9 } }));
steps.otherSubscription = await create(event('t1', { external_subscription_id: 'sub-2' }));
steps.decimal = await create(event('t2', { timestamp: '1767225600.5019' }));
steps.precise = await create(event('t3', { precise_total_amount_cents: '1234.56' }));
steps.noTime = await create({ transaction_id: 't4', external_subscription_id: 'sub-1', code: 'storage' });
steps.noTimeAgain = await create({ transaction_id: 't4', external_subscription_id: 'sub-1', code: 'storage' });
steps.byCustomer = await create({ transaction_id: 't5', external_customer_id: 'acme', code: 'storage' });
steps.empty = await create({ properties: {} });
steps.badTime = await create(event('t6', { timestamp: '2026-01-01T00:00:00Z' }));
steps.nothing = await told(() => events.createEvent({}));

steps.batch = await batch(event('b1'), event('b2', { external_subscription_id: 'sub-2' }));
steps.batchAgain = await batch(event('b3'), event('b1'), event('b4', { code: '' }));
steps.batchTaken = await batch(event('b3'), event('b1'));
steps.batchTwice = await batch(event('b5'), event('b5'));
steps.batchEmpty = await batch();
steps.batchFull = await batch(...Array.from({ length: 100 }, (_, at) => event(`f${at}`)));
steps.batchOver = await batch(...Array.from({ length: 101 }, (_, at) => event(`g${at}`)));
const wide = { properties: { gb: 1, note: 'x'.repeat(1000) } };
steps.batchLarge = await batch(...Array.from({ length: 60 }, (_, at) => event(`l${at}`, wide)));
steps.batchLargeAgain = await batch(
  event('l60', wide),
  ...Array.from({ length: 60 }, (_, at) => event(`l${at}`, wide)),
);

steps.racing = await Promise.all(Array.from({ length: 20 }, () => batch(event('r1'), event('r2'))));
steps.wrongKey = await told(() => Client('tk_live_wrong', config).events.createEvent({ event: event('w1') }));
steps.foreign = await told(() => Client(bound, config).events.createEvent({ event: event('w2') }));
process.stdout.write(JSON.stringify(steps));
