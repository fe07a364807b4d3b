/** A port that looks like a socket: whom it takes it from, and how it ends. */
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test, vi } from 'vitest';
import { WindowDouble, asPage } from '../../test/support/preload-page.ts';
import { PortSocket } from './port-socket.ts';

const GIVEN = 'tollkeeper:port';

function dial(patienceMs = 1_000) {
  const window = new WindowDouble();
  const asked: unknown[] = [];
  window.addEventListener('message', (event) => asked.push((event as MessageEvent).data));
  const socket = new PortSocket(asPage(window), patienceMs);
  const heard: unknown[] = [];
  for (const type of ['open', 'close']) socket.addEventListener(type, () => heard.push(type));
  socket.addEventListener('message', (event) => heard.push((event as MessageEvent).data));
  const { port1, port2 } = new MessageChannel();
  return { window, asked, socket, heard, core: port1, port: port2 };
}

describe('a port to the core', () => {
  test('is asked of the preload, carries messages both ways, and ends with the core', async () => {
    const { window, asked, socket, heard, core, port } = dial();
    await vi.waitFor(() => expect(asked).toEqual(['tollkeeper:ask-port']));
    expect(socket.readyState).toBe(0);
    window.arrive({ data: GIVEN, ports: [port] });
    expect([socket.readyState, heard]).toEqual([1, ['open']]);
    const received: unknown[] = [];
    core.on('message', (message) => received.push(message));
    socket.send('a question');
    core.postMessage('an answer');
    await vi.waitFor(() => expect([received, heard]).toEqual([['a question'], ['open', 'an answer']]));
    core.close();
    await vi.waitFor(() => expect(heard).toEqual(['open', 'an answer', 'close']));
    expect(socket.readyState).toBe(3);
    socket.close();
    expect(heard).toHaveLength(3);
  });

  test('is taken from nobody but this page, once', () => {
    const { window, socket, heard, core, port } = dial();
    window.arrive({ data: GIVEN, ports: [port], source: {} });
    window.arrive({ data: GIVEN, ports: [port], origin: 'https://evil.example' });
    window.arrive({ data: 'another word', ports: [port] });
    window.arrive({ data: GIVEN });
    expect([socket.readyState, heard]).toEqual([0, []]);
    window.arrive({ data: GIVEN, ports: [port] });
    const other = new MessageChannel();
    window.arrive({ data: GIVEN, ports: [other.port1] });
    expect(heard).toEqual(['open']);
    for (const end of [core, other.port1]) end.close();
    socket.close();
  });

  test('that nobody gives is not waited for', async () => {
    const { window, socket, heard, core, port } = dial(10);
    await vi.waitFor(() => expect(heard).toEqual(['close']));
    window.arrive({ data: GIVEN, ports: [port] });
    expect([socket.readyState, heard]).toEqual([3, ['close']]);
    core.close();
  });
});
