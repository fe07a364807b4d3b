/** What to do about each refusal of our programs. What happened is said by the interface itself; this says the rest. */

const WRONG_BUILD = 'Build the transaction with the client of this version, for this deployment of the program.';
const CHECK_ACCOUNTS = 'Name the accounts that belong together: derive them anew from creator, owner and generation.';
const READ_STATE = 'Read the account, and ask for what fits its state.';

/** What both programs refuse in the same words. */
const SHARED = {
  UnknownInstruction: WRONG_BUILD,
  InvalidArguments: WRONG_BUILD,
  WrongAccountCount: WRONG_BUILD,
  MissingSigner: 'Have every account sign that the instruction names as a signer.',
  WrongProgram: WRONG_BUILD,
  WrongAddress: CHECK_ACCOUNTS,
  AlreadyOpen: 'Use the account that is there; it is opened once.',
  NotOperator: 'Sign with the operator that the account names, or hand the role over first.',
  NotAdmin: 'Sign with the admin that the account names, or hand the role over first.',
  NotOwner: 'Sign with the owner that the account names.',
  NotProposed: 'Have the admin propose this address, then accept with it.',
  UnknownRole: 'Name role 0 for the admin or 1 for the operator.',
  SameAccount: 'Name two different accounts.',
  Zero: 'Name an amount above zero.',
  Overflow: 'Use smaller amounts; nothing was changed.',
  SequenceReplayed: 'Nothing is to be done: read the sequence and go on with the next.',
  SequenceGap: 'Read the sequence, and send the call that follows it first.',
} as const;

/** By program and the name of its error. */
const FIXES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  usage_vault: {
    ...SHARED,
    WrongSystemVault: CHECK_ACCOUNTS,
    WrongUserVault: CHECK_ACCOUNTS,
    WrongUsageMeter: CHECK_ACCOUNTS,
    InvalidTerms: 'Set caps above zero, an exit delay of at most 30 days, and a price notice at least as long.',
    TermsChanged: 'Show the customer the present terms, and open the vault with their version.',
    CallCapReached: 'Track the units in several calls, each within the cap.',
    CycleCapReached: 'Commit and start billing, then track on.',
    BelowThreshold: 'Track more first, or commit below the threshold on purpose.',
    MeterBehind: 'Wait for the commit that was charged; if it stays so, look at the rollup’s validator.',
    MeterOpen: 'Commit and undelegate the meter, and close it first.',
    NoMeter: 'Open a meter first.',
    GenerationUsed: 'Open the meter with a generation above the vault’s latest.',
    MeterDelegated: 'Commit and undelegate it, and wait until the base chain owns it again.',
    ReserveHeld: 'Withdraw less, or close the meter first: an open cycle keeps its reserve.',
    EarningsShort: 'Withdraw at most what the system vault holds above its rent.',
    ExitNotRequested: 'Ask for the exit first; it opens after the delay.',
    ExitRequested: 'Wait until it opens, or take the request back.',
    ExitNotOpen: 'Wait until the instant that the vault names.',
    VaultsOpen: 'Wait until every customer has left.',
    ForgedState: 'Do not trust the rollup’s validator; its state was not taken.',
    VaultShort: 'Report it with the transaction; nothing was moved.',
  },
  team_billing: {
    ...SHARED,
    WrongConfig: CHECK_ACCOUNTS,
    WrongTeam: CHECK_ACCOUNTS,
    WrongRecord: 'Name the record of the open month, as the team’s account has it.',
    WrongTokenAccount: 'Name the token accounts that the team and its config name.',
    WrongMint: 'Use token accounts of the config’s token.',
    InvalidTerms: 'Set a withdrawal delay of at most 30 days.',
    UnknownTier: 'Name tier 0, 1, 2 or 3.',
    TierReserved: 'Ask the admin for this tier.',
    TierWorse: 'Let it begin with a later month.',
    PeriodOpen: 'Close the month after its end.',
    NotRequested: 'Ask for at least this amount first, and wait for the delay.',
    WithdrawalLocked: 'Wait until it unlocks, or have the operator co-sign.',
    FundsHeld: 'Withdraw less: debts and the open month’s base fee stay.',
    RecordOpen: 'Close the month first.',
  },
};

/** What to do about an error of a program; reading the account where the error is not one of its own. */
export function fixOf(program: string, error: string): string {
  return FIXES[program]?.[error] ?? READ_STATE;
}

/** The names that have a sentence: a test compares them with the interfaces. */
export function toldErrors(program: string): string[] {
  return Object.keys(FIXES[program] ?? {});
}
