// Runs `agewise serve` so that it can be replaced without a refused request: on SIGHUP a new server starts, and once it
// listens on the same port the old one answers what it has accepted and ends.
//   node cluster.mjs node_modules/agewise/dist/cli/main.js --config agewise.yaml
import cluster from 'node:cluster';

const [main, ...settings] = process.argv.slice(2);
cluster.setupPrimary({ exec: main, args: ['serve', ...settings] });

let current = cluster.fork();
process.on('SIGHUP', () => {
  const next = cluster.fork();
  next.once('listening', () => {
    current.process.kill('SIGTERM');
    current = next;
  });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => current.process.kill('SIGTERM'));
// Whoever started this process decides what follows where its server ends.
cluster.on('exit', (worker, code) => {
  if (worker === current) process.exit(code ?? 1);
});
