/** Rails that have no screen yet: the question each will answer, what of it works today, and what it waits for. */

export type ComingRail = Readonly<{
  title: string;
  question: string;
  /** What is there now, each with where or how it is used. */
  now: readonly Readonly<{ what: string; href?: string; command?: string }>[];
  /** What has to be there before the screen has something to show. */
  needs: readonly string[];
}>;

export const COMING = {
  vaults: {
    title: 'Vaults',
    question: 'What is at risk in the rollup right now?',
    now: [
      { what: 'Deploy the usage-vault program and read it back', href: '/deployments' },
      { what: 'Go through a whole cycle on the local chain', command: 'npx tollkeeper vault demo' },
    ],
    needs: ['Prepaid SOL vaults are not yet accounts of the ledger, so nothing that a vault holds is in these books.'],
  },
  sandboxes: {
    title: 'Sandboxes',
    question: 'What is running, and for how long is it funded?',
    now: [{ what: 'Deploy the serving contract and set a provider up', href: '/deployments' }],
    needs: [
      'The proxy in front of Daytona, and an API key for it.',
      'A signer that runs in a trusted environment, for vouchers.',
    ],
  },
  settlement: {
    title: 'Settlement',
    question: 'What is in flight, what failed, do chain and books agree?',
    now: [
      { what: 'Follow deployments and what they sent', href: '/deployments' },
      { what: 'Compare a chain with a statement', command: 'npx tollkeeper verify --chain STATEMENT' },
    ],
    needs: ['A rail that settles on a chain: vaults, team accounts or sandboxes.'],
  },
  signing: {
    title: 'Signing',
    question: 'What am I asked to sign, and what may be signed without me?',
    now: [{ what: 'Sign on local and test networks with the development signer', href: '/deployments' }],
    needs: [
      'A hardware wallet: its screens and its policy come with this rail. No key of a main network is held until then.',
    ],
  },
} as const satisfies Readonly<Record<string, ComingRail>>;

export type ComingName = keyof typeof COMING;
