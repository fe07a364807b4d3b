/** Schema version 2: credit that is taken back, discounts as lines, and the lines of a window found without a scan. */

/**
 * `clawed` is the part of a grant that an operator took back; with `consumed` and `expired` it never passes `granted`.
 * `rule` names the discount that a line of kind `discount` or `commitment` came from,
 * and `label` says what a fee or discount is for. The index leads from a quota
 * window to its lines, open or invoiced: a give-back asks what credit paid of it.
 */
export const credit = {
  version: 2,
  name: 'credit',
  statements: [
    `ALTER TABLE credit_grant ADD COLUMN clawed TEXT NOT NULL DEFAULT '0'`,
    `ALTER TABLE line ADD COLUMN rule TEXT`,
    `ALTER TABLE line ADD COLUMN label TEXT`,
    `CREATE INDEX line_by_window ON line (customer, meter, price, month) WHERE meter IS NOT NULL`,
  ],
} as const;
