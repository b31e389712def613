"""The public surface is a checked-in list, and parity with Keras a number that only goes up."""

from __future__ import annotations

import types

import pytest

from tests import names

REWRITE = "run `python -m tests.names` and review the difference"


def modules_with_all() -> dict[str, types.ModuleType]:
    found = {k: v for k, v in names.public_objects().items() if isinstance(v, types.ModuleType)}
    import kerastorch

    return {"kerastorch": kerastorch, **found}


def test_the_public_names_are_the_listed_ones():
    listed, actual = names.read(names.PUBLIC), names.public_names()
    assert sorted(actual - listed) == [], f"new public names: {REWRITE}"
    assert sorted(listed - actual) == [], f"public names are gone: {REWRITE}"


def test_a_name_of_keras_once_offered_stays():
    gone = names.missing_names() - names.read(names.NOT_OFFERED)
    assert sorted(gone) == [], "names of Keras that were offered are gone"


def test_names_of_keras_now_offered_leave_the_list():
    arrived = names.read(names.NOT_OFFERED) - names.missing_names()
    assert sorted(arrived) == [], f"now offered: {REWRITE}"


def test_the_list_of_missing_names_holds_only_names_of_keras():
    assert names.read(names.NOT_OFFERED) <= names.keras_names()


@pytest.mark.parametrize("path", [names.PUBLIC, names.NOT_OFFERED, names.KERAS], ids=lambda p: p.stem)
def test_lists_are_sorted_and_without_repeats(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert lines == sorted(set(lines))


def test_no_index_repeats_a_name():
    indexes = {name: list(getattr(module, "__all__", ())) for name, module in modules_with_all().items()}
    assert [name for name, index in indexes.items() if len(index) != len(set(index))] == []
