//! What the program refuses.

abi::errors! {
    /// Every refusal of the program; none moves anything.
    UsageVaultError from 6000 {
        /// The instruction is not one of this program's.
        UnknownInstruction,
        /// The arguments have the wrong length.
        InvalidArguments,
        /// The number of accounts is wrong.
        WrongAccountCount,
        /// An account that must sign did not.
        MissingSigner,
        /// A program or system account is not the one the instruction names.
        WrongProgram,
        /// An account is not at the address its seeds give.
        WrongAddress,
        /// The account exists already.
        AlreadyOpen,
        /// The account is no system vault of this program, or not the one the other accounts belong to.
        WrongSystemVault,
        /// The account is no user vault of this program, or not the one the other accounts belong to.
        WrongUserVault,
        /// The account is no usage meter of this program, or not the vault's.
        WrongUsageMeter,
        /// The signer is not the operator.
        NotOperator,
        /// The signer is not the admin.
        NotAdmin,
        /// The signer is not the vault's owner.
        NotOwner,
        /// The signer was not proposed for this role.
        NotProposed,
        /// The role is neither admin (0) nor operator (1).
        UnknownRole,
        /// Two accounts that must differ are the same.
        SameAccount,
        /// A cap is zero, the reserve does not fit, the notice is shorter than the exit delay or the delay too long.
        InvalidTerms,
        /// The terms are not those the customer agreed to.
        TermsChanged,
        /// An amount, a number of units or a price of zero.
        Zero,
        /// A result does not fit in 64 bits.
        Overflow,
        /// This call has been counted already.
        SequenceReplayed,
        /// A call before this one has not been counted.
        SequenceGap,
        /// One call may not add so many units.
        CallCapReached,
        /// Billing must start before more units are tracked.
        CycleCapReached,
        /// Usage since billing last started is below the threshold.
        BelowThreshold,
        /// The committed total is below what has been charged.
        MeterBehind,
        /// The vault has an open meter.
        MeterOpen,
        /// The vault has no open meter.
        NoMeter,
        /// The generation must be above that of the latest meter.
        GenerationUsed,
        /// The meter is delegated: it must come back from the rollup first.
        MeterDelegated,
        /// More than the balance above what the open cycle may still cost.
        ReserveHeld,
        /// More than there are earnings.
        EarningsShort,
        /// The customer has not asked to exit.
        ExitNotRequested,
        /// The customer has asked to exit before.
        ExitRequested,
        /// The exit delay has not passed.
        ExitNotOpen,
        /// User vaults are still open under this system vault.
        VaultsOpen,
        /// The state handed back by the delegation program is not this meter's.
        ForgedState,
        /// The account holds less than its rent and balance: a broken invariant.
        VaultShort,
    }
}
