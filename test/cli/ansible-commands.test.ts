import test from 'ava';
import { start } from './kplay-process.ts';

for (const [word, words] of [
  ['ansible-playbook', 'Playbooks are run by kplay run PLAYBOOK -i INVENTORY.'],
  ['playbook', 'Playbooks are run by kplay run PLAYBOOK -i INVENTORY.'],
  ['site.yml', 'Playbooks are run by kplay run site.yml -i INVENTORY.'],
  ['inventory', '--list-hosts shows the hosts of each play'],
  ['ansible-vault', 'keep secrets in a file that only you can read'],
  ['galaxy', 'a folder that ANSIBLE_ROLES_PATH names'],
  ['ansible', 'A task is given in a playbook'],
  ['ansible-doc', 'kplay doc MODULE'],
  ['rnu', 'Did you mean "run"?'],
] as const) {
  test(`kplay ${word} tells what to use`, async (t) => {
    const { code, stderr } = await start([word]).end;
    t.is(code, 5);
    t.true(stderr.startsWith(`kplay: there is no command "${word}". `), stderr);
    t.true(stderr.split('\n')[0]!.includes(words), stderr);
  });
}

test('a word that is no command of anybody is refused without a hint', async (t) => {
  const { stderr } = await start(['constructor']).end;
  t.is(stderr.split('\n')[0], 'kplay: there is no command "constructor".');
});
