/**
 * A playbook with secrets at every door by which something may come to be printed or written, and the check that none of them got
 * through. Tests of other doors (process lists, temporary files) take the same playbook.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The secrets, by where they come from. Each has something in it that some way of writing it down escapes. */
export const secrets = {
  /** ansible_password of the host. */
  connection: `Conn'3ct"ion\\pw`,
  /** ansible_become_password of the host. */
  become: 'B3come/pass+word=&x',
  /** A private key of several lines, as the variable of the connection. */
  key: `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\nAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQAAACDs3cr3tKEY'}\n-----END OPENSSH PRIVATE KEY-----`,
  /** A private prompt's default. */
  prompt: 'Pr0mpted%20answer',
  /** An argument with noLog. */
  argument: 'Argum3nt,of;uri',
  /** The password of a URL. */
  url: 'Url-p4ssw0rd',
  /** set_fact of a variable of the connection. */
  fact: 'F4ct-that-is-set',
  /** An option of an argument_spec with no_log. */
  option: 'Opti0n-of-a-role',
  /** A password in the arguments of ssh. */
  proxy: 'Pr0xy-p4ss',
  /** A variable that only tasks with no_log touch. */
  hidden: `Hidd3n'by"no_log\\x`,
} as const;

/** How a secret may come to be written. */
export function waysToWrite(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const ways = [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    secret.replaceAll('\\', '\\\\').replaceAll("'", "\\'"),
    secret.replaceAll("'", `'"'"'`),
    secret.replaceAll("'", "''"),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    ...secret.split('\n').filter((line) => !line.startsWith('-----')),
  ];
  return [...new Set(ways)];
}

/** The secrets that a text shows, each with the line that does: `connection: ok: [h] => …`. Empty when all is well. */
export function shownSecrets(text: string): string[] {
  const lines = text.split('\n');
  return Object.entries(secrets).flatMap(([name, secret]) =>
    waysToWrite(secret).flatMap((way) => {
      const line = way.includes('\n') ? (text.includes(way) ? way : undefined) : lines.find((one) => one.includes(way));
      return line === undefined ? [] : [`${name}: ${line.slice(0, 500)}`];
    }),
  );
}

