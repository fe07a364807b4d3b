/**
 * A page of another origin in the browser of somebody who is signed in: by every way a page has of asking it gets
 * nothing, and changes nothing. The same attacks on the door itself are in test/security/browser-door.test.ts.
 */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WIDE, openConsole } from '../support/console-e2e.ts';
import type { Console } from '../support/console-e2e.ts';

const STEP = { timeout: 60_000 };
let desk: Console;
let evil: Server;
let victim: Page;
let port = 0;
/** The console under both names that it answers to. */
let targets: readonly string[] = [];

beforeAll(async () => {
  desk = await openConsole('other-origin');
  evil = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>prizes</title><p>win</p>');
  });
  evil.listen(0, '127.0.0.1');
  await new Promise((resolve) => evil.once('listening', resolve));
  ({ port } = evil.address() as AddressInfo);
  ({ page: victim } = await desk.enter(WIDE));
  const { origin } = new URL(victim.url());
  targets = [origin, origin.replace('127.0.0.1', 'localhost')];
}, 180_000);
afterAll(async () => {
  evil.closeAllConnections();
  await new Promise((resolve) => evil.close(resolve));
  await desk.close();
});

/** Opens the page of another origin beside the console, in the same browser with the same cookies. */
async function lure(host: string): Promise<Page> {
  const page = await victim.context().newPage();
  await page.goto(`http://${host}:${port}/`);
  return page;
}

/** Runs in the other page: all that a page can do to an address; gives what it learnt, by the way it learnt it. */
async function attack(target: string): Promise<Record<string, string>> {
  const learnt: Record<string, string> = {};
  const within = (way: string, work: (got: (what: string) => void) => void): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => end('nothing'), 1_500);
      const end = (what: string): void => {
        clearTimeout(timer);
        learnt[way] = what;
        resolve();
      };
      work(end);
    });
  const text = (response: Response) => response.text().then((body) => `${response.type} ${body.slice(0, 40)}`);
  const ask = (way: string, path: string, init: RequestInit) =>
    within(
      way,
      (got) =>
        void fetch(target + path, { credentials: 'include', ...init })
          .then(text)
          .then(got, () => got('nothing')),
    );
  const add = (way: string, tag: 'img' | 'script' | 'iframe' | 'link', path: string) =>
    within(way, (got) => {
      const element = document.createElement(tag);
      element.addEventListener('error', () => got('nothing'));
      element.addEventListener('load', () => {
        // A frame that shows the browser's own page for what it refuses loads as well, and cannot be read.
        const inside = element instanceof HTMLIFrameElement ? element.contentDocument : 'loaded';
        got(inside === null ? 'nothing' : 'loaded');
      });
      if (element instanceof HTMLLinkElement) [element.rel, element.href] = ['stylesheet', target + path];
      else element.src = target + path;
      document.body.append(element);
    });
  const listen = (way: string, socket: WebSocket | EventSource) =>
    within(way, (got) => {
      socket.addEventListener('open', () => got('open'));
      socket.addEventListener('error', () => got('nothing'));
      socket.addEventListener('message', () => got('told'));
    });
  const order = JSON.stringify({ json: { name: 'Evil', passphrase: 'evil evil evil', role: 'admin' } });
  await Promise.all([
    ask('fetch', '/', {}),
    ask('fetch of a list', '/export/customers.csv', {}),
    ask('post', '/rpc/operators/create', { method: 'POST', body: order }),
    ask('post as json', '/rpc', { method: 'POST', body: order, headers: { 'content-type': 'application/json' } }),
    ask('put', `/upload/upl_${'0'.repeat(32)}`, { method: 'PUT', body: 'id,customer' }),
    ask('delete', '/', { method: 'DELETE' }),
    within('post unread', (got) => {
      const sent = { method: 'POST', body: order, mode: 'no-cors', credentials: 'include' } as const;
      void fetch(`${target}/rpc`, sent)
        .then(text)
        .then(
          (said) => got(said.trim() === 'opaque' ? 'nothing' : said),
          () => got('nothing'),
        );
    }),
    add('image', 'img', '/favicon.ico'),
    add('image of the page', 'img', '/'),
    add('script', 'script', '/assets/index.js'),
    add('script of a list', 'script', '/export/customers.csv'),
    add('style', 'link', '/assets/index.css'),
    add('frame', 'iframe', '/'),
    listen('socket', new WebSocket(`${target.replace('http', 'ws')}/rpc`)),
    listen('events', new EventSource(`${target}/rpc`, { withCredentials: true })),
  ]);
  return learnt;
}

