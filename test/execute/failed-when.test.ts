import type { ExecutionContext } from 'ava';
import test from 'ava';
import { directoryWith, start } from '../cli/kplay-process.ts';

/** What a run of a play on one host of this machine prints. */
async function printedBy(t: ExecutionContext, play: string): Promise<string> {
  const directory = directoryWith(t, { 'play.yml': play });
  const words = ['run', '-i', 'one,', '-c', 'local', `${directory}/play.yml`];
  return (await start(words, { PATH: process.env.PATH! }).end).stdout;
}

// As ansible-core 2.21.5 does: findings/ansible-failed-task-still-adds-hosts-and-groups.sh.
test('hosts and groups of a task that failed_when calls failed are there, variables are not', async (t) => {
  const play = `- hosts: all
  gather_facts: false
  ignore_errors: true
  tasks:
    - set_fact: {color: blue}
      failed_when: true
    - add_host: {name: guest, groups: guests}
      failed_when: true
      register: added
    - group_by: {key: grouped}
      failed_when: true
    - add_host: {name: other, groups: guests}
      changed_when: false
      register: other
    - debug: {msg: "{{ color | default('none') }} {{ groups.guests | join(' ') }} {{ groups.grouped | join }} {{ added.changed }} {{ other.changed }}"}
`;
  t.regex(await printedBy(t, play), /"msg": "none guest other one True False"/);
});

test('what fails by failed_when alone says so, and what failed before keeps its words', async (t) => {
  const play = `- hosts: all
  gather_facts: false
  ignore_errors: true
  tasks:
    - shell: "exit {{ item }}"
      loop: [0, 1]
      failed_when: true
      register: r
    - debug: {msg: "{{ r.results | map(attribute='msg') | join(', ') }}"}
`;
  t.regex(
    await printedBy(t, play),
    /"msg": "A 'failed_when' expression evaluated to 'True'\., The command exited with a non-zero return code."/,
  );
});
