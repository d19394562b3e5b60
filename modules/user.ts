import path from 'node:path';
import { stateModule } from '../runner/module/contract.ts';
import type { Mapping } from '../runner/value.ts';
import { unlessEarlier } from './shared/forecast.ts';
import { userArguments } from './user/arguments.ts';
import { missingGroups, userChanges } from './user/plan.ts';
import type { UserArguments, UserState } from './user/state.ts';
import { probeUser } from './user/state.ts';

export default stateModule({
  name: 'user',
  summary: 'Make, change or remove a user.',
  notes: [
    'useradd and usermod are used, or adduser of busybox where only that is there; it cannot set limits of passwords and accounts. The password is a hash and goes to chpasswd by its standard input.',
  ],
  examples: `
- ansible.builtin.user:
    name: deploy
    groups: [sudo]
    append: true
    shell: /bin/bash
    password: "{{ deploy_password | password_hash('sha512', deploy_salt) }}"
`,
  returns: {
    name: 'The user.',
    uid: 'Its number.',
    group: 'Number of its group.',
    home: 'Its home folder.',
    shell: 'Its shell.',
    comment: 'Its full name.',
    groups: 'The groups that were asked for.',
    ssh_public_key: 'Its public key, when generate_ssh_key.',
    ssh_key_file: 'Where its private key is, when generate_ssh_key.',
    ssh_fingerprint: 'What ssh-keygen tells of the key, when generate_ssh_key.',
    state: 'Its state.',
  },
  args: userArguments,
  rules: { requiredIf: [['non_unique', true, ['uid']]] },
  probe: probeUser,
  plan(args, user, host) {
    const warnings = host.checkMode ? forecast(args, user) : [];
    const changes = userChanges(args, user, host.checkMode);
    // Only the host knows what a new user and a new key are given.
    const again = args.state === 'present' && (!user.exists || (args.generate_ssh_key && !user.sshKeyExists));
    return { changes, result: resultOf(args, user), warnings, again };
  },
});

/** What check mode warns of: a run would fail, as the host is now. */
function forecast({ name, state, uid }: UserArguments, user: UserState): string[] {
  if (state === 'absent') return [];
  const { holder } = user;
  const isTaken = holder !== undefined && holder !== name;
  return [
    ...(isTaken ? [unlessEarlier(`the user ${holder} has the uid ${uid}`, 'give it another one')] : []),
    ...(user.missingGroups.length > 0 ? [unlessEarlier(missingGroups(user), 'make it')] : []),
  ];
}

function resultOf(args: UserArguments, user: UserState): Mapping {
  const base: Mapping = { name: args.name, state: args.state };
  if (args.state === 'absent') return { ...base, force: args.force, remove: args.remove };
  const result: Mapping = {
    ...base,
    ...(user.exists
      ? { append: args.append, move_home: args.move_home }
      : { create_home: args.create_home, system: args.system }),
    comment: args.comment ?? user.comment,
    home: args.home ?? (user.home || `/home/${args.name}`),
    shell: args.shell ?? user.shell,
  };
  if (args.groups !== undefined) result.groups = args.groups.join(',');
  if (args.uid !== undefined || user.exists) result.uid = args.uid ?? user.uid;
  if (user.exists) result.group = user.gid;
  return { ...result, ...keyFields(args, user) };
}

function keyFields({ ssh_key_file, ssh_key_type }: UserArguments, user: UserState): Mapping {
  if (!user.sshKeyExists) return {};
  return {
    ssh_key_file: path.posix.resolve(user.home, ssh_key_file ?? `.ssh/id_${ssh_key_type}`),
    ssh_public_key: user.sshKey ?? null,
    ssh_fingerprint: user.sshFingerprint ?? null,
  };
}
