//! What the program refuses.

abi::errors! {
    /// Every refusal of the program; none moves anything.
    TeamBillingError from 6000 {
        /// The instruction is not one of this program's.
        UnknownInstruction,
        /// The arguments have the wrong length.
        InvalidArguments,
        /// The number of accounts is wrong.
        WrongAccountCount,
        /// An account that must sign did not.
        MissingSigner,
        /// A program account is not the one the instruction names.
        WrongProgram,
        /// An account is not at the address its seeds give.
        WrongAddress,
        /// The account exists already.
        AlreadyOpen,
        /// The account is no config of this program, or not the team's.
        WrongConfig,
        /// The account is no team of this program.
        WrongTeam,
        /// The account is no record of this program, or not the open month's.
        WrongRecord,
        /// A token account is not the one the team or its config names.
        WrongTokenAccount,
        /// A token account or mint is of another token.
        WrongMint,
        /// The signer is not the operator.
        NotOperator,
        /// The signer is not the admin.
        NotAdmin,
        /// The signer is not the team's owner.
        NotOwner,
        /// The signer was not proposed for this role.
        NotProposed,
        /// The role is neither admin (0) nor operator (1).
        UnknownRole,
        /// Two accounts that must differ are the same.
        SameAccount,
        /// The delay is longer than 30 days.
        InvalidTerms,
        /// There is no such tier.
        UnknownTier,
        /// Only an admin gives this tier.
        TierReserved,
        /// A tier with a smaller quota or dearer requests cannot begin at once.
        TierWorse,
        /// An amount or a number of requests of zero.
        Zero,
        /// A result does not fit in 64 bits.
        Overflow,
        /// This capture has been booked already.
        SequenceReplayed,
        /// A capture before this one has not been booked.
        SequenceGap,
        /// The month has not ended.
        PeriodOpen,
        /// No withdrawal was asked for, or less than this.
        NotRequested,
        /// The delay of the withdrawal has not passed.
        WithdrawalLocked,
        /// More than the balance above debts and the open month's base fee.
        FundsHeld,
        /// The record's month is not closed.
        RecordOpen,
    }
}
