import test from 'ava';
import { changes, kplay, trouble } from '../kplay.ts';
import { lab, nodes } from '../on-host.ts';

/** Ten moments of a first run, in its order: a task, and how long after its begin kplay is killed (milliseconds). */
const moments: readonly (readonly [task: RegExp, delay: number])[] = [
  [/^base : Install/, 1500],
  [/^haproxy : /, 500],
  [/^containerd : Install/, 2000],
  [/^containerd : Write/, 30],
  [/^kubernetes_packages : Install|^kubernetes_packages : /, 1000],
  [/^images : /, 1500],
  [/Run kubeadm init/, 6000],
  [/Run kubeadm join/, 3000],
  [/Run kubeadm join/, 7000],
  [/^bridge_network : |^node : /, 100],
];

test.serial(
  'killed with SIGKILL at ten moments of the first build and simply started again, it converges',
  async (t) => {
    await lab('reset');
    for (const [task, delay] of moments) {
      const run = await kplay(['playbooks/ha.yml'], { killAt: { task, delay } });
      t.log(
        `${task.source} + ${delay} ms: ${run.code === null ? 'killed' : `ended with ${run.code}`} after ${run.duration.toFixed(0)} s`,
      );
      t.is(run.code, null, `no task matched ${task.source}, or the run failed before:\n${trouble(run)}`);
    }
    const last = await kplay(['playbooks/ha.yml']);
    t.is(last.code, 0, trouble(last));
    const again = await kplay(['playbooks/ha.yml']);
    t.is(again.code, 0, trouble(again));
    t.deepEqual(changes(again), []);
    t.deepEqual(new Set(Object.values(await nodes())), new Set(['Ready']));
    t.is(Object.keys(await nodes()).length, 5);
  },
);
