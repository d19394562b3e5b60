#!/usr/bin/env python3
"""Records which subsets ansible-core gathers for lists of gather_subset, in recorded/subsets.json.

Run it with the Python that has ansible-core: `/root/venv/bin/python record-subsets.py`.
"""

import ast
import json
import pathlib

import ansible.modules.setup
from ansible.module_utils.facts import collector, default_collectors

asked = [
    ['all'], ['min'], ['hardware'], ['network'], ['virtual'], [],
    ['!all'], ['!min'], ['!all', '!min'], ['!hardware'], ['!facter'], ['!nonsense'],
    ['all', '!all'], ['all', '!min'], ['all', '!hardware'], ['all', '!env'], ['!all', 'min', '!env'],
    ['!all', '!min', 'network'], ['!all', '!min', 'virtual'], ['!all', '!min', 'hardware'], ['!all', '!min', 'mounts'],
    ['!all', '!min', 'service_mgr'], ['!all', '!min', 'pkg_mgr'], ['!all', '!min', 'distribution_version'],
    ['!all', '!min', 'loadavg'], ['!all', '!min', 'min'], ['!all', '!min', 'caps'], ['!all', '!min', 'systemd', 'nvme'],
    ['hardware', '!hardware'], ['network', '!network'], ['env', '!env', '!all'], ['nonsense'], ['!all', 'nonsense'],
    ['!all', '!platform'], ['!all', '!ssh_pub_keys'], ['!virtual', 'virtual'], ['!all', '!min', 'default_ipv4'],
]


def minimal():
    """The set that the module itself hands over."""
    tree = ast.parse(pathlib.Path(ansible.modules.setup.__file__).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', '') == 'minimal_gather_subset':
            return frozenset(ast.literal_eval(node.value.args[0]))
    raise SystemExit('the module has no minimal set')


def gathered(subsets):
    try:
        found = collector.collector_classes_from_gather_subset(
            default_collectors.collectors, minimal_gather_subset=minimal(), gather_subset=subsets)
    except TypeError:
        return None
    return sorted(one.name for one in found)


here = pathlib.Path(__file__).resolve().parent
recorded = [{'asked': subsets, 'gathered': gathered(subsets)} for subsets in asked]
text = ',\n'.join(f'  {json.dumps(one)}' for one in recorded)
(here / 'recorded/subsets.json').write_text(f'[\n{text}\n]\n')
