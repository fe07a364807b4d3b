/** What the shell and the core say to each other, beside the ports of windows. Checked on both sides. */
import { z } from 'zod';

const WindowId = z.int().positive();

/** How a core is to be started. */
export const OpenOrder = z.strictObject({
  /** The books to open; without a path, the sample. */
  workspace: z.string().min(1).optional(),
  gateway: z.string().min(1).optional(),
  fresh: z.boolean(),
  /** The local Solana chain runs on a Node of its own, which the desktop cannot start: its fuse is off. */
  chains: z.enum(['none', 'evm']),
});
export type OpenOrder = z.infer<typeof OpenOrder>;

export const ToCore = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('open'), order: OpenOrder }),
  /** Comes with the port of the window. */
  z.strictObject({ type: z.literal('window'), window: WindowId }),
  z.strictObject({ type: z.literal('left'), window: WindowId }),
  z.strictObject({ type: z.literal('lock') }),
  z.strictObject({ type: z.literal('close') }),
]);
export type ToCore = z.infer<typeof ToCore>;

export const FromCore = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), workspace: z.string(), gatewayUrl: z.string(), sample: z.boolean() }),
  z.strictObject({ type: z.literal('failed'), detail: z.string(), fix: z.string() }),
  z.strictObject({ type: z.literal('needs'), count: z.int().nonnegative() }),
  z.strictObject({ type: z.literal('locked') }),
  z.strictObject({ type: z.literal('closed') }),
]);
export type FromCore = z.infer<typeof FromCore>;
