#!/usr/bin/python3
"""Records how Ansible splits arguments in the short form, into test/fixtures/language/key-values.json, whose texts it
reads. Run it with Debian's python3 and ansible-core: test/conformance/yaml/record-key-values.py"""
import json
import pathlib

from ansible.parsing.splitter import parse_kv

file = pathlib.Path(__file__).resolve().parents[2] / 'fixtures' / 'language' / 'key-values.json'


def split(text, free_form):
    try:
        return parse_kv(text, check_raw=free_form)
    except Exception:
        return None


recorded = [
    {'text': case['text'], 'values': split(case['text'], False), 'freeForm': split(case['text'], True)}
    for case in json.loads(file.read_text())
]
file.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + '\n')
