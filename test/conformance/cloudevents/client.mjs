/** The stock CloudEvents SDK against a gateway: each content mode it can send, and what came back. */
import { CloudEvent, HTTP, emitterFor, httpTransport } from 'cloudevents';

const { url, key } = JSON.parse(process.argv[2]);
const target = `${url}/api/v1/events`;
const post = async ({ headers, body }) => {
  const response = await fetch(target, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${key}` },
    body,
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
};
const event = (id, more = {}) =>
  new CloudEvent({ id, source: 'urn:stock', type: 'call', subject: 'caller', data: { n: 2 }, ...more });
const steps = {};
steps.structured = await post(HTTP.structured(event('s1')));
steps.binary = await post(HTTP.binary(event('b1')));
steps.binaryName = await post(HTTP.binary(event('b2', { subject: 'caller', ext: 'kept' })));
steps.noData = await post(HTTP.structured(event('s2', { data: undefined })));
steps.emptyData = await post(HTTP.structured(event('s3', { data: {} })));
steps.textData = await post(HTTP.structured(event('s4', { data: 'text' })));
steps.batch = await post({
  headers: { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' },
  body: JSON.stringify([event('c1'), event('c2'), event('s1')]),
});
steps.noSubject = await post(HTTP.structured(event('s5', { subject: undefined })));
steps.xml = await post({ headers: { 'content-type': 'application/cloudevents+xml' }, body: '<event/>' });
// The SDK's own transport and emitter, with the key where it lets callers put one.
const send = httpTransport(target);
const emit = emitterFor(
  (message, options) => send({ ...message, headers: { ...message.headers, authorization: `Bearer ${key}` } }, options),
  { mode: 'structured' },
);
await emit(event('e1'));
const answer = await fetch(`${target}?subject=caller`, { headers: { authorization: `Bearer ${key}` } });
steps.listed = (await answer.json()).map((one) => one.event.id);
process.stdout.write(JSON.stringify(steps));
