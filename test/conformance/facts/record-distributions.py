#!/usr/bin/env python3
"""Records what ansible-core says of the systems in distributions.txt, in recorded/distributions.json.

Run it as root with the Python that has ansible-core: `/root/venv/bin/python record-distributions.py`. For each system
the files are put in place of this machine's /etc in a mount namespace, and ansible-core's own code looks at them.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent

ask = '''
import json
from ansible.module_utils.facts.system.distribution import DistributionFactCollector


class NoPrograms:
    """A module on a host that has none of the programs that may be asked."""

    def get_bin_path(self, *args, **kwargs):
        return None

    def debug(self, *args):
        pass


facts = DistributionFactCollector().collect(module=NoPrograms())
print(json.dumps(facts, sort_keys=True))
'''

instead = '''
mount --bind "$1/etc" /etc
for file in /usr/lib/os-release; do [ ! -e "$file" ] || mount --bind "$1$file" "$file"; done
PATH=/nonexistent
exec "$2" -c "$3"
'''


def systems():
    found = {}
    for line in (here / 'distributions.txt').read_text().splitlines():
        if line.startswith('== '):
            files = found.setdefault(line[3:], {})
        elif line.startswith('-- '):
            text = files.setdefault(line[3:], [])
        else:
            text.append(line)
    return found


def put(root, files):
    (root / 'etc').mkdir()
    (root / 'usr/lib').mkdir(parents=True)
    (root / 'usr/lib/os-release').write_text('')
    for name, lines in files.items():
        name, _, target = name.partition(' -> ')
        path = root / name[1:]
        path.parent.mkdir(parents=True, exist_ok=True)
        if target:
            path.symlink_to(target)
        else:
            path.write_text(''.join(f'{line}\n' for line in lines))


def answer(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        put(root, files)
        command = ['unshare', '--mount', 'sh', '-euc', instead, 'sh', folder, sys.executable, ask]
        facts = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return facts


recorded = {name: answer(files) for name, files in systems().items()}
(here / 'recorded').mkdir(exist_ok=True)
(here / 'recorded/distributions.json').write_text(json.dumps(recorded, indent=2, ensure_ascii=False) + '\n')
