#!/usr/bin/env python3
"""Records what real Ansible makes of the cases in cases/, to recorded-MAJOR.MINOR.json of the version that is installed.
Filters of collections are recorded where those are installed (package ansible); 2.14 was Debian's, with python3-netaddr.

python3 -m venv v && v/bin/pip install ansible-core==2.21.5 netaddr passlib && v/bin/python record.py
"""
import datetime, importlib.util, json, os, re, sys, yaml
from collections.abc import Iterator, Mapping, MappingView
from ansible.parsing.dataloader import DataLoader
from ansible.release import __version__
from ansible.template import Templar

has_collections = importlib.util.find_spec('ansible_collections') is not None
version = tuple(int(part) for part in __version__.split('.')[:2])
here = os.path.dirname(os.path.abspath(__file__))
os.environ['KPLAY_CASE'] = 'from the environment'
os.environ['TZ'] = 'UTC'

if version >= (2, 19):
    from ansible.template import trust_as_template
else:
    from ansible.playbook.conditional import Conditional
    from jinja2.runtime import Undefined

    def trust_as_template(text):
        return text


def trusted(value):
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, list):
        return [trusted(item) for item in value]
    return {key: trusted(item) for key, item in value.items()} if isinstance(value, dict) else value


def encode(value):
    if version < (2, 19) and isinstance(value, Undefined):
        str(value)
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return value if abs(value) < 2 ** 53 else {'$int': str(int(value))}
    if isinstance(value, float):
        whole = value != value or abs(value) == float('inf') or value == int(value)
        return {'$float': repr(float(value))} if whole else value
    if isinstance(value, tuple):
        return {'$tuple': [encode(item) for item in value]}
    if isinstance(value, (list, range, MappingView, Iterator, set)):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {str(key): encode(item) for key, item in value.items()}
        return {'$dict': [[encode(key), encode(item)] for key, item in value.items()]}
    kind = type(value)
    name = next((base.__name__ for base in (datetime.datetime, datetime.date, datetime.timedelta) if isinstance(value, base)), kind.__name__)
    return {'$text': str(value), '$type': name.lstrip('_')}


def variables():
    with open(os.path.join(here, 'variables.yml')) as file:
        values = trusted(yaml.safe_load(file))
    return {**values, 'ansible_search_path': [here], 'playbook_dir': here, 'role_path': here}


loader = DataLoader()
loader.set_basedir(here)


def run_new(kind, source):
    templar = Templar(loader, variables=variables())
    if kind == 'expr':
        return templar.evaluate_expression(trust_as_template(source))
    if kind == 'test':
        return templar.evaluate_conditional(trust_as_template(source))
    if kind == 'file':
        templar = templar.copy_with_new_env(searchpath=[os.path.join(here, 'templates')])
        # As the module template writes it.
        result = templar.template(trust_as_template(source), escape_backslashes=False, overrides={'trim_blocks': True})
        return '' if result is None else str(result)
    return templar.template(trust_as_template(source))


def run_old(kind, source):
    values = variables()
    templar = Templar(loader, variables=values)
    templar.environment.loader.searchpath = [os.path.join(here, 'templates')]
    if kind == 'text':
        return templar.template(source)
    if kind == 'file':
        return templar.template(source, convert_data=False, escape_backslashes=False)
    if kind == 'test':
        condition = Conditional(loader=loader)
        condition.when = [source]
        return bool(condition.evaluate_conditional(templar, values))
    return templar.environment.compile_expression(source, undefined_to_none=False)(**{**templar.environment.globals, **values})


def chain_of(error):
    chain = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


def record(kind, source):
    try:
        result = encode((run_new if version >= (2, 19) else run_old)(kind, source))
        return {'kind': kind, 'source': source, 'result': result}
    except Exception as error:
        chain = chain_of(error)
        undefined = any('Undefined' in type(one).__name__ or 'undefined' in str(one) for one in chain)
        return {'kind': kind, 'source': source, 'error': str(chain[-1]).split('\n')[0][:200], 'undefined': undefined}


def cases():
    for kind in ('expr', 'text', 'file', 'test'):
        with open(os.path.join(here, 'cases', kind + '.txt')) as file:
            content = file.read()
        if kind == 'file':
            yield from ((kind, source) for source in content.split('\n----\n') if source)
            continue
        lines = content.rstrip('\n').split('\n')
        yield from ((kind, line.replace('⏎', '\n')) for line in lines if line and not line.startswith('## '))


lines = []
for case in cases():
    if not has_collections and re.search(r'(ansible\.utils|community\.general)\.|json_query', case[1]):
        continue
    if '--verbose' in sys.argv:
        print(*case, file=sys.stderr, flush=True)
    lines.append(json.dumps(record(*case), ensure_ascii=False))
with open(os.path.join(here, 'recorded-%d.%d.json' % version), 'w') as out:
    out.write('[\n' + ',\n'.join(lines) + '\n]\n')
print(len(lines), 'cases recorded of', __version__, file=sys.stderr)
