import test from 'ava';
import type { Connection, RunRequest } from '../../runner/connection/connection.ts';
import { TaskHost } from '../../runner/execute/task-host.ts';
import type { Controller } from '../../runner/module/contract.ts';

test("a module's own texts find system tools, what users wrote keeps their PATH", async (t) => {
  const requests: RunRequest[] = [];
  const connection = {
    run: (request: RunRequest) => {
      requests.push(request);
      return Promise.resolve({ rc: 0, stdout: '', stderr: '' });
    },
  } as unknown as Connection;
  const host = new TaskHost({
    name: 'h1',
    connection,
    become: undefined,
    environment: {},
    timeoutSeconds: undefined,
    facts: () => ({}),
    checkMode: false,
    diffMode: false,
    controller: {} as Controller,
    onOutput: () => {},
  });
  await host.run('groupadd x');
  await host.run('groupadd x', { userPath: true });
  t.deepEqual(
    requests.map(({ systemTools }) => systemTools),
    [true, false],
  );
});
