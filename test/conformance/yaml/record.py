#!/usr/bin/env python3
"""Records what Ansible's YAML loader (PyYAML) makes of test/fixtures/language/yaml/cases.json, beside it in recorded.json.
Run it with the Python of an ansible-core 2.19 or newer after cases were added: v/bin/python test/conformance/yaml/record.py"""
import datetime
import json
import pathlib
import warnings

from ansible.parsing.yaml.loader import AnsibleLoader
from ansible.template import is_trusted_as_template, trust_as_template

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
        return {'$date': str(value)}
    if isinstance(value, str):
        return str(value) if is_trusted_as_template(value) else {'$unsafe': str(value)}
    if isinstance(value, bytes):
        return value.decode()  # Which is text in kplay.
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    # JavaScript's objects move keys that look like whole numbers.
    if all(isinstance(key, str) and not key.isdigit() for key in value):
        return {str(key): plain(entry) for key, entry in value.items()}
    return {'$dict': [[str(key) if isinstance(key, str) else plain(key), plain(entry)] for key, entry in value.items()]}


def record(text):
    try:
        return {'text': text, 'value': plain(AnsibleLoader(trust_as_template(text)).get_single_data())}
    except Exception as error:
        return {'text': text, 'error': type(error).__name__}


cases = json.loads((folder / 'cases.json').read_text())
recorded = [record(text) for text in cases]
(folder / 'recorded.json').write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + '\n')
print(len(recorded), 'cases recorded')
