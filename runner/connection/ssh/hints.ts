/** What sshd says when it hangs up or refuses, and the setting behind it. */
const hints: readonly (readonly [said: RegExp, hint: string])[] = [
  [
    /Too many authentication failures/,
    'MaxAuthTries of its sshd counts every key that is offered: name the right one, with IdentitiesOnly=yes in ssh_args',
  ],
  [/Exceeded MaxStartups/, 'MaxStartups of its sshd limits the logins at a time, -f those of kplay'],
  [/Not allowed at this time/, 'PerSourcePenalties of its sshd keep this address out for a while after failed logins'],
  [
    // Where there are other ways in, few have tickets at all.
    /No Kerberos credentials available.*denied \((?:gssapi-[a-z-]+,?)+\)|Ticket expired|Matching credential not found/,
    '`kinit` gets a Kerberos ticket, `klist` shows those that are there',
  ],
  [
    /not found in Kerberos database/,
    "the realm's names of hosts are to be those that the inventory has (ansible_host), or GSSAPITrustDns=yes in ssh_args asks DNS",
  ],
  [/Cannot (?:contact|find|resolve|locate) .*KDC/, 'krb5.conf says where the KDC of the realm is'],
  [/Clock skew too great/, 'Kerberos wants the same time on the host, the KDC and this machine'],
  [
    /signing failed for \S+-SK .* from agent/,
    'the security key has to be plugged in and touched where ssh-agent runs, whose own SSH_ASKPASS asks for its PIN',
  ],
  [
    /signing failed for \S+-SK .*(?:passphrase|PIN)/i,
    "the security key's PIN is given as ansible_ssh_private_key_passphrase",
  ],
  [
    /signing failed for \S+-SK /,
    'the security key has to be plugged in here and touched; SecurityKeyProvider in ssh_args is the library that talks to it',
  ],
  [
    /Permission denied \((?:gssapi-[a-z-]+,?)+\)/,
    'GSSAPIAuthentication=yes in ssh_args logs in with a Kerberos ticket; `klist` shows whose it is, and ~/.k5login of the host who may log in',
  ],
  [/open failed: administratively prohibited/, "AllowTcpForwarding of the jump host's sshd may be off"],
];

/** A server's words with the setting that would help, where they tell it. */
export function withHint(words: string): string {
  const hint = hints.find(([said]) => said.test(words))?.[1];
  return hint === undefined ? words : `${words} (${hint})`;
}
