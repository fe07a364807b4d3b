/** Holds a workspace as a console does, in a process of its own: says `ready`, and ends at SIGTERM. */
import { openCore } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';
import { openAttachDoor } from '#core/serve/attach.ts';
import { createRouter } from '#core/services/router.ts';

const [file = ''] = process.argv.slice(2);
const { core, close } = await openCore(file, { log: createLog('warn') });
const door = await openAttachDoor(core, { router: createRouter(), newLink: () => 'http://127.0.0.1:1/link' });
const end = async (): Promise<void> => {
  await door.close();
  await close();
  process.exit(0);
};
process.on('SIGTERM', () => void end());
process.stdout.write('ready\n');
