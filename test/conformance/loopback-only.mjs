/** Loaded before a stock client: it may reach this machine and nothing else. */
import dns from 'node:dns';
import net from 'node:net';

const isLoopback = (host) => host === undefined || host === 'localhost' || host === '::1' || host.startsWith('127.');
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function connectGuarded(...given) {
  const [options] = Array.isArray(given[0]) ? given[0] : given;
  const host = typeof options === 'object' && options !== null ? options.host : given[1];
  const path = typeof options === 'object' && options !== null ? options.path : undefined;
  if (path === undefined && typeof host === 'string' && !isLoopback(host)) {
    throw new Error(`This client may only reach loopback, not ${host}.`);
  }
  return connect.apply(this, given);
};
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
  const own = dns[name];
  dns[name] = (host, ...rest) => {
    if (!isLoopback(host)) throw new Error(`This client may only look up loopback, not ${host}.`);
    return own(host, ...rest);
  };
}
