import test from 'ava';
import { fingerprint } from '../cache.ts';
import { cgroupMounts } from '../cgroups.ts';
import { changedSettings } from '../kernel-settings.ts';
import { noSuchName } from '../no-names.ts';
import { allHosts, hosts, pickHosts } from '../settings.ts';

test('cgroup hierarchies of either version are found in the mounts', (t) => {
  const mounts = [
    'proc /proc proc rw 0 0',
    'tmpfs /sys/fs/cgroup tmpfs rw 0 0',
    'cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0',
    'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0',
    'cgroup /elsewhere/memory cgroup rw,memory 0 0',
    '',
  ];
  t.deepEqual(cgroupMounts(mounts.join('\n')), ['/sys/fs/cgroup/memory', '/sys/fs/cgroup/unified']);
});

test('settings of the kernel that hosts changed are put back, counters and what is gone are not', (t) => {
  const before =
    'vm.swappiness = 60\nfs.file-nr = 10\t0\t99\nkernel.panic = 0\nkernel.sem = 32000\t1024\nvm.gone = 1\n';
  const now = 'vm.swappiness = 0\nfs.file-nr = 12\t0\t99\nkernel.panic = 0\nkernel.sem = 1\t1024\n';
  t.deepEqual(changedSettings(before, now), [
    ['vm.swappiness', '60'],
    ['kernel.sem', '32000\t1024'],
  ]);
});

test('a part of the cache is made again when its inputs change', (t) => {
  const part = { name: 'one', inputs: ['a', 'b'], sources: ['build/sources.sh'] };
  t.is(fingerprint(part), fingerprint({ ...part, inputs: ['a', 'b'] }));
  t.not(fingerprint(part), fingerprint({ ...part, inputs: ['ab'] }));
  t.not(fingerprint(part), fingerprint({ ...part, sources: ['build/root.sh'] }));
});

const question = Buffer.from('\x03foo\x03bar\x00\x00\x01\x00\x01', 'latin1');
const header = (flags: string, counts: string) => Buffer.from(`1234${flags}${counts}`, 'hex');

test('the name server answers every question with: no such name', (t) => {
  const extra = Buffer.from('0000290200000000000000', 'hex');
  const query = Buffer.concat([header('0100', '0001000000000001'), question, extra]);
  t.deepEqual(noSuchName(query), Buffer.concat([header('8183', '0001000000000000'), question]));
});

test('the name server answers nothing that is not one whole question', (t) => {
  t.is(noSuchName(Buffer.from('1234', 'hex')), undefined);
  t.is(noSuchName(Buffer.concat([header('8183', '0001000000000000'), question])), undefined, 'a reply');
  t.is(noSuchName(Buffer.concat([header('0100', '0001000000000000'), question.subarray(0, 6)])), undefined, 'cut off');
});

test('hosts are picked by name, all without one, and a wrong name is refused', (t) => {
  t.deepEqual(pickHosts([]), hosts);
  t.deepEqual(
    pickHosts(['k8s-node03']).map((host) => host.address),
    ['172.31.3.110'],
  );
  t.throws(() => pickHosts(['k8s-node09']), { message: /no host k8s-node09; it has k8s-master01/ });
});

test('the RPM hosts are picked only by name, and no two hosts share a name or an address', (t) => {
  t.deepEqual(
    pickHosts([]).filter((host) => host.flavour !== 'debian'),
    [],
  );
  t.deepEqual(pickHosts(['master01']), [{ name: 'master01', address: '172.31.3.121', flavour: 'rpm' }]);
  t.is(new Set(allHosts.map((host) => host.name)).size, allHosts.length);
  t.is(new Set(allHosts.map((host) => host.address)).size, allHosts.length);
});
