"""Renders the cases that stand on standard input (JSON) with Jinja2, and prints the median of each in milliseconds as JSON."""
import json
import pathlib
import statistics
import sys
import tempfile
import time

import jinja2

medians = []
for case in json.load(sys.stdin):
    # Files, which are looked at each time whether they have changed, as Ansible has it.
    folder = tempfile.TemporaryDirectory()
    for name, text in case['files'].items():
        pathlib.Path(folder.name, name).write_text(text)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder.name), trim_blocks=True)
    environment.filters['to_json'] = json.dumps
    compiled = [environment.from_string(text) for text in case['templates']]
    expected = ''.join(template.render(case['variables']) for template in compiled)
    times = []
    for _ in range(case['rounds']):
        start = time.perf_counter()
        if case['compiles']:
            compiled = [environment.from_string(text) for text in case['templates']]
        text = ''.join(template.render(case['variables']) for template in compiled)
        times.append((time.perf_counter() - start) * 1000)
        assert text == expected
    medians.append({'median': statistics.median(times), 'text': expected})
json.dump(medians, sys.stdout)
