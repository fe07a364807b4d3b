//! What a field may be: its bytes on chain and its name in an IDL.
use pinocchio::Address;

/// A value of fixed size, packed and little-endian.
pub trait Field: Copy {
    const SIZE: usize;
    /// As Anchor's IDL names the type.
    const IDL: &'static str;
    /// All bytes zero.
    const ZERO: Self;
    /// Reads the first `SIZE` bytes; the caller has checked that they are there.
    fn read(bytes: &[u8]) -> Self;
    /// Writes the first `SIZE` bytes; the caller has checked that they are there.
    fn write(self, bytes: &mut [u8]);
}

macro_rules! integers {
    ($($name:ident)*) => {$(
        impl Field for $name {
            const SIZE: usize = size_of::<$name>();
            const IDL: &'static str = stringify!($name);
            const ZERO: Self = 0;
            #[inline(always)]
            fn read(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<$name>()];
                own.copy_from_slice(&bytes[..size_of::<$name>()]);
                $name::from_le_bytes(own)
            }
            #[inline(always)]
            fn write(self, bytes: &mut [u8]) {
                bytes[..size_of::<$name>()].copy_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}
integers!(u8 u16 u32 u64 i64);

impl Field for bool {
    const SIZE: usize = 1;
    const IDL: &'static str = "bool";
    const ZERO: Self = false;
    #[inline(always)]
    fn read(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }
    #[inline(always)]
    fn write(self, bytes: &mut [u8]) {
        bytes[0] = u8::from(self);
    }
}

impl Field for Address {
    const SIZE: usize = 32;
    const IDL: &'static str = "pubkey";
    const ZERO: Self = Address::new_from_array([0; 32]);
    #[inline(always)]
    fn read(bytes: &[u8]) -> Self {
        let mut own = [0; 32];
        own.copy_from_slice(&bytes[..32]);
        Address::new_from_array(own)
    }
    #[inline(always)]
    fn write(self, bytes: &mut [u8]) {
        bytes[..32].copy_from_slice(self.as_ref());
    }
}

/// A short text of fixed size, padded with zeros.
impl<const N: usize> Field for [u8; N] {
    const SIZE: usize = N;
    const IDL: &'static str = "bytes";
    const ZERO: Self = [0; N];
    #[inline(always)]
    fn read(bytes: &[u8]) -> Self {
        let mut own = [0; N];
        own.copy_from_slice(&bytes[..N]);
        own
    }
    #[inline(always)]
    fn write(self, bytes: &mut [u8]) {
        bytes[..N].copy_from_slice(&self);
    }
}

/// A claim kept in an account. Unlike `bool` it is valid whatever its byte is, so an account can be looked at in place.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag(u8);

impl Flag {
    pub const NO: Self = Self(0);
    pub const YES: Self = Self(1);

    #[inline(always)]
    pub const fn is_set(self) -> bool {
        self.0 != 0
    }
}

impl Field for Flag {
    const SIZE: usize = 1;
    const IDL: &'static str = "bool";
    const ZERO: Self = Self::NO;
    #[inline(always)]
    fn read(bytes: &[u8]) -> Self {
        Self(bytes[0])
    }
    #[inline(always)]
    fn write(self, bytes: &mut [u8]) {
        bytes[0] = self.0;
    }
}

/// A field of an account: any bytes are a valid value of it, and it holds no reference.
pub trait Plain: Field {}
impl Plain for u8 {}
impl Plain for u16 {}
impl Plain for u32 {}
impl Plain for u64 {}
impl Plain for i64 {}
impl Plain for Flag {}
impl Plain for Address {}
impl<const N: usize> Plain for [u8; N] {}
