"""Prints every result of a run of Ansible as a line of JSON: the task's name and how it ended."""

from __future__ import annotations

import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: battery_lines
type: stdout
short_description: a line of JSON a result
description: for kplay's comparison
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'battery_lines'

    def _line(self, result, ending):
        task = result.task if hasattr(result, 'task') else result._task
        fields = result.result if hasattr(result, 'result') else result._result
        words = fields.get('msg', '')
        print(json.dumps({'name': task.get_name(), 'ending': ending, 'words': str(words)[:300]}), flush=True)

    def v2_runner_on_ok(self, result):
        fields = result.result if hasattr(result, 'result') else result._result
        self._line(result, 'changed' if fields.get('changed') else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._line(result, 'failed')

    def v2_runner_on_skipped(self, result):
        self._line(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        self._line(result, 'unreachable')
