import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { temporaryDirectory } from '../../temporary.ts';
import type { KplayRun } from '../kplay.ts';
import { changes, kplay, recap, trouble } from '../kplay.ts';
import { lab, onHost } from '../on-host.ts';
import { ReleaseArchives } from '../runtime-archives.ts';
import { folders } from '../settings.ts';

const folder = temporaryDirectory('kplay-runtime');
const served = path.join(folders.www, 'runtime-test');
const archives = new ReleaseArchives(folder);
const server = 'http://172.31.0.2';

test.before(async () => {
  await lab('reset', 'k8s-node01', 'k8s-node02');
  mkdirSync(served, { recursive: true });
});

test.after.always(() => rmSync(served, { recursive: true, force: true }));

test.serial(
  'containerd, runc and the network plug-ins come from release archives, by address and by path',
  async (t) => {
    const containerd = await archives.containerd();
    const runc = await archives.runc();
    const plugins = await archives.plugins();
    copyFileSync(containerd.file, path.join(served, path.basename(containerd.file)));
    const values = {
      containerd_install: 'archive',
      containerd_archive: `${server}/runtime-test/${path.basename(containerd.file)}`,
      containerd_archive_checksum: containerd.checksum,
      containerd_runc: runc.file,
      containerd_runc_checksum: runc.checksum,
      containerd_cni: plugins.file,
      containerd_cni_checksum: plugins.checksum,
      containerd_mirrors: { 'docker.io': [{ url: 'http://172.31.0.2:5000' }] },
      containerd_proxy: 'http://172.31.0.2:3128',
      // Stand-ins: neither nerdctl nor the real crictl can be had here; what is tried is how they come onto the host.
      container_tools_nerdctl: true,
      ...tool(
        'nerdctl',
        await archives.script('nerdctl-1.2.1-linux-amd64.tar.gz', 'nerdctl', '#!/bin/sh\necho nerdctl stand-in\n'),
      ),
    };
    const wrong = await runtime('k8s-node01', { ...values, containerd_runc_checksum: `sha256:${'0'.repeat(64)}` });
    t.not(wrong.code, 0);
    t.regex(trouble(wrong), /runc\.amd64 has the sha256 [0-9a-f]{64}, and 0{64} is wanted/);

    await converges(t, 'k8s-node01', values);
    t.regex(
      await onHost('k8s-node01', 'systemctl show -p ExecStart containerd'),
      /path=\/usr\/local\/bin\/containerd /,
    );
    const config = await onHost('k8s-node01', 'containerd config dump');
    t.regex(config, /sandbox_image = "k8s\.gcr\.io\/pause:3\.2"/);
    t.regex(config, /SystemdCgroup = true/);
    t.regex(config, /config_path = "\/etc\/containerd\/certs\.d"/);
    t.regex(
      await onHost('k8s-node01', 'tr "\\0" "\\n" </proc/$(pidof containerd)/environ'),
      /HTTPS_PROXY=http:\/\/172\.31\.0\.2:3128/,
    );
    t.regex(
      await onHost('k8s-node01', 'cat /etc/crictl.yaml'),
      /^runtime-endpoint: unix:\/\/\/var\/run\/containerd\/containerd\.sock$/m,
    );
    t.is(await onHost('k8s-node01', 'nerdctl'), 'nerdctl stand-in\n');

    // A container of the web server's image runs, answers, and is gone.
    await onHost('k8s-node01', `curl -sS ${server}/images/web.tar | ctr -n k8s.io images import -`);
    const tried = await runtime('k8s-node01', { ...values, ...attempt });
    t.is(tried.code, 0, trouble(tried));
    t.deepEqual(changes(tried), []);
    t.is(await onHost('k8s-node01', 'ctr namespaces list -q | grep kplay-try || true'), '');

    // The proxy goes when it is not wanted any more, a program that somebody changed is put back.
    await onHost('k8s-node01', 'echo broken >/usr/local/bin/ctr');
    await converges(t, 'k8s-node01', { ...values, containerd_proxy: '' });
    t.is(await onHost('k8s-node01', 'systemctl show -p Environment containerd | grep -c PROXY || true'), '0\n');
  },
);

