/** The product as a server in a process of its own, for benchmarks: books, gateway and nothing to look at. */
import { start } from '#core/runtime/start.ts';

const [workspace = ''] = process.argv.slice(2);
const started = await start({ host: 'none', workspace, gateway: '127.0.0.1:0', logLevel: 'error' });
process.send?.({ url: started.gatewayUrl, readyMs: started.readyMs });
const peak = setInterval(() => process.send?.({ rss: process.memoryUsage.rss() }), 100);
process.on('message', () => {
  clearInterval(peak);
  void started.close().then(() => process.exit(0));
});