/** Tasks whose secrets the register knows: nothing tells that they are not to be shown. */
const watched = `
- {name: what a password is made of, debug: {var: vault_become}}
- {name: message, debug: {msg: "it is {{ ansible_password }}."}}
- {name: "name {{ ansible_password }}", debug: {msg: x}}
- {name: variable, debug: {var: ansible_become_password}}
- {name: all variables of the host, debug: {var: "hostvars[inventory_hostname]"}}
- {name: all variables, debug: {var: vars}}
- {name: key of a dict, debug: {msg: "{{ {ansible_password: 1} }}"}}
- {name: number in a list, debug: {msg: ["{{ ansible_become_password }}", 1]}}
- {name: private key, debug: {msg: "{{ ansible_ssh_private_key }}"}}
- {name: lines of a key, command: {argv: [printf, '%s', "{{ ansible_ssh_private_key }}"]}}
- {name: as JSON, debug: {msg: "{{ [ansible_password] | to_json }}"}}
- {name: as JSON in JSON, debug: {msg: "{{ [[ansible_password] | to_json] | to_json }}"}}
- {name: as YAML, debug: {msg: "{{ {'a': ansible_password} | to_nice_yaml }}"}}
- {name: as base64, debug: {msg: "{{ ansible_password | b64encode }}"}}
- {name: in a URL, debug: {msg: "http://u:{{ ansible_become_password | urlencode }}@h/"}}
- {name: quoted for sh, debug: {msg: "{{ ansible_password | quote }}"}}
- {name: printed, shell: "echo {{ ansible_password | quote }}; echo {{ ansible_become_password | quote }} >&2; exit 3"}
- {name: printed in two pieces, shell: "printf 'Conn%s' \\\\'; sleep 0.2; printf '3ct\\"ion\\\\134pw\\n'"}
- {name: prompt, debug: {msg: "{{ asked }}"}}
- {name: file, copy: {content: "pw={{ ansible_password }}\\n", dest: "{{ place }}/file", mode: "0600"}}
- {name: file with a change, copy: {content: "other={{ ansible_become_password }}\\n", dest: "{{ place }}/file"}}
- {name: line, lineinfile: {path: "{{ place }}/file", line: "again={{ ansible_password }}"}}
- {name: read, slurp: {src: "{{ place }}/file"}}
- {name: fact, set_fact: {ansible_become_pass: F4ct-that-is-set, copied: "{{ ansible_password }}"}}
- {name: fact shown, debug: {msg: "{{ ansible_become_pass }} {{ copied }}"}}
- {name: assertion, assert: {that: "ansible_password == 'x'", fail_msg: "{{ ansible_password }}"}}
- {name: failure, fail: {msg: "{{ ansible_password }}"}}
- {name: argument, uri: {url: "http://127.0.0.1:1/", url_username: u, url_password: "Argum3nt,of;uri"}}
- {name: argument later, debug: {msg: "x Argum3nt,of;uri x"}}
- {name: url, get_url: {url: "http://u:Url-p4ssw0rd@127.0.0.1:1/x", dest: "{{ place }}/x"}}
- {name: url later, debug: {msg: "x Url-p4ssw0rd x"}}
- name: option
  validate_argument_spec:
    argument_spec: {number: {type: int, no_log: true}}
    provided_arguments: {number: Opti0n-of-a-role}
- {name: option later, debug: {msg: "x Opti0n-of-a-role x"}}
- {name: proxy, debug: {var: ansible_ssh_common_args}}
- {name: items, debug: {msg: "{{ item }}"}, loop: ["{{ ansible_password }}", {a: "{{ ansible_become_password }}"}]}
- {name: label, debug: {msg: x}, loop: [1], loop_control: {label: "{{ ansible_password }}"}}
- {name: retries, command: "false", retries: 1, delay: 0, until: "ansible_password == 'x'"}
- {name: skipped, debug: {msg: x}, when: "ansible_password == 'x'"}
- {name: delegated, debug: {msg: "{{ ansible_become_password }}"}, delegate_to: localhost}
- {name: host, add_host: {name: other, ansible_password: "{{ ansible_password }}", also: "{{ ansible_become_password }}"}}
- {name: statistics, set_stats: {data: {pw: "{{ ansible_password }}"}}}
- {name: include, include_tasks: included.yml, loop: ["{{ ansible_password }}"]}
- {block: [{name: "{{ ansible_password }} is not there", include_tasks: "{{ ansible_password | b64encode }}.yml"}], rescue: [{meta: noop}]}
- {name: pause, pause: {prompt: "Is it {{ ansible_password }}?", seconds: 1}}
- {name: no JSON, debug: {msg: "{{ ansible_password | from_json }}"}}
- {name: no key, debug: {msg: "{{ {}[ansible_password] }}"}}
- {name: no file, debug: {msg: "{{ lookup('file', ansible_password) }}"}}
- {name: no list, debug: {msg: x}, loop: "{{ ansible_password }}"}
- {name: no choice, file: {path: /, state: "{{ ansible_password }}"}}
- {name: no number, wait_for: {port: "{{ ansible_password }}"}}
- {name: no boolean, file: {path: /, follow: "{{ ansible_password }}"}}
- {name: no source, copy: {src: "{{ ansible_become_password }}", dest: /nowhere/}}
- {name: become, command: id, become: true, become_user: nobody-of-that-name}
- {name: unreachable, ping: , delegate_to: away, ignore_unreachable: true}
`;

