#!/usr/bin/python3
"""Records what Ansible's YAML loader (PyYAML) makes of test/fixtures/language/yaml/cases.json, beside it in recorded.json.
Run it with Debian's python3 and ansible-core after cases were added: test/conformance/yaml/record.py"""
import datetime
import json
import pathlib
import warnings

from ansible.parsing.yaml.loader import AnsibleLoader
from ansible.utils.unsafe_proxy import AnsibleUnsafe

warnings.simplefilter('ignore')
folder = pathlib.Path(__file__).resolve().parents[2] / 'fixtures' / 'language' / 'yaml'


def plain(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {'$int': str(value)}
    if isinstance(value, float):
        return {'$float': repr(value)}
    if isinstance(value, (datetime.date, datetime.datetime)):
        return {'$date': True}
    if isinstance(value, AnsibleUnsafe):
        return {'$unsafe': str(value)}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        return value.decode()  # Which is text in kplay.
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return {str(key): plain(entry) for key, entry in value.items()}


def record(text):
    try:
        return {'text': text, 'value': plain(AnsibleLoader(text).get_single_data())}
    except Exception as error:
        return {'text': text, 'error': type(error).__name__}


cases = json.loads((folder / 'cases.json').read_text())
recorded = [record(text) for text in cases]
(folder / 'recorded.json').write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + '\n')
print(len(recorded), 'cases recorded')
