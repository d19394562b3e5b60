import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { load } from 'js-yaml';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { type HarborStandIn, startHarbor } from './harbor-stand-in.ts';
import { withRoles } from './run-kplay.ts';

const program = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));
const password = 'Secret of "both"';

test('the API’s part makes projects, registries and replication both ways, once', async (t) => {
  const site = await makeSite(t);
  const first = await site.run();
  t.is(first.code, 0, first.output);
  t.regex(first.output, /harbor01 .*changed=[1-9]/);
  t.deepEqual(
    first.output.split('\n').filter((line) => line.includes('Secret of')),
    [],
  );
  for (const [name, other] of [
    ['harbor01', 'harbor02'],
    ['harbor02', 'harbor01'],
  ] as const) {
    const harbor = site.harbors[name]!;
    t.deepEqual(
      [...harbor.projects],
      [
        ['library', 'true'],
        ['google_containers', 'true'],
      ],
    );
    t.like(harbor.registries[0], {
      name: other,
      type: 'harbor',
      url: site.harbors[other]!.url,
      insecure: true,
      credential: { type: 'basic', access_key: 'admin', access_secret: password },
    });
    t.like(harbor.policies[0], {
      name: `google_containers-to-${other}`,
      enabled: true,
      deletion: false,
      override: true,
      dest_registry: { id: harbor.registries[0]!.id },
      filters: [{ type: 'name', value: 'google_containers/**' }],
      trigger: { type: 'event_based' },
    });
    harbor.writes.length = 0;
  }
  const second = await site.run();
  t.is(second.code, 0, second.output);
  t.regex(second.output, /harbor01 .*changed=0/);
  t.regex(second.output, /harbor02 .*changed=0/);
  for (const harbor of Object.values(site.harbors)) t.deepEqual(harbor.writes, []);
});

test('what differs is changed, and nothing else', async (t) => {
  const site = await makeSite(t);
  t.is((await site.run()).code, 0);
  const harbor = site.harbors.harbor01!;
  harbor.projects.set('google_containers', 'false');
  (harbor.policies[0]!.trigger as { type: string }).type = 'manual';
  harbor.writes.length = 0;
  site.harbors.harbor02!.writes.length = 0;
  const run = await site.run();
  t.is(run.code, 0, run.output);
  t.deepEqual(harbor.writes, [
    'PUT /projects/google_containers',
    `PUT /replication/policies/${harbor.policies[0]!.id}`,
  ]);
  t.deepEqual(site.harbors.harbor02!.writes, []);
  t.is(harbor.projects.get('google_containers'), 'true');
});

test('further registries and policies, and a password that changes', async (t) => {
  const site = await makeSite(t);
  const more = (secret: string) => ({
    harbor_registries: [
      { name: 'hub', type: 'docker-hub', url: 'https://hub.docker.com', username: 'me', password: secret },
    ],
    harbor_replications: [
      {
        name: 'nightly',
        registry: 'hub',
        project: 'library',
        direction: 'pull',
        trigger: 'scheduled',
        cron: '0 0 2 * * *',
      },
    ],
  });
  t.is((await site.run(more('one'))).code, 0);
  const harbor = site.harbors.harbor01!;
  const hub = harbor.registries.find((one) => one.name === 'hub')!;
  t.like(
    harbor.policies.find((one) => one.name === 'nightly'),
    {
      src_registry: { id: hub.id },
      trigger: { type: 'scheduled', trigger_settings: { cron: '0 0 2 * * *' } },
    },
  );
  harbor.writes.length = 0;
  t.is((await site.run(more('one'))).code, 0);
  t.deepEqual(harbor.writes, []);
  t.is((await site.run(more('two'))).code, 0);
  t.deepEqual(harbor.writes, [`PUT /registries/${hub.id}`]);
  t.like(
    harbor.registries.find((one) => one.name === 'hub'),
    { access_secret: 'two' },
  );
});

test('a wrong password, and --check', async (t) => {
  const site = await makeSite(t);
  const wrong = await site.run({ harbor_admin_password: 'another' });
  t.is(wrong.code, 2);
  t.regex(wrong.output, /does not take harbor_admin_password/);
  const checked = await site.run({}, ['--check']);
  t.is(checked.code, 0, checked.output);
  for (const harbor of Object.values(site.harbors)) t.deepEqual(harbor.writes, []);
});

