import { type HostsOptions, SshHosts } from './ssh-hosts.ts';

/**
 * Simulated hosts in a process of their own, so that what the controller takes can be told apart:
 * `node serve.js COUNT DELAY` prints an inventory's JSON-quoted text, and at its end the counts.
 */
const [count, delay] = process.argv.slice(2).map(Number);
const options: HostsOptions = {
  shell: 'scripted',
  delay: delay ?? 0,
  // A command prints a line, so that results are not empty.
  answer: (script) => (script.includes('exec ') ? 'a line of output from a simulated host\n' : undefined),
};
const hosts = await SshHosts.start(options);
process.stdout.write(`${JSON.stringify(hosts.inventory(count ?? 1))}\n`);
process.stdin.resume();
process.stdin.on('end', () => {
  process.stdout.write(`${JSON.stringify(hosts.counts)}\n`, () => process.exit(0));
});
