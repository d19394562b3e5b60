import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';
import { kplay, recap, trouble } from './kplay.ts';
import { lab, onHost } from './on-host.ts';

const playbook = `
- hosts: k8s-node03
  gather_facts: false
  tasks:
    - name: Before
      command: "true"
    - name: Long
      shell: sleep 4242 & sleep 4242; echo done
    - name: After
      command: "true"
`;

test.before(() => lab('up'));

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  test.serial(`${signal} in the middle of a command leaves nothing running on the host`, async (t) => {
    const folder = temporaryDirectory('kplay-interrupt');
    const file = path.join(folder, 'play.yml');
    writeFileSync(file, playbook);
    const run = await kplay([file], { killAt: { task: /^Long$/, delay: 1500, signal } });
    if (signal === 'SIGINT') {
      t.is(run.code, 99, trouble(run));
      t.like(recap(run)['k8s-node03'], { ok: 1, changed: 1, failed: 0, unreachable: 0 });
      t.true(
        run.events.some((event) => event.type === 'message' && /\[Long\] was stopped on k8s-node03/.test(event.text)),
      );
    } else t.is(run.code, null);
    // The host's own shells end what they ran when their connection is gone; that may take a moment.
    t.is(
      await onHost(
        'k8s-node03',
        'for i in 1 2 3 4 5 6 7 8 9 10; do pgrep -f "sleep 424[2]" >/dev/null || exit 0; sleep 1; done; pgrep -af "sleep 424[2]"',
      ),
      '',
    );
  });
}
