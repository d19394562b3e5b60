import test from 'ava';
import type { ConnectionSettings } from '../../runner/connection/connection.ts';
import { Unreachable } from '../../runner/connection/connection.ts';
import { ConnectionPool } from '../../runner/connection/pool.ts';

const settings: ConnectionSettings = {
  kind: 'local',
  host: 'localhost',
  connectTimeoutSeconds: 10,
  hostKeyChecking: true,
};

test('one connection for equal settings, another for other ones; all are closed', async (t) => {
  const pool = new ConnectionPool({ parallelSetUp: 1 });
  const one = await pool.connection(settings);
  t.is(await pool.connection({ ...settings, host: settings.host }), one);
  const other = await pool.connection({ ...settings, host: 'other' });
  t.not(other, one);
  const results = await Promise.all([one, other].map((connection) => connection.run({ script: 'echo $PPID' })));
  t.not(results[0]!.stdout, results[1]!.stdout);
  await pool.closeAll();
  await pool.closeAll();
  await t.throwsAsync(pool.connection(settings), { instanceOf: Unreachable });
  await t.throwsAsync(one.run({ script: 'true' }), { instanceOf: Unreachable });
  await t.throwsAsync(other.run({ script: 'true' }), { instanceOf: Unreachable });
});
