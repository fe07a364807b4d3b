//! What the macros of this crate say about an interface, for whoever writes its IDL. None of it reaches a program's
//! file.

/// A struct of an account, an event or an instruction's arguments.
pub struct Struct {
    pub name: &'static str,
    pub docs: &'static [&'static str],
    pub discriminator: [u8; 8],
    pub fields: &'static [Entry],
}

/// One field or argument.
pub struct Entry {
    pub name: &'static str,
    pub docs: &'static [&'static str],
    /// As Anchor's IDL names the type.
    pub idl: &'static str,
    pub size: usize,
}

pub struct Instruction {
    pub name: &'static str,
    pub docs: &'static [&'static str],
    pub discriminator: [u8; 8],
    pub accounts: &'static [Account],
    pub args: &'static [Entry],
}

/// An account of an instruction, in the order in which it is passed.
pub struct Account {
    pub name: &'static str,
    pub docs: &'static [&'static str],
    pub is_signer: bool,
    pub is_writable: bool,
    /// The only address it may have.
    pub address: Option<&'static str>,
    /// From what its address is derived; empty when it is not.
    pub seeds: &'static [Seed],
    /// The program it is derived under, in base58; ours when nothing is said.
    pub under: Option<&'static str>,
}

pub enum Seed {
    Text(&'static str),
    Account(&'static str),
    Arg(&'static str),
}

pub struct Failure {
    pub code: u32,
    pub name: &'static str,
    pub message: &'static str,
}

/// All of one program's interface.
pub struct Interface {
    pub name: &'static str,
    pub version: &'static str,
    pub docs: &'static str,
    pub address: &'static str,
    pub instructions: &'static [&'static Instruction],
    pub accounts: &'static [&'static Struct],
    pub events: &'static [&'static Struct],
    pub errors: &'static [Failure],
}
