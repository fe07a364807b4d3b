//! `instruction!`: an instruction's name, accounts and arguments, written once.

/// Declares one instruction in a module of its own: `DISCRIMINATOR`, `Args` and `ABOUT`.
///
/// Accounts are listed in the order in which they are passed, each with its flags: `signer`, `writable`, `=
/// "address"` for a fixed one and `pda [..]` for the seeds of its address (a text, the name of an account, or `(arg
/// NAME)`).
#[macro_export]
macro_rules! instruction {
    (
        $(#[doc = $doc:literal])*
        $name:ident($($arg:ident: $type:ty),* $(,)?) {
            $(
                $(#[doc = $account_doc:literal])*
                $account:ident: $($flag:ident)* $(= $address:literal)?
                    $(, pda [$($seed:tt),*] $(under $under:literal)?)?;
            )*
        }
    ) => {
        pub const DISCRIMINATOR: [u8; 8] = $crate::discriminator("global", stringify!($name));

        /// The arguments, after the discriminator.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Args { $(pub $arg: $type,)* }

        impl Args {
            pub const LEN: usize = 0 $(+ <$type as $crate::Field>::SIZE)*;

            /// Reads the arguments; bytes that are missing or too many give nothing.
            #[inline(always)]
            pub fn read(bytes: &[u8]) -> Option<Self> {
                let bytes = <&[u8; Self::LEN]>::try_from(bytes).ok()?;
                let rest = &bytes[..];
                $(let ($arg, rest) = (
                    <$type as $crate::Field>::read(rest),
                    &rest[<$type as $crate::Field>::SIZE..],
                );)*
                let _ = rest;
                Some(Self { $($arg,)* })
            }
        }

        pub const ABOUT: $crate::describe::Instruction = $crate::describe::Instruction {
            name: stringify!($name),
            docs: &[$($doc),*],
            discriminator: DISCRIMINATOR,
            accounts: &[$($crate::describe::Account {
                name: stringify!($account),
                docs: &[$($account_doc),*],
                is_signer: $crate::has_flag!(signer $($flag)*),
                is_writable: $crate::has_flag!(writable $($flag)*),
                address: $crate::first!($(Some($address),)? None),
                seeds: $crate::first!($(&[$($crate::seed!($seed)),*],)? &[]),
                under: $crate::first!($($(Some($under),)?)? None),
            },)*],
            args: &[$($crate::describe::Entry {
                name: stringify!($arg),
                docs: &[],
                idl: <$type as $crate::Field>::IDL,
                size: <$type as $crate::Field>::SIZE,
            },)*],
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! has_flag {
    (signer) => { false };
    (signer signer $($rest:ident)*) => { true };
    (signer $other:ident $($rest:ident)*) => { $crate::has_flag!(signer $($rest)*) };
    (writable) => { false };
    (writable writable $($rest:ident)*) => { true };
    (writable $other:ident $($rest:ident)*) => { $crate::has_flag!(writable $($rest)*) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! first {
    ($value:expr $(, $rest:expr)*) => {
        $value
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! seed {
    ($text:literal) => {
        $crate::describe::Seed::Text($text)
    };
    ($account:ident) => {
        $crate::describe::Seed::Account(stringify!($account))
    };
    ((arg $name:ident)) => {
        $crate::describe::Seed::Arg(stringify!($name))
    };
}
