#!/usr/bin/python3
"""Records what real Ansible (apt-get install ansible python3-netaddr) makes of the cases in cases/, to recorded.json."""
import json, os, sys, yaml
from collections.abc import Iterator, Mapping, MappingView
from jinja2.runtime import Undefined
from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.conditional import Conditional
from ansible.template import AnsibleUndefined, Templar

here = os.path.dirname(os.path.abspath(__file__))
os.environ['KPLAY_CASE'] = 'from the environment'


def encode(value):
    if isinstance(value, Undefined):
        str(value)
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return value if abs(value) < 2 ** 53 else {'$int': str(value)}
    if isinstance(value, float):
        return value if value != int(value) else {'$float': value} if value == value and abs(value) != float('inf') else {'$float': repr(value)}
    if isinstance(value, tuple):
        return {'$tuple': [encode(item) for item in value]}
    if isinstance(value, (list, range, MappingView, Iterator, set)):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    return {'$text': str(value)}


def variables():
    with open(os.path.join(here, 'variables.yml')) as file:
        return yaml.safe_load(file)


class Check(Conditional):
    def __init__(self, when):
        self._loader = loader
        self.when = [when]


loader = DataLoader()
loader.set_basedir(here)


def run(kind, source):
    values = variables()
    values['ansible_search_path'] = [here]
    values['playbook_dir'] = here
    templar = Templar(loader, variables=values)
    templar.environment.loader.searchpath = [os.path.join(here, 'templates')]
    if kind == 'text':
        return templar.template(source)
    if kind == 'file':
        return templar.template(source, convert_data=False, escape_backslashes=False)
    if kind == 'test':
        return bool(Check(source).evaluate_conditional(templar, values))
    return templar.environment.compile_expression(source, undefined_to_none=False)(**{**templar.environment.globals, **values})


def record(kind, source):
    try:
        return {'kind': kind, 'source': source, 'result': encode(run(kind, source))}
    except Exception as error:
        message = str(error)
        undefined = 'Undefined' in type(error).__name__ or 'undefined' in message
        return {'kind': kind, 'source': source, 'error': message.split('\n')[0][:200], 'undefined': undefined}


def cases():
    for kind in ('expr', 'text', 'file', 'test'):
        with open(os.path.join(here, 'cases', kind + '.txt')) as file:
            content = file.read()
        separator = '\n----\n' if kind == 'file' else '\n'
        for source in content.rstrip('\n').split(separator) if kind != 'file' else content.split(separator):
            if source and not source.startswith('## '):
                yield kind, source.replace('⏎', '\n') if kind != 'file' else source


with open(os.path.join(here, 'recorded.json'), 'w') as out:
    lines = [json.dumps(record(kind, source), ensure_ascii=False) for kind, source in cases()]
    out.write('[\n' + ',\n'.join(lines) + '\n]\n')
print(len(lines), 'cases recorded', file=sys.stderr)
