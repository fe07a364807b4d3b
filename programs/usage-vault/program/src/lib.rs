//! `usage-vault`: prepaid lamports, metered usage, and fees that go from one to the other by cumulative units.
//!
//! `processor` has one file per instruction, named as in the interface; `billing` is all arithmetic on money, without
//! accounts.
#![cfg_attr(target_arch = "bpf", no_std)]

mod accounts;
mod billing;
mod processor;
mod settlement;

#[cfg(target_arch = "bpf")]
mod entry {
    // The largest instruction names ten accounts; more are refused by their number.
    #![allow(unsafe_code)] // the entry point reads the runtime's memory, which is pinocchio's to get right
    pinocchio::program_entrypoint!(super::processor::process, 12);
    pinocchio::no_allocator!();
    pinocchio::nostd_panic_handler!();
}
