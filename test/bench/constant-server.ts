/**
 * The same server answering a constant: fastify as the gateway sets it up, a parsed JSON body, a fixed JSON answer. A
 * process of its own.
 */
import fastify from 'fastify';

const app = fastify({ logger: false, bodyLimit: 8 * 1024 * 1024, keepAliveTimeout: 72_000 });
const answer = { accepted: 1, duplicates: 0, refused: 0, results: [{ index: 0, status: 'accepted' }] };
app.post('/v1/constant', () => answer);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ url });
process.on('message', () => void app.close().then(() => process.exit(0)));
