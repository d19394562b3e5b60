import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { packageRoot } from '../../../runner/root.ts';
import { temporaryDirectory } from '../../temporary.ts';
import { succeeds } from '../expect.ts';
import { changes, recap } from '../kplay.ts';
import { lab, onHost } from '../on-host.ts';
import { run } from '../shell.ts';

/*
 * What runs in docker on hosts of its own: Kuboard, shown with another image, since its own cannot be had here; and Harbor's
 * installation and unit, with stand-ins for its installer and docker-compose. Harbor's API is tried in test/roles/harbor.test.ts.
 */

const folder = temporaryDirectory('kplay-kuboard');

const kuboard = {
  docker_restricted_host: true,
  kuboard_image: 'registry.lab/web:1.0',
  kuboard_archive: '{{ lab_server }}/images/web.tar',
  kuboard_archive_checksum: '{{ lab_sums }}',
  kuboard_ports: ['8080:80/tcp', '10081:10081/tcp'],
  kuboard_environment: { KUBOARD_ENDPOINT: 'http://172.31.3.108:8080', WORD: 'a secret' },
};

test.serial('kuboard.yml runs the container, once', async (t) => {
  await lab('reset', 'k8s-node01');
  const first = await succeeds(t, ['playbooks/kuboard.yml', '-vvv', '-i', inventory({ kuboard }, kuboard)]);
  t.notRegex(first.stdout, /"msg":[^}]*a secret/);
  const made =
    "docker inspect -f '{{.Id}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.Binds}} {{.Config.Env}}' kuboard";
  const told = await onHost('k8s-node01', made);
  t.regex(told, / unless-stopped \[\/var\/lib\/kuboard:\/data\] .*WORD=a secret/);
  t.regex(await onHost('k8s-node01', 'curl -fsS http://172.31.3.108:8080/'), /\w/);
  t.is(await onHost('k8s-node01', 'stat -c %a /var/lib/kplay/kuboard/environment'), '600\n');
  await settle(t, ['playbooks/kuboard.yml', '-i', inventory({ kuboard }, kuboard)]);
  t.is(await onHost('k8s-node01', made), told);
});

test.serial('a container that stopped is started, and one that is wanted otherwise is made anew', async (t) => {
  const id = await onHost('k8s-node01', "docker inspect -f '{{.Id}}' kuboard");
  await onHost('k8s-node01', 'docker stop kuboard');
  await succeeds(t, ['playbooks/kuboard.yml', '-i', inventory({ kuboard }, kuboard)]);
  t.is(await onHost('k8s-node01', "docker inspect -f '{{.Id}}' kuboard"), id);
  const other = { ...kuboard, kuboard_environment: { WORD: 'another' } };
  await succeeds(t, ['playbooks/kuboard.yml', '-i', inventory({ kuboard }, other)]);
  t.not(await onHost('k8s-node01', "docker inspect -f '{{.Id}}' kuboard"), id);
  t.regex(await onHost('k8s-node01', 'docker exec kuboard env'), /^WORD=another$/m);
});

test.serial('Harbor is installed by its installer only when something changed, and runs as a unit', async (t) => {
  const installer = path.join(folder, 'harbor-offline-installer-v2.6.0.tgz');
  mkdirSync(path.join(folder, 'harbor'));
  // A stand-in: it tells when it was run, and leaves what the real one leaves.
  script(
    'harbor/install.sh',
    'echo "$@" >>/var/log/install-runs\nsed -n 1,2p harbor.yml >/dev/null\necho services: >docker-compose.yml',
  );
  await run('tar', ['-czf', installer, '-C', folder, 'harbor']);
  const compose = script('docker-compose', 'for last; do :; done\n[ "$last" = up ] && exec sleep infinity\nexit 0');
  const values = {
    docker_restricted_host: true,
    harbor_installer: installer,
    harbor_installer_checksum: sumOf(installer),
    harbor_compose: compose,
    harbor_compose_checksum: sumOf(compose),
    harbor_admin_password: 'lab only',
    harbor_database_password: 'lab-too',
    harbor_install_options: ['--with-trivy'],
  };
  const playbook = path.join(folder, 'install.yml');
  const role = { name: path.join(packageRoot, 'roles/harbor'), tasks_from: 'install' };
  writeFileSync(playbook, JSON.stringify([{ hosts: 'harbor', tasks: [{ 'ansible.builtin.import_role': role }] }]));
  const first = await succeeds(t, [playbook, '-i', inventory({ harbor: {} }, values), '-vvv']);
  t.notRegex(first.stdout, /lab only|lab too/);
  t.is(await onHost('k8s-node01', 'systemctl is-active harbor; systemctl is-enabled harbor'), 'active\nenabled\n');
  t.is(await onHost('k8s-node01', 'systemd-analyze verify harbor.service 2>&1 | grep harbor || true'), '');
  t.is(
    await onHost('k8s-node01', 'stat -c %a /apps/harbor/harbor.yml; cat /var/log/install-runs'),
    '600\n--with-trivy\n',
  );
  await settle(t, [playbook, '-i', inventory({ harbor: {} }, values)]);
  await succeeds(t, [
    playbook,
    '-i',
    inventory({ harbor: {} }, { ...values, harbor_settings: { log: { level: 'debug' } } }),
  ]);
  t.is(await onHost('k8s-node01', 'cat /var/log/install-runs'), '--with-trivy\n--with-trivy\n');
  t.is(await onHost('k8s-node01', 'systemctl is-active harbor'), 'active\n');
});

/** An inventory beside the lab's: k8s-node01 in the named groups, and values. */
function inventory(groups: Readonly<Record<string, unknown>>, vars: Readonly<Record<string, unknown>>): string {
  const file = path.join(folder, 'more.json');
  const members = Object.keys(groups).map((name) => [name, { hosts: { 'k8s-node01': {} } }]);
  writeFileSync(file, JSON.stringify({ ...Object.fromEntries(members), all: { vars } }));
  return file;
}

function script(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

function sumOf(file: string): string {
  return `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
}

/** A run that changes nothing, with --check and without. */
async function settle(t: ExecutionContext, args: readonly string[]): Promise<void> {
  for (const mode of [[], ['--check']]) {
    const one = await succeeds(t, [...args, ...mode]);
    t.deepEqual(changes(one), [], mode.join());
    for (const [host, stats] of Object.entries(recap(one))) t.like(stats, { changed: 0, failed: 0 }, host);
  }
}
