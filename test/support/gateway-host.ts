/** A core with its gateway in a process of its own, so that a test can kill it: says one JSON line when it listens. */
import { existsSync } from 'node:fs';
import { openGatewayWorld, seedTrade } from './gateway-world.ts';

const [file = ''] = process.argv.slice(2);
const isNew = !existsSync(file);
const world = await openGatewayWorld({}, file);
if (isNew) await seedTrade(world, { credit: '900000000000' });
process.stdout.write(`${JSON.stringify({ url: world.url, secret: world.secret })}\n`);
