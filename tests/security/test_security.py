"""Hostile files do nothing: an error that is documented, and no trace anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security import archives, checkpoints, configs, downloads, fuzz, hdf5
from tests.security.guard import Case, Outcome, outcomes_of

TABLES = {
    **{"configs": configs, "hdf5": hdf5, "checkpoints": checkpoints, "archives": archives},
    **{"downloads": downloads, "fuzz": fuzz},
}


def rows() -> Iterator[object]:
    for table, module in TABLES.items():
        for name, marks in (("CASES", ()), ("SWEEP", (pytest.mark.sweep,))):
            for case in getattr(module, name, ()):
                yield pytest.param((table, name), case, id=f"{table}: {case.name}", marks=marks)


@pytest.fixture(scope="module")
def outcomes() -> dict[tuple[str, str], dict[str, Outcome]]:
    """What became of the cases, by table and list; a table is run when its first case is asked for."""
    return {}


@pytest.mark.parametrize(("source", "case"), list(rows()))
def test_a_hostile_file_does_nothing(source: tuple[str, str], case: Case, outcomes: dict) -> None:
    if source not in outcomes:
        table, name = source
        outcomes[source] = outcomes_of(f"tests.security.{table}", name)
    outcome = outcomes[source][case.name]
    assert outcome.wrong is None, outcome
    assert outcome.exit == 0, outcome
    assert outcome.events == (), outcome
    assert outcome.documented, outcome.text
    assert outcome.peak < case.peak, outcome
    assert case.error is None or case.error in outcome.error, (case.error, outcome)
