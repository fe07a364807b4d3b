//! `event!`: what a program tells whoever reads its transactions, in Anchor's form (`Program data:` lines).

/// Writes an event's bytes to the transaction's log.
#[inline(always)]
pub fn emit(bytes: &[u8]) {
    #[cfg(any(target_os = "solana", target_arch = "bpf"))]
    {
        let fields = [bytes];
        // The system call takes a list of slices and its length. `fields` outlives the call, and nothing is kept.
        #[allow(unsafe_code)]
        unsafe {
            pinocchio::syscalls::sol_log_data(fields.as_ptr().cast(), fields.len() as u64);
        }
    }
    #[cfg(not(any(target_os = "solana", target_arch = "bpf")))]
    let _ = bytes;
}

/// Declares an event: a plain struct that can be emitted.
#[macro_export]
macro_rules! event {
    (
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[doc = $field_doc])* pub $field: $type,)* }

        const _: () = {
            impl $name {
                pub const DISCRIMINATOR: [u8; 8] = $crate::discriminator("event", stringify!($name));
                pub const LEN: usize = 8 $(+ <$type as $crate::Field>::SIZE)*;

                pub const ABOUT: $crate::describe::Struct = $crate::describe::Struct {
                    name: stringify!($name),
                    docs: &[$($doc),*],
                    discriminator: Self::DISCRIMINATOR,
                    fields: &[$($crate::describe::Entry {
                        name: stringify!($field),
                        docs: &[$($field_doc),*],
                        idl: <$type as $crate::Field>::IDL,
                        size: <$type as $crate::Field>::SIZE,
                    },)*],
                };

                pub fn emit(&self) {
                    let mut bytes = [0u8; Self::LEN];
                    bytes[..8].copy_from_slice(&Self::DISCRIMINATOR);
                    let mut rest = &mut bytes[8..];
                    $(
                        $crate::Field::write(self.$field, rest);
                        rest = &mut rest[<$type as $crate::Field>::SIZE..];
                    )*
                    let _ = rest;
                    $crate::emit(&bytes);
                }
            }
        };
    };
}
