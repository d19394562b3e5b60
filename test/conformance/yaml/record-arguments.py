#!/usr/bin/python3
"""Records what Ansible's argument validation makes of the cases in test/fixtures/language/arguments.json, in place.
Run it with Debian's python3 and ansible-core: test/conformance/yaml/record-arguments.py"""
import json
import pathlib

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

file = pathlib.Path(__file__).resolve().parents[2] / 'fixtures' / 'language' / 'arguments.json'
rules = ('mutually_exclusive', 'required_together', 'required_one_of', 'required_if', 'required_by')


def record(case):
    spec = json.loads(json.dumps(case['spec']))
    validator = ArgumentSpecValidator(spec, **{name: case[name] for name in rules if name in case})
    result = validator.validate(case['args'])
    values = {key: value for key, value in result.validated_parameters.items() if value is not None}
    outcome = {'failed': True} if result.error_messages else {'values': values}
    return {**{key: case[key] for key in ('spec', 'args', *rules) if key in case}, **outcome}


cases = json.loads(file.read_text())
file.write_text('[\n' + ',\n'.join(json.dumps(record(case)) for case in cases) + '\n]\n')
