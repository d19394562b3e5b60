/** What sshd says when it hangs up or refuses, and the setting behind it. */
const hints: readonly (readonly [said: RegExp, hint: string])[] = [
  [
    /Too many authentication failures/,
    'MaxAuthTries of its sshd counts every key that is offered: name the right one, with IdentitiesOnly=yes in ssh_args',
  ],
  [/Exceeded MaxStartups/, 'MaxStartups of its sshd limits the logins at a time, -f those of kplay'],
  [/Not allowed at this time/, 'PerSourcePenalties of its sshd keep this address out for a while after failed logins'],
  [/open failed: administratively prohibited/, "AllowTcpForwarding of the jump host's sshd may be off"],
];

/** A server's words with the setting that would help, where they tell it. */
export function withHint(words: string): string {
  const hint = hints.find(([said]) => said.test(words))?.[1];
  return hint === undefined ? words : `${words} (${hint})`;
}
