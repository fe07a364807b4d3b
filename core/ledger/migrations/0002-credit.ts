/** Schema version 2: credit taken back, discounts as lines, rates between assets, a window's lines without a scan. */

/**
 * `clawed` is the part of a grant that an operator took back; with `consumed` and `expired` it never passes `granted`.
 * `rule` names the discount that a line of kind `discount` or `commitment` came from,
 * and `label` says what a fee or discount is for. `rate` names the snapshot by which a price
 * that is charged in another asset was turned into it. The index leads from a quota
 * window to its lines, open or invoiced: a give-back asks what credit paid of it.
 */
export const credit = {
  version: 2,
  name: 'credit',
  statements: [
    `ALTER TABLE credit_grant ADD COLUMN clawed TEXT NOT NULL DEFAULT '0'`,
    `ALTER TABLE line ADD COLUMN rule TEXT`,
    `ALTER TABLE line ADD COLUMN label TEXT`,
    `ALTER TABLE slice ADD COLUMN rate TEXT`,
    `ALTER TABLE hold ADD COLUMN rate TEXT`,
    `CREATE INDEX line_by_window ON line (customer, meter, price, month) WHERE meter IS NOT NULL`,
  ],
} as const;
