#!/usr/bin/python3
"""Records what real ansible-core makes of the inventories in test/fixtures/inventory, for conformance.test.ts.

Needs Debian's ansible-core. Run from anywhere: test/conformance/inventory/record.py
"""
import json
import os

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.utils.display import Display
from ansible.vars.manager import VariableManager

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, '..', '..', 'fixtures', 'inventory')
INTERNAL = {
    'ansible_check_mode', 'ansible_config_file', 'ansible_diff_mode', 'ansible_facts', 'ansible_forks', 'ansible_inventory_sources',
    'ansible_playbook_python', 'ansible_run_tags', 'ansible_skip_tags', 'ansible_verbosity', 'ansible_version', 'groups',
    'inventory_dir', 'inventory_file', 'inventory_hostname', 'inventory_hostname_short', 'omit', 'playbook_dir', 'environment',
}
warnings = []
Display.warning = lambda self, message, formatted=False: warnings.append(message)


def names(hosts):
    return [host.name for host in hosts]


def select(manager, pattern, limit=None):
    warnings.clear()
    manager.subset(limit)
    manager.clear_caches()
    hosts = names(manager.get_hosts(pattern))
    manager.subset(None)
    ignored = [text for text in warnings if text.startswith('Could not match')]
    return {'pattern': pattern, 'limit': limit, 'hosts': hosts, 'warnings': ignored}


def variables_of(variables, host):
    found = variables.get_vars(host=host, include_hostvars=False)
    return {key: value for key, value in found.items() if key not in INTERNAL}


def record(case):
    loader = DataLoader()
    sources = [source if ',' in source else os.path.normpath(os.path.join(FIXTURES, source)) for source in case['sources']]
    manager = InventoryManager(loader=loader, sources=sources)
    variables = VariableManager(loader=loader, inventory=manager)
    loader.set_basedir('/nonexistent')
    selected = [select(manager, pattern) for pattern in case['patterns']]
    for pattern, limit in case.get('limits', []):
        real = limit.replace('LIMITFILE', os.path.normpath(os.path.join(FIXTURES, 'patterns', 'limit')))
        selected.append({**select(manager, pattern, real), 'limit': limit})
    return {
        'groups': [
            {'name': group.name, 'children': [child.name for child in group.child_groups], 'hosts': names(group.hosts),
             'all': names(group.get_hosts()), 'priority': group.priority}
            for group in manager.groups.values()
        ],
        'hosts': {
            host.name: {'variables': variables_of(variables, host), 'files': [
                os.path.relpath(host.vars[key], FIXTURES) if host.vars.get(key) and host.vars[key].startswith('/') else (host.vars.get(key) if key == 'inventory_file' else None)
                for key in ('inventory_file', 'inventory_dir')]}
            for host in manager.hosts.values()
        },
        'selected': selected,
    }


for case in json.load(open(os.path.join(HERE, 'cases.json'))):
    with open(os.path.join(HERE, 'recorded', case['name'] + '.json'), 'w') as file:
        json.dump(record(case), file, indent=1, sort_keys=False)
        file.write('\n')
