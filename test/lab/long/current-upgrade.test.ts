import test from 'ava';
import { askTheApi, toldAnswers } from '../ask-api.ts';
import { unchanged } from '../expect.ts';
import { recap, trouble } from '../kplay.ts';
import { allNew, etcdVersion, from, masters, run, runningVersions, stands, succeeds, to } from './upgrade-steps.ts';

test.serial(`${from.minor} stands, with an etcd that the next one may follow`, async (t) => {
  await stands(t);
  for (const master of masters) t.is(await etcdVersion(master), from.etcd, master);
});

test.serial('a kubelet does not become newer than the API servers', async (t) => {
  const refused = await run('playbooks/upgrade.yml', to.version, ['--limit', 'k8s-node01']);
  t.is(refused.code, 2);
  t.regex(trouble(refused), new RegExp(`still runs ${from.version}.*Upgrade the masters first`, 's'));
});

let poll: ReturnType<typeof askTheApi> | undefined;
test.after.always(() => poll?.end());

test.serial('--limit upgrades one master and no other', async (t) => {
  poll = askTheApi();
  const one = await succeeds(t, 'playbooks/upgrade.yml', to.version, ['--limit', masters[0]!]);
  t.deepEqual(Object.keys(recap(one)), [masters[0]]);
  const versions = await runningVersions();
  t.is(versions[masters[0]!], `v${to.version}`);
  t.deepEqual([...new Set(Object.values(versions))].sort(), [`v${from.version}`, `v${to.version}`]);
});

test.serial(`all of it becomes ${to.minor}, master by master, with an API all the time`, async (t) => {
  await succeeds(t, 'playbooks/upgrade.yml', to.version);
  t.log(toldAnswers(await poll!.end()));
  await allNew(t);
});

test.serial('right afterwards a second run of all changes nothing', async (t) => {
  unchanged(t, await succeeds(t, 'playbooks/upgrade.yml', to.version));
  unchanged(t, await succeeds(t, 'playbooks/ha.yml', to.version));
  unchanged(t, await succeeds(t, 'playbooks/ha.yml', to.version, ['--check', '--diff']));
  unchanged(t, await succeeds(t, 'playbooks/reconfigure.yml', to.version));
  await succeeds(t, 'playbooks/verify.yml', to.version);
});