test('harbor.yml has what the documents say, and what newer versions want', async (t) => {
  const folder = temporaryDirectory('kplay-harbor');
  const rendered = async (values: object) => {
    const file = path.join(folder, 'harbor.yml');
    writeFileSync(
      path.join(folder, 'inventory.json'),
      JSON.stringify({
        harbor: { hosts: { one: { ansible_connection: 'local', kubernetes_node_address: '172.31.3.106' } } },
      }),
    );
    writeFileSync(
      path.join(folder, 'play.yml'),
      JSON.stringify([
        {
          hosts: 'all',
          gather_facts: false,
          tasks: [
            {
              'ansible.builtin.import_role': {
                name: path.join(packageRoot, 'roles/harbor'),
                tasks_from: 'configuration',
              },
            },
          ],
        },
      ]),
    );
    const run = await kplay(folder, [
      'play.yml',
      '-i',
      'inventory.json',
      '-e',
      JSON.stringify({ harbor_home: folder, ...values }),
    ]);
    t.is(run.code, 0, run.output);
    return load(readFileSync(file, 'utf8')) as Record<string, unknown>;
  };
  const plain = await rendered({ harbor_admin_password: '123456', harbor_database_password: 'root123' });
  t.deepEqual(plain, {
    hostname: '172.31.3.106',
    http: { port: 80 },
    harbor_admin_password: '123456',
    database: { password: 'root123', max_idle_conns: 100, max_open_conns: 900 },
    data_volume: '/data',
    trivy: { ignore_unfixed: false, skip_update: false, offline_scan: false, security_check: 'vuln', insecure: false },
    jobservice: { max_job_workers: 10, job_loggers: ['STD_OUTPUT', 'FILE'], logger_sweeper_duration: 1 },
    notification: { webhook_job_max_retry: 3, webhook_job_http_client_timeout: 3 },
    log: { level: 'info', local: { rotate_count: 50, rotate_size: '200M', location: '/var/log/harbor' } },
    _version: '2.6.0',
    proxy: { http_proxy: null, https_proxy: null, no_proxy: null, components: ['core', 'jobservice', 'trivy'] },
    upload_purging: { enabled: true, age: '168h', interval: '24h', dryrun: false },
    cache: { enabled: false, expire_hours: 24 },
    chart: { absolute_url: 'disabled' },
  });
  const secured = await rendered({
    harbor_version: '2.11.1',
    harbor_admin_password: 'x: "y"',
    harbor_database_password: 'z',
    harbor_certificate: '/c.crt',
    harbor_key: '/c.key',
    harbor_external_url: 'https://harbor.example.com',
    harbor_settings: { log: { level: 'debug' }, proxy: { http_proxy: 'http://proxy:3128' } },
  });
  t.like(secured, {
    https: { port: 443, certificate: `${folder}/tls/harbor.crt`, private_key: `${folder}/tls/harbor.key` },
    external_url: 'https://harbor.example.com',
    harbor_admin_password: 'x: "y"',
    _version: '2.11.0',
    log: { level: 'debug', local: { rotate_count: 50, rotate_size: '200M', location: '/var/log/harbor' } },
    proxy: {
      http_proxy: 'http://proxy:3128',
      https_proxy: null,
      no_proxy: null,
      components: ['core', 'jobservice', 'trivy'],
    },
  });
  t.false('chart' in secured);
});

test('a first password that the installer would change is refused before anything is installed', async (t) => {
  const folder = temporaryDirectory('kplay-harbor');
  const role = { name: path.join(packageRoot, 'roles/harbor'), tasks_from: 'install' };
  const hosts = { one: { ansible_connection: 'local', kubernetes_node_address: '172.31.3.106' } };
  writeFileSync(path.join(folder, 'inventory.json'), JSON.stringify({ harbor: { hosts } }));
  writeFileSync(
    path.join(folder, 'play.yml'),
    JSON.stringify([{ hosts: 'all', gather_facts: false, tasks: [{ 'ansible.builtin.import_role': role }] }]),
  );
  const facts = {
    ansible_distribution: 'Debian',
    ansible_distribution_release: 'bookworm',
    ansible_distribution_major_version: '12',
    ansible_os_family: 'Debian',
  };
  for (const own of [
    { harbor_admin_password: 'a#b', harbor_database_password: 'z' },
    { harbor_admin_password: 'a', harbor_database_password: 'y z' },
  ]) {
    const values = JSON.stringify({ harbor_folder: folder, ...facts, ...own });
    const run = await kplay(folder, ['play.yml', '-i', 'inventory.json', '-e', values]);
    t.is(run.code, 2, run.output);
    t.regex(run.output, /has a character that Harbor's installer would not hand on as it is/);
    t.notRegex(run.output, /changed=[1-9]/);
  }
});

interface Site {
  readonly harbors: Readonly<Record<string, HarborStandIn>>;
  run(values?: object, options?: readonly string[]): Promise<Run>;
}

/** Two hosts, on this machine, each with a stand-in for its Harbor. */
async function makeSite(t: ExecutionContext): Promise<Site> {
  const folder = temporaryDirectory('kplay-harbor');
  const harbors: Record<string, HarborStandIn> = {};
  const members: Record<string, object> = {};
  for (const name of ['harbor01', 'harbor02']) {
    const harbor = await startHarbor(password);
    harbors[name] = harbor;
    t.teardown(() => harbor.close());
    members[name] = {
      ansible_connection: 'local',
      harbor_url: harbor.url,
      harbor_peer_url: harbor.url,
      kubernetes_state_folder: path.join(folder, name),
    };
  }
  writeFileSync(
    path.join(folder, 'inventory.json'),
    JSON.stringify({ harbor: { hosts: members, vars: { harbor_admin_password: password, harbor_attempts: 1 } } }),
  );
  const role = { name: path.join(packageRoot, 'roles/harbor'), tasks_from: 'api' };
  writeFileSync(
    path.join(folder, 'play.yml'),
    JSON.stringify([{ hosts: 'harbor', gather_facts: false, tasks: [{ 'ansible.builtin.import_role': role }] }]),
  );
  return {
    harbors,
    run: (values = {}, options = []) =>
      kplay(folder, ['play.yml', '-i', 'inventory.json', '-vvv', '-e', JSON.stringify(values), ...options]),
  };
}

interface Run {
  readonly code: number | null;
  readonly output: string;
}

function kplay(folder: string, args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, [program, 'run', ...args], {
    cwd: folder,
    env: withRoles,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
