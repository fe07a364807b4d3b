/**
 * Events of OpenMeter: CloudEvents as they were sent, or as `GET /api/v1/events` lists them, each inside `event`
 * (facts/protocols.md §5.2). They count once with what the dialect of the gateway took of them.
 */
import { eventIn, leaving, objectIn, problem, textIn } from './makes.ts';
import type { Converter } from './makes.ts';

const LEFT = {
  customerId: 'the customer is found by the subject here',
  validationError: 'the meters here say themselves what they cannot count',
};

export const openMeter = (): Converter => (values, terms) => {
  const raw = objectIn(values, 'event') ?? values;
  // Tables hold the data as JSON text; an empty cell is none.
  const data =
    textIn(raw, 'data') === null ? null : (objectIn(raw, 'data') ?? problem('The data is no object.', 'data'));
  const { id, source, type, subject, specversion } = raw;
  const time = textIn(raw, 'time') ?? undefined;
  // Tables have no column for what is the same in every row.
  const event = { specversion: specversion ?? '1.0', id, source, type, subject, time, data };
  return { makes: [eventIn(event, terms)], leftOut: leaving(values, LEFT) };
};