/** Opens the console from the other page, looks into it and speaks to it. */
async function reachInto(target: string): Promise<string[]> {
  const learnt: string[] = [];
  addEventListener('message', ({ data }) => learnt.push(`answered ${String(data)}`));
  const opened = window.open(`${target}/customers`, 'console');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  for (const word of ['tollkeeper:ask-port', 'tollkeeper:port', '{"type":"lock"}']) opened?.postMessage(word, '*');
  try {
    learnt.push(opened?.document.title ?? '');
  } catch {
    learnt.push('not to be read');
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  return [...learnt, opened?.closed === false ? 'held' : 'cut off'];
}

test.each(['127.0.0.1', 'localhost'])(
  'a page on another port of %s learns nothing and writes nothing',
  STEP,
  async (host) => {
    await desk.client.workspace.setLiveTraffic({ on: false });
    const page = await lure(host);
    const before = desk.sequence();
    const operators = (await desk.client.operators.list({})).items.length;
    for (const target of targets) {
      const learnt = await page.evaluate(attack, target);
      expect(Object.entries(learnt).filter(([, what]) => what !== 'nothing')).toEqual([]);
      expect(Object.keys(learnt)).toHaveLength(15);
    }
    expect((await desk.client.operators.list({})).items.length).toBe(operators);
    expect(desk.sequence()).toBe(before);
    await page.close();
  },
);

test('a form of another page is refused, and its page is left with a refusal', STEP, async () => {
  const before = desk.sequence();
  for (const target of targets) {
    const page = await lure('127.0.0.1');
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().startsWith(target) && response.request().method() === 'POST'),
      page.evaluate((action) => {
        const form = document.createElement('form');
        [form.method, form.action] = ['post', `${action}/rpc/operators/create`];
        const field = document.createElement('input');
        [field.name, field.value] = ['name', 'Evil'];
        form.append(field);
        document.body.append(form);
        form.submit();
      }, target),
    ]);
    expect(answer.status()).toBe(405);
    await page.close();
  }
  expect(desk.sequence()).toBe(before);
});

test('a window that another page opens cannot be read, and does not hear it', STEP, async () => {
  const before = desk.sequence();
  for (const target of targets) {
    const page = await lure('127.0.0.1');
    const [opened, learnt] = await Promise.all([
      victim.context().waitForEvent('page'),
      page.evaluate(reachInto, target),
    ]);
    // The page's own policy cuts it off from whoever opened it: the handle points at a window that is closed.
    expect(learnt.at(-1)).toBe('cut off');
    expect(learnt.filter((what) => what.startsWith('answered'))).toEqual([]);
    expect(await opened.evaluate(() => window.opener === null)).toBe(true);
    await opened.close();
    await page.close();
  }
  expect(desk.sequence()).toBe(before);
});

test('a name that was bound to this machine afterwards is another origin, and is sent away', STEP, async () => {
  // The browser asks the console's own address under a name of the attacker's, as after DNS rebinding.
  const console = new URL(victim.url());
  const rebound = await victim.context().newPage();
  const answer = await rebound.goto(`http://rebound.localhost:${console.port}/`);
  expect(answer?.status()).toBe(421);
  expect(await rebound.content()).not.toContain('Northwind');
  const answered = await rebound.evaluate(async () => {
    const socket = new WebSocket(`ws://${location.host}/rpc`);
    return new Promise((resolve) => {
      socket.addEventListener('open', () => resolve('open'));
      socket.addEventListener('error', () => resolve('refused'));
    });
  });
  expect(answered).toBe('refused');
  await rebound.close();
});

test('whoever is signed in goes on as before', STEP, async () => {
  await victim.keyboard.press('g');
  await victim.keyboard.press('c');
  await victim.locator('main tr[data-row]').first().waitFor();
});
