"""Runs the notebooks of this folder from a clean kernel and writes what they show into them.

Edit a notebook in Jupyter or any editor, then let this script fill in its outputs. Progress bars are stored as they
look at their end, and without the times, so that a second run changes a file only where its results changed.

    python tutorials/build.py                   # all of them
    python tutorials/build.py 3_data.ipynb      # one
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).parent
NOTEBOOKS = tuple(sorted(path.name for path in FOLDER.glob("*.ipynb")))

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_ENVIRONMENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",  # models this small are fastest on one core
}
# Bars as text: a widget would show nothing where the stored notebook is only displayed.
_NO_WIDGETS = "--IPKernelApp.exec_lines=__import__('sys').modules['ipywidgets'] = None"
_BOLD = r"(?:\x1b\[1m)?", r"(?:\x1b\[0m)?"
_BAR_TIMES = re.compile(rf" {_BOLD[0]}\d+(?::\d+)*s?{_BOLD[1]} \d+(?:s|ms|us)/step")
_LINE_TIMES = re.compile(r" - \d+s - \d+(?:s|ms|us)/step")


def read(name: str) -> NotebookNode:
    """A notebook of this folder as it is stored."""
    return nbformat.read(FOLDER / name, as_version=4)


def run(name: str, folder: str) -> NotebookNode:
    """Runs a notebook in a kernel of its own and returns it with tidy outputs.

    Args:
        name: the file's name.
        folder: the folder that the kernel works in, where the notebook leaves its files.

    Raises:
        CellExecutionError: when a cell raises.
    """
    notebook = read(name)
    place = {"metadata": {"path": folder}}
    client = NotebookClient(
        notebook, timeout=120, record_timing=False, resources=place, extra_arguments=[_NO_WIDGETS]
    )
    client.execute(env={**os.environ, **_ENVIRONMENT})
    notebook.metadata = nbformat.from_dict(_METADATA)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    return notebook


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Streams in one piece, as a person sees them."""
    found: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and found and found[-1].get("name") == output.name:
            found[-1].text += output.text
        else:
            found.append(output)
    for output in found:
        if output.output_type == "stream":
            output.text = _as_seen(output.text)
    return found


def _as_seen(text: str) -> str:
    """What stands there after every carriage return has overwritten its line, without the times."""
    lines = [line.rpartition("\r")[2].rstrip() for line in text.split("\n")]
    return _LINE_TIMES.sub("", _BAR_TIMES.sub("", "\n".join(lines)))


def main(names: list[str]) -> None:
    """Runs the notebooks with these names, or all, and stores their outputs."""
    for name in names or NOTEBOOKS:
        with tempfile.TemporaryDirectory() as folder:
            notebook = run(name, folder)
        nbformat.write(notebook, FOLDER / name)
        print(f"{name}: {(FOLDER / name).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
