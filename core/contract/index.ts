/**
 * The contract: everything that can be asked, by noun. The only thing carriers, console, CLI and gateway know of the
 * core.
 */
import { alerts } from './alerts.ts';
import { backups } from './backups.ts';
import { operators, session } from './session.ts';
import { customers, keys } from './customers.ts';
import { meters } from './meters.ts';
import { plans, prices, quotes } from './prices.ts';
import { rates } from './rates.ts';
import { credits } from './credits.ts';
import { discounts } from './discounts.ts';
import { unrated, usage } from './usage.ts';
import { deployments } from './deployments.ts';
import { gate, holds } from './holds.ts';
import { exports } from './exports.ts';
import { imports } from './imports.ts';
import { invoices } from './invoices.ts';
import { ledger } from './ledger.ts';
import { costs, leaks } from './leaks.ts';
import { localChain } from './local-chain.ts';
import { reviews } from './reviews.ts';
import { mail, webhooks } from './webhooks.ts';
import { workspace } from './workspace.ts';

export const contract = {
  session,
  operators,
  customers,
  keys,
  meters,
  plans,
  prices,
  quotes,
  rates,
  discounts,
  credits,
  usage,
  unrated,
  imports,
  exports,
  gate,
  holds,
  invoices,
  reviews,
  ledger,
  deployments,
  localChain,
  alerts,
  webhooks,
  mail,
  leaks,
  costs,
  backups,
  workspace,
};
export type Contract = typeof contract;
