"""Hostile files do nothing: an error that is documented, and no trace anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.security import archives, checkpoints, configs, downloads, fuzz, hdf5, numbers, tensors
from tests.security.guard import Case, Outcome, guarding

TABLES = (configs, numbers, hdf5, checkpoints, tensors, archives, downloads, fuzz)


# Seconds each: bombs are unpacked up to their bounds, many layers are made. Smaller ones of the kind run by default.
LONG = ("S12 bomb as", "S12 bomb of", "S12 total", "S15 layers", "S15 many at once")


def rows() -> Iterator[object]:
    for table in TABLES:
        name = table.__name__.rpartition(".")[2]
        for case in table.CASES:
            marks = [pytest.mark.sweep] if case.name.startswith(LONG) else []
            yield pytest.param(table.__name__, case, id=f"{name}: {case.name}", marks=marks)
        for case in getattr(table, "SWEEP", ()):
            yield pytest.param(table.__name__, case, id=f"{name}: {case.name}", marks=pytest.mark.sweep)


@pytest.fixture(scope="module")
def outcome_of() -> Iterator[Callable[[str, str], Outcome]]:
    with guarding(table.__name__ for table in TABLES) as ask:
        yield ask


@pytest.mark.parametrize(("table", "case"), list(rows()))
def test_a_hostile_file_does_nothing(outcome_of: Callable, table: str, case: Case) -> None:
    outcome = outcome_of(table, case.name)
    assert outcome.wrong is None, outcome
    assert outcome.exit == 0, outcome
    assert outcome.events == (), outcome
    assert outcome.documented, outcome.text
    assert outcome.peak < case.peak, outcome
    assert case.error is None or case.error in outcome.error, (case.error, outcome)


def test_names_of_cases_are_their_own() -> None:
    for table in TABLES:
        names = [case.name for case in (*table.CASES, *getattr(table, "SWEEP", ()))]
        assert len(set(names)) == len(names)
