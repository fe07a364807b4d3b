//! How a charge moves money: one way for every instruction that makes one.
use pinocchio::account::RefMut;
use pinocchio::error::ProgramError;
use pinocchio::{AccountView, Address, ProgramResult};
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::{SystemVault, UserVault};
use usage_vault_interface::events::{FeeCharged, UserVaultClosed};

use crate::accounts::{check_is, load_mut, move_lamports};
use crate::billing::{book, fold_outside, pay_debt};

/// A customer's vault and the one its fees go to, with their state.
pub struct Parties<'a> {
    pub user: AccountView,
    pub vault: RefMut<'a, UserVault>,
    pub system: AccountView,
    pub system_vault: RefMut<'a, SystemVault>,
}

impl<'a> Parties<'a> {
    /// Looks at both and checks that they belong together.
    #[inline(never)]
    pub fn load(
        program: &Address,
        system: &'a mut AccountView,
        user: &'a mut AccountView,
    ) -> Result<Self, ProgramError> {
        // Handles to the same accounts: lamports are moved while the state is looked at.
        let (system_handle, user_handle) = (*system, *user);
        let system_vault = load_mut::<SystemVault, _>(program, system, Refusal::WrongSystemVault)?;
        let vault = load_mut::<UserVault, _>(program, user, Refusal::WrongUserVault)?;
        check_is(&system_handle, &vault.system_vault, Refusal::WrongUserVault)?;
        Ok(Self { user: user_handle, vault, system: system_handle, system_vault })
    }

    /// Counts money from outside, books usage up to a committed total, pays what can be paid and says so.
    #[inline(never)]
    pub fn charge(&mut self, total_units: u64) -> ProgramResult {
        let outside_lamports = fold_outside(&mut self.vault, self.user.lamports())?;
        let booked = book(&mut self.vault, total_units)?;
        let paid_lamports = self.pay()?;
        let vault = &self.vault;
        FeeCharged {
            user_vault: *self.user.address(),
            system_vault: *self.system.address(),
            generation: vault.meter_generation,
            units: booked.units,
            total_units,
            price_version: vault.price_version,
            price_lamports: vault.price_lamports,
            fee_lamports: booked.fee_lamports,
            paid_lamports,
            debt_lamports: vault.debt_lamports,
            balance_lamports: vault.balance_lamports,
            outside_lamports,
        }
        .emit();
        Ok(())
    }

    /// Pays debt as far as the balance goes; gives what was paid.
    #[inline(never)]
    pub fn pay(&mut self) -> Result<u64, Refusal> {
        let paid = pay_debt(&mut self.vault);
        move_lamports(&mut self.user, &mut self.system, paid)?;
        self.system_vault.earned_lamports = self.system_vault.earned_lamports.saturating_add(paid);
        Ok(paid)
    }

    /// Pays what debt the balance covers, gives all the rest, rent included, to the owner, and closes the vault.
    #[inline(never)]
    pub fn close(mut self, owner: &mut AccountView) -> ProgramResult {
        fold_outside(&mut self.vault, self.user.lamports())?;
        self.pay()?;
        self.system_vault.open_vaults = { self.system_vault.open_vaults }.checked_sub(1).ok_or(Refusal::VaultShort)?;
        let closed = UserVaultClosed {
            user_vault: *self.user.address(),
            system_vault: *self.system.address(),
            owner: self.vault.owner,
            balance_lamports: self.vault.balance_lamports,
            rent_lamports: self.vault.rent_lamports,
            debt_lamports: self.vault.debt_lamports,
        };
        let Self { mut user, vault, .. } = self;
        drop(vault);
        crate::accounts::close(&mut user, owner)?;
        closed.emit();
        Ok(())
    }
}
