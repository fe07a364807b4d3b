/** The sample workspace with its console in a process of its own, for what a person waits for. */
import { start } from '#core/runtime/start.ts';

const [workspace = ''] = process.argv.slice(2);
const started = await start({
  host: 'none',
  workspace,
  fresh: true,
  gateway: '127.0.0.1:0',
  logLevel: 'error',
});
const { gatewayUrl, consoleUrl, sampleKey, readyMs } = started;
process.send?.({ url: gatewayUrl, readyMs, facts: { consoleUrl, sampleKey } });
const peak = setInterval(() => process.send?.({ rss: process.memoryUsage.rss() }), 100);
process.on('message', () => {
  clearInterval(peak);
  void started.close().then(() => process.exit(0));
});
