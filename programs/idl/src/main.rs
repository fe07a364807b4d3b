//! Writes the IDL of every program, in Anchor's format, from its interface: `idl FOLDER`.
#![forbid(unsafe_code)]

mod json;

use abi::describe::{Account, Entry, Instruction, Interface, Seed, Struct};
use json::{Json, array, object, text};
use std::{env, fs, path::PathBuf, process::ExitCode};

const INTERFACES: &[&Interface] = &[&team_billing_interface::INTERFACE, &usage_vault_interface::INTERFACE];

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("Say into which folder the IDLs go.");
        return ExitCode::from(64);
    };
    for interface in INTERFACES {
        let path = folder.join(format!("{}.idl.json", interface.name));
        if let Err(error) = fs::write(&path, format!("{}\n", of(interface))) {
            eprintln!("{} cannot be written: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn of(interface: &Interface) -> Json {
    let metadata = object([
        ("name", text(interface.name)),
        ("version", text(interface.version)),
        ("spec", text("0.1.0")),
        ("description", text(interface.docs)),
    ]);
    let named = |structs: &[&Struct]| {
        array(
            structs.iter().map(|one| object([("name", text(one.name)), ("discriminator", bytes(&one.discriminator))])),
        )
    };
    let errors = interface.errors.iter().map(|one| {
        object([("code", Json::Number(one.code.into())), ("name", text(one.name)), ("msg", text(one.message.trim()))])
    });
    object([
        ("address", text(interface.address)),
        ("metadata", metadata),
        ("instructions", array(interface.instructions.iter().map(|one| instruction(one)))),
        ("accounts", named(interface.accounts)),
        ("events", named(interface.events)),
        ("errors", array(errors)),
        ("types", array(interface.accounts.iter().chain(interface.events).map(|one| structure(one)))),
    ])
}

fn instruction(one: &Instruction) -> Json {
    object([
        ("name", text(one.name)),
        ("docs", docs(one.docs)),
        ("discriminator", bytes(&one.discriminator)),
        ("accounts", array(one.accounts.iter().map(account))),
        ("args", fields(one.args)),
    ])
}

fn account(one: &Account) -> Json {
    let mut members = vec![("name", text(one.name)), ("docs", docs(one.docs))];
    if one.is_writable {
        members.push(("writable", Json::Bool(true)));
    }
    if one.is_signer {
        members.push(("signer", Json::Bool(true)));
    }
    if let Some(address) = one.address {
        members.push(("address", text(address)));
    }
    if !one.seeds.is_empty() {
        let mut pda = vec![("seeds", array(one.seeds.iter().map(seed)))];
        if let Some(program) = one.under {
            pda.push(("program", object([("kind", text("const")), ("value", bytes(&base58(program)))])));
        }
        members.push(("pda", Json::Object(pda)));
    }
    Json::Object(members)
}

fn seed(one: &Seed) -> Json {
    match one {
        Seed::Text(value) => object([("kind", text("const")), ("value", bytes(value.as_bytes()))]),
        Seed::Account(path) => object([("kind", text("account")), ("path", text(path))]),
        Seed::Arg(path) => object([("kind", text("arg")), ("path", text(path))]),
    }
}

fn structure(one: &Struct) -> Json {
    object([
        ("name", text(one.name)),
        ("docs", docs(one.docs)),
        ("type", object([("kind", text("struct")), ("fields", fields(one.fields))])),
    ])
}

fn fields(entries: &[Entry]) -> Json {
    array(entries.iter().map(|one| {
        let mut members = vec![("name", text(one.name))];
        if !one.docs.is_empty() {
            members.push(("docs", docs(one.docs)));
        }
        members.push(("type", kind(one)));
        Json::Object(members)
    }))
}

fn kind(one: &Entry) -> Json {
    match one.idl {
        "bytes" => object([("array", array([text("u8"), Json::Number(one.size as u64)]))]),
        "bytes[]" => object([("vec", text("bytes"))]),
        name => text(name),
    }
}

fn docs(lines: &[&str]) -> Json {
    array(lines.iter().map(|line| text(line.trim())))
}

fn bytes(bytes: &[u8]) -> Json {
    array(bytes.iter().map(|byte| Json::Number(u64::from(*byte))))
}

/// The 32 bytes of an address, most significant first: base 58 without `0`, `O`, `I` and `l`.
fn base58(address: &str) -> [u8; 32] {
    const DIGITS: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes = [0u8; 32];
    for digit in address.chars() {
        let mut carry = DIGITS.find(digit).expect("an address is written in base 58");
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = (carry % 256) as u8;
            carry /= 256;
        }
        assert!(carry == 0, "an address has 32 bytes");
    }
    bytes
}
