//! `team-billing`: prepaid token balances of teams, monthly quotas, and revenue split to the last unit.
//!
//! `processor` has one file per instruction, named as in the interface; `billing` is all arithmetic on money and
//! `calendar` all on months, both without accounts.
#![cfg_attr(target_arch = "bpf", no_std)]

mod accounts;
mod billing;
mod calendar;
mod processor;
mod revenue;

#[cfg(target_arch = "bpf")]
mod entry {
    // The largest instruction names nine accounts; more are refused by their number.
    #![allow(unsafe_code)] // the entry point reads the runtime's memory, which is pinocchio's to get right
    pinocchio::program_entrypoint!(super::processor::process, 12);
    pinocchio::no_allocator!();
    pinocchio::nostd_panic_handler!();
}
