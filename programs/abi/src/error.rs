//! `errors!`: the closed set of what a program refuses, with Anchor's codes.

/// Declares an enum of refusals. Codes count from the first one; a sentence says what happened.
#[macro_export]
macro_rules! errors {
    (
        $(#[doc = $doc:literal])*
        $name:ident from $first:literal { $($(#[doc = $message:literal])* $variant:ident,)* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum $name { $($(#[doc = $message])* $variant,)* }

        impl $name {
            pub const fn code(self) -> u32 {
                $first + self as u32
            }

            pub const ABOUT: &'static [$crate::describe::Failure] = &[
                $($crate::describe::Failure {
                    code: $name::$variant.code(),
                    name: stringify!($variant),
                    message: concat!($($message),*),
                },)*
            ];
        }

        impl From<$name> for pinocchio::error::ProgramError {
            fn from(error: $name) -> Self {
                pinocchio::error::ProgramError::Custom(error.code())
            }
        }
    };
}
