/**
 * Block explorers on loopback that check what they are asked: the parameters and bodies that Etherscan v2, Blockscout
 * and Sourcify v2 document. They stand for services that no test may reach; what they compile is not compiled here.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = Readonly<{ method: string; path: string; query: URLSearchParams; body: string }>;

export type VerifierDouble = Readonly<{ url: string; asked: Asked[]; close: () => Promise<void> }>;

type Answer = Readonly<{ status?: number; body: unknown }>;

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

async function serve(answer: (asked: Asked) => Answer): Promise<VerifierDouble> {
  const asked: Asked[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const one = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      body: await textOf(request),
    };
    asked.push(one);
    const { status = 200, body } = answer(one);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server: Server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Whether the sources of a submission are whole, as a service that compiles them would find. */
function isWholeInput(text: string): boolean {
  const input = JSON.parse(text) as {
    language: string;
    sources: Record<string, { content: string }>;
    settings: { evmVersion?: string; optimizer?: unknown; outputSelection?: unknown };
  };
  const isFull = Object.values(input.sources).every(({ content }) => content.includes('pragma solidity'));
  const { evmVersion, optimizer, outputSelection } = input.settings;
  return input.language === 'Solidity' && isFull && evmVersion === 'cancun' && !!optimizer && !outputSelection;
}

/** An Etherscan v2 that is pending once, then says `verdict`. `known`: it has the contract already. */
export function etherscanDouble(options: { verdict?: string; isKnown?: boolean } = {}): Promise<VerifierDouble> {
  let polls = 0;
  const { verdict = 'Pass - Verified', isKnown = false } = options;
  return serve(({ method, query, body }) => {
    const form = new URLSearchParams(body);
    const no = (result: string): Answer => ({ body: { status: '0', message: 'NOTOK', result } });
    const yes = (result: string): Answer => ({ body: { status: '1', message: 'OK', result } });
    if (query.get('module') !== 'contract' || query.get('chainid') !== '16602')
      return no('Missing or unsupported chainid');
    if (query.get('apikey') !== 'KEY') return no('Invalid API Key');
    switch (query.get('action')) {
      case 'verifysourcecode': {
        if (method !== 'POST' || form.get('codeformat') !== 'solidity-standard-json-input') return no('Bad format');
        if (!isWholeInput(form.get('sourceCode') ?? '{}')) return no('Missing source');
        if (!/^v0\.8\.24\+commit\.e11b9ed9$/.test(form.get('compilerversion') ?? '')) return no('Unknown compiler');
        if (!/^\S+\.sol:\w+$/.test(form.get('contractname') ?? '')) return no('Missing contract name');
        if ((form.get('constructorArguments') ?? '0x').startsWith('0x')) return no('Constructor arguments have no 0x');
        if (form.get('constructorArguements') !== form.get('constructorArguments')) return no('Older spelling missing');
        return isKnown ? no('Contract source code already verified') : yes('guid-1');
      }
      case 'verifyproxycontract':
        return /^0x[0-9a-fA-F]{40}$/.test(form.get('address') ?? '') ? yes('guid-2') : no('Missing address');
      default: {
        polls += 1;
        if (!/^guid-[12]$/.test(query.get('guid') ?? '')) return no('Unknown guid');
        if (polls % 2 === 1) return no('Pending in queue');
        return verdict.startsWith('Pass') ? yes(verdict) : no(verdict);
      }
    }
  });
}

/** A Sourcify v2 that works on a job for one poll. */
export function sourcifyDouble(options: { match?: string | null; known?: string } = {}): Promise<VerifierDouble> {
  let polls = 0;
  const { match = 'exact_match', known } = options;
  return serve(({ method, path, body }) => {
    if (/^\/v2\/contract\/16602\/0x[0-9a-fA-F]{40}$/.test(path)) {
      return known === undefined ? { status: 404, body: { match: null } } : { body: { match: known } };
    }
    if (method === 'POST' && /^\/v2\/verify\/16602\/0x[0-9a-fA-F]{40}$/.test(path)) {
      const given = JSON.parse(body) as Record<string, unknown>;
      const isFull =
        isWholeInput(JSON.stringify(given['stdJsonInput'])) &&
        given['compilerVersion'] === '0.8.24+commit.e11b9ed9' &&
        /^\S+\.sol:\w+$/.test(String(given['contractIdentifier'])) &&
        /^0x[0-9a-f]{64}$/.test(String(given['creationTransactionHash']));
      return isFull
        ? { status: 202, body: { verificationId: 'job-1' } }
        : { status: 400, body: { message: 'bad request' } };
    }
    if (path !== '/v2/verify/job-1') return { status: 404, body: { message: 'unknown path' } };
    polls += 1;
    if (polls === 1) return { body: { isJobCompleted: false } };
    return { body: { isJobCompleted: true, contract: { match }, error: { message: 'The bytecode differs' } } };
  });
}
