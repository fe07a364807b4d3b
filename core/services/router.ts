/** The one handler behind every carrier: each command of the contract with its implementation. */
import { alerts } from './alerts.ts';
import { backups } from './backups.ts';
import { os } from './base.ts';
import { meters, plans, prices } from './catalog.ts';
import { discounts } from './discounts.ts';
import { rates } from './rates.ts';
import { quotes } from './quotes.ts';
import { customers, keys } from './customers.ts';
import { exports } from './exports.ts';
import { deployments } from './deployments.ts';
import { imports } from './imports.ts';
import { costs, leaks } from './leaks.ts';
import { localChain } from './local-chain.ts';
import { credits, gate, holds, invoices } from './money.ts';
import { operators, session } from './operators.ts';
import { reviews } from './reviews.ts';
import { unrated, usage } from './usage.ts';
import { mail, webhooks } from './webhooks.ts';
import { ledger, workspace } from './workspace.ts';

export function createRouter() {
  return os.router({
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
  });
}
export type Router = ReturnType<typeof createRouter>;
