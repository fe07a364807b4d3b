/** The parts of the Tiers screen, as they stand in its address. */
export const TIER_PARTS = ['plans', 'discounts', 'rates'] as const;
export type TierPart = (typeof TIER_PARTS)[number];
