/** The commands of the line itself, in the order help shows them. */
import type { OwnCommand } from '../context.ts';
import { backup } from './backup.ts';
import { evm } from './evm.ts';
import { explain } from './explain.ts';
import { exportFile } from './export.ts';
import { importFile } from './import.ts';
import { info } from './info.ts';
import { init } from './init.ts';
import { open } from './open.ts';
import { rebuild } from './rebuild.ts';
import { restore } from './restore.ts';
import { review } from './review.ts';
import { serve } from './serve.ts';
import { solana } from './solana.ts';
import { vault } from './vault.ts';
import { verify } from './verify.ts';

export const OWN_COMMANDS: readonly OwnCommand[] = [
  init,
  serve,
  open,
  info,
  verify,
  backup,
  restore,
  rebuild,
  importFile,
  exportFile,
  explain,
  review,
  vault,
  solana,
  evm,
];
