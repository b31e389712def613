"""Every example in a docstring runs and prints what it says, module by module."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.source import package

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
WITH_EXAMPLES = sorted(name for name, source in package().items() if ">>> " in source.text)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    module = importlib.import_module(name)
    for example in doctest.DocTestFinder().find(module):
        runner.run(example, out=report.append)
    assert runner.tries > 0, "no example was found"
    assert runner.failures == 0, "".join(report)


def test_modules_with_examples_are_found():
    assert "kerastorch.naming" in WITH_EXAMPLES
