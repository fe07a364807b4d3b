/**
 * Asks block explorers to compile our sources and compare: Etherscan v2 and its likes (0G's own, Blockscout), and
 * Sourcify v2. Our own comparison comes first and needs none of them. Protocols as their documentation has them in
 * 2026.
 */
import type { Address } from 'viem';
import { chainRefuses } from '../error.ts';
import { artifactOf, sourcesOf } from './artifacts.ts';
import type { ContractName } from './artifacts.ts';
import type { DeployedContract } from './deployment-record.ts';

export type VerifierKind = 'etherscan' | 'blockscout' | 'sourcify';

/** Where to verify. `url` ends where the service's own paths begin; `apiKey` only where the service wants one. */
export type Verifier = Readonly<{ kind: VerifierKind; url: string; apiKey?: string }>;

export type VerifyRequest = Readonly<{
  chainId: bigint;
  contract: DeployedContract;
  signal: AbortSignal;
  /** Between questions about the state of a job. */
  pauseMs: number;
}>;

export type Verified = Readonly<{ match: string; wasKnown: boolean }>;

/** What the compiler was given, as explorers take it: without what it was asked to answer, with the EVM version. */
export function standardInput(name: ContractName): string {
  const artifact = artifactOf(name);
  const { remappings, optimizer, evmVersion, metadata, libraries } = artifact.settings;
  const content = Object.entries(sourcesOf(artifact)).map(([path, text]) => [path, { content: text }]);
  const settings = { remappings, optimizer, evmVersion, metadata, libraries };
  return JSON.stringify({ language: 'Solidity', sources: Object.fromEntries(content), settings });
}

const qualifiedName = ({ name }: DeployedContract): string => `${artifactOf(name).sourceName}:${name}`;

async function readAnswer(verifier: Verifier, response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return refused(verifier, `an answer that is not JSON (${response.status})`);
  }
}

async function ask(verifier: Verifier, url: URL, init: RequestInit): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, body: await readAnswer(verifier, response) };
  } catch (error) {
    if (error instanceof TypeError) return refused(verifier, 'no answer');
    throw error;
  }
}

function refused(verifier: Verifier, why: string): never {
  return chainRefuses({
    code: 'VERIFIER_REFUSED',
    detail: `${verifier.kind} at ${new URL(verifier.url).host} said: ${why}.`,
    fix: 'Our own comparison stands whatever it says; check address, key and chain, and ask again.',
    values: { verifier: verifier.kind },
  });
}

async function pause({ pauseMs, signal }: VerifyRequest): Promise<void> {
  signal.throwIfAborted();
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
}

/** Asks a service to verify a contract, and waits for what it finds. Rejects with VERIFIER_REFUSED. */
export function verifyAt(verifier: Verifier, request: VerifyRequest): Promise<Verified> {
  return verifier.kind === 'sourcify' ? viaSourcify(verifier, request) : viaEtherscan(verifier, request);
}

type EtherscanAnswer = { status: string; message: string; result: string };

/** Etherscan v2 tells chains apart by a parameter; its likes have one address each and ignore it. */
function etherscanUrl(verifier: Verifier, chainId: bigint, query: Readonly<Record<string, string>>): URL {
  const url = new URL(verifier.url);
  const key: Record<string, string> = verifier.apiKey === undefined ? {} : { apikey: verifier.apiKey };
  const all = { chainid: chainId.toString(), module: 'contract', ...query, ...key };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return url;
}

async function etherscanAsk(verifier: Verifier, url: URL, request: VerifyRequest, form?: Record<string, string>) {
  const init = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
  const { body } = await ask(verifier, url, { ...init, signal: request.signal });
  return body as EtherscanAnswer;
}

const isKnownAlready = (text: string): boolean => /already verified/i.test(text);

async function viaEtherscan(verifier: Verifier, request: VerifyRequest): Promise<Verified> {
  const { contract, chainId } = request;
  const encodedArgs = contract.constructorArgs.slice(2);
  const submitted = await etherscanAsk(
    verifier,
    etherscanUrl(verifier, chainId, { action: 'verifysourcecode' }),
    request,
    {
      contractaddress: contract.address,
      sourceCode: standardInput(contract.name),
      codeformat: 'solidity-standard-json-input',
      contractname: qualifiedName(contract),
      compilerversion: `v${contract.compiler}`,
      constructorArguments: encodedArgs,
      // As older services of this kind spell it.
      constructorArguements: encodedArgs,
    },
  );
  if (isKnownAlready(submitted.result)) return { match: 'verified', wasKnown: true };
  if (submitted.status !== '1') return refused(verifier, submitted.result);
  for (;;) {
    await pause(request);
    const url = etherscanUrl(verifier, chainId, { action: 'checkverifystatus', guid: submitted.result });
    const { status, result } = await etherscanAsk(verifier, url, request);
    if (/pending/i.test(result)) continue;
    if (isKnownAlready(result)) return { match: 'verified', wasKnown: true };
    if (status !== '1') return refused(verifier, result);
    return { match: 'verified', wasKnown: false };
  }
}

/** Tells an explorer of this kind which implementation a proxy runs, so that it shows its functions. */
export async function linkProxy(verifier: Verifier, proxy: Address, request: VerifyRequest): Promise<void> {
  if (verifier.kind === 'sourcify') return;
  const url = etherscanUrl(verifier, request.chainId, { action: 'verifyproxycontract' });
  const submitted = await etherscanAsk(verifier, url, request, { address: proxy });
  if (submitted.status !== '1') refused(verifier, submitted.result);
  for (;;) {
    await pause(request);
    const query = { action: 'checkproxyverification', guid: submitted.result };
    const { status, result } = await etherscanAsk(verifier, etherscanUrl(verifier, request.chainId, query), request);
    if (/pending/i.test(result)) continue;
    if (status !== '1') refused(verifier, result);
    return;
  }
}

type SourcifyJob = {
  isJobCompleted: boolean;
  contract?: { match: string | null };
  error?: { message: string };
};

async function viaSourcify(verifier: Verifier, request: VerifyRequest): Promise<Verified> {
  const { contract, chainId, signal } = request;
  const base = verifier.url.endsWith('/') ? verifier.url : `${verifier.url}/`;
  const known = await ask(verifier, new URL(`v2/contract/${chainId}/${contract.address}`, base), { signal });
  const match = (known.body as { match?: string | null }).match;
  if (known.status === 200 && match) return { match, wasKnown: true };
  const submitted = await ask(verifier, new URL(`v2/verify/${chainId}/${contract.address}`, base), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      stdJsonInput: JSON.parse(standardInput(contract.name)) as unknown,
      compilerVersion: contract.compiler,
      contractIdentifier: qualifiedName(contract),
      creationTransactionHash: contract.transaction,
    }),
    signal,
  });
  const { verificationId, message } = submitted.body as { verificationId?: string; message?: string };
  if (submitted.status !== 202 || verificationId === undefined) {
    return refused(verifier, message ?? `status ${submitted.status}`);
  }
  for (;;) {
    await pause(request);
    const polled = await ask(verifier, new URL(`v2/verify/${verificationId}`, base), { signal });
    const job = polled.body as SourcifyJob;
    if (!job.isJobCompleted) continue;
    if (!job.contract?.match) return refused(verifier, job.error?.message ?? 'no match');
    return { match: job.contract.match, wasKnown: false };
  }
}