/** Tasks that no_log hides, the secret being known to nobody else. */
const hidden = `
- {name: message, debug: {msg: "{{ hidden }}"}}
- {name: variable, debug: {var: hidden}}
- {name: printed, shell: "echo {{ hidden | quote }}; echo {{ hidden | quote }} >&2", register: kept}
- {name: failed, shell: "echo {{ hidden | quote }}; exit 1"}
- {name: kept, assert: {that: hidden in kept.stdout}}
- {name: set, set_fact: {hidden_too: "{{ hidden }}"}}
- {name: file, copy: {content: "{{ hidden }}", dest: "{{ place }}/hidden"}}
- {name: failure, fail: {msg: "{{ hidden }}"}}
- {name: assertion, assert: {that: false, fail_msg: "{{ hidden }}"}}
- {name: no JSON, debug: {msg: "{{ hidden | from_json }}"}}
- {name: no key, debug: {msg: "{{ {}[hidden] }}"}}
- {name: no file, debug: {msg: "{{ lookup('file', hidden) }}"}}
- {name: no filter argument, debug: {msg: "{{ hidden | int('x', hidden) | combine(hidden) }}"}}
- {name: no list, debug: {msg: x}, loop: "{{ hidden }}"}
- {name: no dict, debug: {msg: x}, with_dict: "{{ hidden }}"}
- {name: no choice, file: {path: /, state: "{{ hidden }}"}}
- {name: no number, wait_for: {port: "{{ hidden }}"}}
- {name: no argument, set_fact: "{{ hidden }}"}
- {name: no source, copy: {src: "{{ hidden }}", dest: /nowhere/}}
- {block: [{name: no include, include_tasks: "{{ hidden }}.yml"}], rescue: [{meta: noop}]}
- {block: [{name: no role, include_role: {name: "{{ hidden }}"}}], rescue: [{meta: noop}]}
- {name: include, include_tasks: included.yml, loop: ["{{ hidden }}"]}
- {name: include with a label, include_tasks: included.yml, loop: [1], loop_control: {label: "{{ hidden }}"}}
- {block: [{name: include that fails, include_tasks: "{{ item }}", loop: ["{{ hidden }}"]}], rescue: [{meta: noop}]}
- {block: [{name: include of no list, include_tasks: included.yml, loop: "{{ hidden }}"}], rescue: [{meta: noop}]}
- {name: items, debug: {msg: "{{ item }}"}, loop: ["{{ hidden }}", 2]}
- {name: items that fail, command: "false", loop: ["{{ hidden }}"]}
- {name: items of which some fail, command: "test {{ item | quote }} = 2", loop: ["{{ hidden }}", 2]}
- {name: label, debug: {msg: x}, loop: [1], loop_control: {label: "{{ hidden }}"}}
- {name: pause of no number, debug: {msg: x}, loop: [1], loop_control: {pause: "{{ hidden }}"}}
- {name: skipped, debug: {msg: x}, when: "hidden == 'x'"}
- {name: skipped item, debug: {msg: x}, loop: ["{{ hidden }}"], when: false}
- {name: condition, debug: {msg: x}, when: "hidden | from_json"}
- {block: [{name: condition of a meta task, meta: noop, when: "hidden | from_json"}], rescue: [{meta: noop}]}
- {name: retries, shell: "echo {{ hidden | quote }}", retries: 1, delay: 0, until: "hidden == 'x'"}
- {name: judged failed, shell: "echo {{ hidden | quote }}", failed_when: "hidden != 'x'"}
- {name: judge that fails, command: "true", failed_when: "hidden | from_json"}
- {name: judge of changes that fails, command: "true", changed_when: "hidden | from_json"}
- {block: [{name: ignoring that fails, command: "false", ignore_errors: "{{ hidden | from_json }}"}], rescue: [{meta: noop}]}
- {name: environment, command: "true", environment: "{{ hidden }}"}
- {name: time limit, command: "true", timeout: "{{ hidden }}"}
- {name: become, command: id, become: true, become_user: "{{ hidden }}"}
- {name: connection, ping: , vars: {ansible_connection: "{{ hidden }}"}}
- {name: port, ping: , vars: {ansible_port: "{{ hidden }}"}}
- {name: unreachable, ping: , delegate_to: away, vars: {ansible_user: "{{ hidden }}"}, ignore_unreachable: true}
- {name: no_log of its own, debug: {msg: "{{ hidden }}"}, no_log: "{{ 1 == 1 }}"}
- {name: no_log that fails, debug: {msg: "{{ hidden }}"}, no_log: "{{ hidden | from_json }}"}
- {name: no_log of items, debug: {msg: "{{ item }}"}, loop: ["{{ hidden }}", 2], no_log: "{{ item != 2 }}"}
- name: rescued
  block: [{fail: {msg: "{{ hidden }}"}, ignore_errors: false}]
  rescue: [{debug: {msg: "{{ ansible_failed_result }}"}}]
`;

/** How many results a run of the playbook has at least, by which a test sees that it came to its end. */
export const fewestResults = 100;

/** Writes the playbook and its inventory to a folder; gives the arguments of `kplay` that run it. */
export function writeDoors(folder: string): string[] {
  const place = path.join(folder, 'place');
  mkdirSync(place, { recursive: true });
  const write = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text, { mode: 0o600 });
    return path.join(folder, name);
  };
  const host = {
    ansible_connection: 'local',
    ansible_password: secrets.connection,
    ansible_become_password: '{{ vault_become }}',
    vault_become: secrets.become,
    ansible_ssh_private_key: secrets.key,
    ansible_ssh_common_args: `-o ProxyCommand="sshpass -p ${secrets.proxy} ssh -W %h:%p jump"`,
  };
  const away = { ansible_host: '127.0.0.1', ansible_port: 1, ansible_password: secrets.connection };
  const inventory = write('hosts.yml', JSON.stringify({ all: { hosts: { h: host, away } } }));
  write('included.yml', '- debug: {msg: included}\n');
  const play = {
    hosts: 'h',
    gather_facts: false,
    ignore_errors: true,
  };
  const head = (vars: object): string => JSON.stringify({ ...play, vars }).slice(1, -1);
  const hiding = head({ place, hidden: secrets.hidden });
  const playbook = write(
    'play.yml',
    `- {${head({ place })}, name: Watched, vars_prompt: [{name: asked, prompt: Answer, default: "${secrets.prompt}"}], tasks: [{include_tasks: watched.yml}]}
- {${hiding}, name: Hidden by the play, no_log: true, tasks: [{import_tasks: hidden.yml}]}
- {${hiding}, name: Hidden by a block, tasks: [{no_log: "{{ true }}", block: [{import_tasks: hidden.yml}]}]}
`,
  );
  write('watched.yml', watched);
  write('hidden.yml', hidden);
  return ['run', playbook, '-i', inventory, '-T', '2'];
}