test.serial('docker comes from its release archive, with docker-compose, and cri-dockerd before it', async (t) => {
  const docker = await archives.docker();
  // Stand-ins: neither program can be had here. What is tried is how they come onto the host, and their units.
  const compose = await archives.script('compose.tar.gz', 'docker-compose', '#!/bin/sh\necho "{}"\n');
  const cri = await archives.script(
    'cri-dockerd-0.2.5.amd64.tgz',
    'cri-dockerd/cri-dockerd',
    '#!/bin/sh\nsystemd-notify --ready --pid=$$\nexec sleep infinity\n',
  );
  const values = {
    kubernetes_runtime: 'docker',
    kubernetes_version: '1.25.0',
    docker_install: 'archive',
    docker_archive: docker.file,
    docker_archive_checksum: docker.checksum,
    docker_restricted_host: true,
    docker_registry_mirrors: ['https://mirror.example.com', 'http://172.31.0.2:5000/'],
    docker_proxy: 'http://user:secret@172.31.0.2:3128',
    docker_compose: path.join(folder, 'compose.tar.gz.root', 'docker-compose'),
    cri_dockerd_archive: cri.file,
    cri_dockerd_checksum: cri.checksum,
    cri_dockerd_flags: { 'log-level': 'info' },
  };
  t.truthy(compose.file);
  const first = await converges(t, 'k8s-node02', values);
  t.false(first.stdout.includes('user:secret'), 'a password of the proxy is printed');
  t.is(
    await onHost('k8s-node02', "docker info -f '{{.CgroupDriver}} {{.HTTPProxy}} {{.LiveRestoreEnabled}}'"),
    'systemd http://xxxxx:xxxxx@172.31.0.2:3128 true\n',
  );
  t.is(
    await onHost('k8s-node02', "docker info -f '{{json .RegistryConfig.Mirrors}}'"),
    '["https://mirror.example.com/","http://172.31.0.2:5000/"]\n',
  );
  t.is(
    await onHost('k8s-node02', 'readlink /usr/local/lib/docker/cli-plugins/docker-compose'),
    '/usr/local/bin/docker-compose\n',
  );
  await onHost(
    'k8s-node02',
    'systemd-analyze verify /etc/systemd/system/cri-docker.service /etc/systemd/system/cri-docker.socket',
  );
  const words = await onHost('k8s-node02', 'systemctl show -p ExecStart cri-docker');
  t.regex(words, /\/usr\/local\/bin\/cri-dockerd --container-runtime-endpoint=fd:\/\/ --network-plugin=cni /);
  t.regex(words, /--pod-infra-container-image=\S+\/pause:3\.8 --log-level=info/);
  t.is(
    await onHost('k8s-node02', 'systemctl is-active cri-docker.socket cri-docker; stat -c %G:%a /run/cri-dockerd.sock'),
    'active\nactive\ndocker:660\n',
  );
  t.regex(
    await onHost('k8s-node02', 'cat /etc/crictl.yaml'),
    /^image-endpoint: unix:\/\/\/var\/run\/cri-dockerd\.sock$/m,
  );

  await onHost('k8s-node02', `curl -sS ${server}/images/web.tar | docker load`);
  const tried = await runtime('k8s-node02', { ...values, ...attempt });
  t.is(tried.code, 0, trouble(tried));
  t.deepEqual(changes(tried), []);
  t.is(await onHost('k8s-node02', 'docker ps -aq'), '');
});

/** Values that have the runtime tried with the lab's web server, which the host has already. */
const attempt = {
  container_tools_try: true,
  container_tools_try_image: 'registry.lab/web:1.0',
  container_tools_try_pull: false,
};

function tool(
  name: string,
  archive: { readonly file: string; readonly checksum: string },
): Readonly<Record<string, string>> {
  return { [`container_tools_${name}_archive`]: archive.file, [`container_tools_${name}_checksum`]: archive.checksum };
}

function runtime(
  host: string,
  values: Readonly<Record<string, unknown>>,
  ...more: readonly string[]
): Promise<KplayRun> {
  const file = path.join(folder, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  return kplay(['playbooks/ha.yml', '--limit', host, '--tags', 'base,runtime', '-e', `@${file}`, ...more]);
}

/** Runs it, again, and with --check: the latter two change nothing. */
async function converges(
  t: ExecutionContext,
  host: string,
  values: Readonly<Record<string, unknown>>,
): Promise<KplayRun> {
  const first = await runtime(host, values);
  t.is(first.code, 0, trouble(first));
  for (const words of [[], ['--check']]) {
    const again = await runtime(host, values, ...words);
    t.is(again.code, 0, trouble(again));
    t.deepEqual(changes(again), []);
    t.is(recap(again)[host]?.changed, 0);
  }
  return first;
}
