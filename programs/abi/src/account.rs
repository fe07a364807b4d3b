//! `account!`: an account's layout, written once and looked at in place.

/// An account's layout.
///
/// # Safety
///
/// The type is packed (so that it may stand anywhere), has `LEN` bytes, and any bytes are a valid value of it.
/// `account!` sees to all three: `repr(C, packed)`, an assertion on the size, and fields that are `Plain`.
#[allow(unsafe_code)] // its contract is the macro's to keep
pub unsafe trait Layout: Copy {
    const LEN: usize;
    const VERSION: u8;
    const DISCRIMINATOR: [u8; 8];

    /// Looks at an account's bytes; gives nothing for an account of another kind, size or version.
    #[inline(always)]
    fn of(bytes: &[u8]) -> Option<&Self> {
        if !is_kind::<Self>(bytes) {
            return None;
        }
        // Right size, no alignment asked for, any bytes valid: see the trait. The borrow goes on as that of the bytes.
        #[allow(unsafe_code)]
        unsafe {
            Some(&*bytes.as_ptr().cast())
        }
    }

    /// Looks at an account's bytes to change them; gives nothing for an account of another kind, size or version.
    #[inline(always)]
    fn of_mut(bytes: &mut [u8]) -> Option<&mut Self> {
        if !is_kind::<Self>(bytes) {
            return None;
        }
        // As in `of`, and the bytes are borrowed mutably.
        #[allow(unsafe_code)]
        unsafe {
            Some(&mut *bytes.as_mut_ptr().cast())
        }
    }

    /// Puts a value into an account that has just been made; gives false, and writes nothing, when the size is another.
    #[must_use]
    fn put(self, bytes: &mut [u8]) -> bool {
        if bytes.len() != Self::LEN {
            return false;
        }
        // As in `of_mut`, but for the kind, which this writes.
        #[allow(unsafe_code)]
        unsafe {
            bytes.as_mut_ptr().cast::<Self>().write_unaligned(self);
        }
        true
    }
}

#[inline(always)]
fn is_kind<T: Layout>(bytes: &[u8]) -> bool {
    bytes.len() == T::LEN
        && <u64 as crate::Field>::read(bytes) == u64::from_le_bytes(T::DISCRIMINATOR)
        && bytes[8] == T::VERSION
}

/// Declares a struct that is an account's layout: discriminator, version, bump, then the fields in order. Fields are
/// read and written by value, as in any packed struct. The stated number of bytes is asserted, so that a changed
/// field cannot go by unseen.
#[macro_export]
macro_rules! account {
    (
        $(#[doc = $doc:literal])*
        $name:ident, version $version:literal, $len:literal bytes {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(C, packed)]
        pub struct $name {
            pub discriminator: [u8; 8],
            /// Of the layout.
            pub version: u8,
            /// The last seed of the account's address.
            pub bump: u8,
            $($(#[doc = $field_doc])* pub $field: $type,)*
        }

        // Packed by its `repr`, of this size by the assertion, and made of plain fields only.
        #[allow(unsafe_code)]
        unsafe impl $crate::Layout for $name {
            const LEN: usize = $len;
            const VERSION: u8 = $version;
            const DISCRIMINATOR: [u8; 8] = $crate::discriminator("account", stringify!($name));
        }

        const _: () = {
            const fn is_plain<T: $crate::Plain>() {}
            $(is_plain::<$type>();)*
            assert!(size_of::<$name>() == $len);
        };

        impl $name {
            /// An account of this kind with nothing in it.
            pub const EMPTY: Self = Self {
                discriminator: <Self as $crate::Layout>::DISCRIMINATOR,
                version: $version,
                bump: 0,
                $($field: <$type as $crate::Field>::ZERO,)*
            };

            pub const ABOUT: $crate::describe::Struct = $crate::describe::Struct {
                name: stringify!($name),
                docs: &[$($doc),*],
                discriminator: <Self as $crate::Layout>::DISCRIMINATOR,
                fields: &[
                    $crate::describe::Entry { name: "version", docs: &[], idl: "u8", size: 1 },
                    $crate::describe::Entry { name: "bump", docs: &[], idl: "u8", size: 1 },
                    $($crate::describe::Entry {
                        name: stringify!($field),
                        docs: &[$($field_doc),*],
                        idl: <$type as $crate::Field>::IDL,
                        size: <$type as $crate::Field>::SIZE,
                    },)*
                ],
            };
        }
    };
}
