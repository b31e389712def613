"""The notebooks run from a clean kernel and show what is stored in them."""

from __future__ import annotations

import re

import pytest
from nbformat import NotebookNode

from tutorials import build

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
ESCAPE = re.compile(r"\x1b\[\d*m")
PLACE = re.compile(r"(?:/(?:home|root|Users|tmp|work|opt|var)/|[A-Z]:\\)")
MOST_BYTES = 300_000


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell: NotebookNode) -> list[tuple[str, set[str]]]:
    """The kinds of what a cell shows and its lines, with a mark for every number and blanks left out.

    Lines that differ in their numbers alone count once, so an epoch more or less changes nothing.
    """
    found = []
    for output in cell.outputs:
        data = output.get("data", {})
        text = ESCAPE.sub("", output.get("text", "") or data.get("text/plain", ""))
        lines = {NUMBER.sub("#", " ".join(line.split())) for line in text.splitlines()}
        found.append((" ".join([output.output_type, output.get("name", ""), *sorted(data)]), lines))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", build.NOTEBOOKS)
def test_a_notebook_shows_what_is_stored(name, tmp_path):
    stored, run = build.read(name), build.run(name, str(tmp_path))
    for old, new in zip(code_cells(stored), code_cells(run), strict=True):
        assert shown(old) == shown(new), (
            f"{name} shows something else now; run tutorials/build.py\n{old.source}"
        )


@pytest.mark.parametrize("name", build.NOTEBOOKS)
def test_a_notebook_is_stored_as_it_was_run(name):
    cells = code_cells(build.read(name))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert any(output.output_type == "stream" for output in outputs)
    assert all(output.output_type != "error" and output.get("name") != "stderr" for output in outputs)


@pytest.mark.parametrize("name", build.NOTEBOOKS)
def test_a_notebook_is_small_and_names_no_machine(name):
    text = (build.FOLDER / name).read_text(encoding="utf-8")
    assert len(text) < MOST_BYTES
    assert not PLACE.search(re.sub(r'"image/png": "[^"]*"', "", text))
