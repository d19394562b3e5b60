import type { Mapping } from '../../runner/value.ts';
import { mapping } from '../../runner/value.ts';
import type { FactCollector } from './collector.ts';

/** The user that tasks run as. */
export const user: FactCollector = {
  name: 'user',
  subset: 'user',
  script: `while read -r key real effective rest; do
  case $key in Uid:) echo "$real"; echo "$effective"; uid=$effective;; Gid:) echo "$real"; echo "$effective"; break;; esac
done </proc/self/status
getent passwd "$uid" 2>/dev/null || grep "^[^:]*:[^:]*:$uid:" /etc/passwd`,
  parse(output) {
    const [realUid = '', uid = '', realGid = '', gid = '', entry = ''] = output.split('\n');
    const [name = '', , , , gecos = '', home = '', shell = ''] = entry.split(':');
    return {
      user_id: name,
      user_uid: Number(uid),
      user_gid: Number(gid),
      user_gecos: gecos,
      user_dir: home,
      user_shell: shell,
      real_user_id: Number(realUid),
      effective_user_id: Number(uid),
      real_group_id: Number(realGid),
      effective_group_id: Number(gid),
    };
  },
};

/** The environment that tasks run in. */
export const environment: FactCollector = {
  name: 'env',
  subset: 'env',
  asItIs: true,
  script: '(PATH=${kplay_path-$PATH}; exec cat /proc/self/environ)',
  parse(output): Mapping {
    const env = mapping();
    for (const entry of output.replace(/\n$/, '').split('\0')) {
      const at = entry.indexOf('=');
      if (at > 0) env[entry.slice(0, at)] = entry.slice(at + 1);
    }
    return { env };
  },
};
