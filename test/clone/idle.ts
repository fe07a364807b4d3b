/** Runs until it is told to stop; what lifeline.test.ts launches. */
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1000);
process.stdout.write(`${process.pid}\n`);
