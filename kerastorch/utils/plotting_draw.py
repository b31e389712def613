"""Drawing the picture of a model with matplotlib, where Graphviz is not installed."""

from __future__ import annotations

import functools
import warnings
from typing import Any

from kerastorch.errors import InvalidArgumentError
from kerastorch.utils.plotting_graph import Box, Cell, Frame
from kerastorch.utils.plotting_layout import Layout, lay_out

_TITLE, _TEXT = 13.0, 11.0  # sizes of letters in points
_PADDING = 8.0
_MARGIN = 12.0
_LABEL = 18.0  # height of a frame's name
_MOST_PIXELS = 2**16 - 1  # in each direction


def draw(frame: Frame, path: str, extension: str, rankdir: str = "TB", dpi: float = 200) -> None:
    """Draws a picture into a file.

    Args:
        frame: what is shown.
        path: the path of the file.
        extension: the file's format: `"png"`, `"pdf"`, `"svg"`, `"jpg"` and what else matplotlib writes.
        rankdir: from where to where the edges go.
        dpi: pixels an inch. Default: 200.

    Raises:
        InvalidArgumentError: when matplotlib does not know the format.
        ImportError: when there is no matplotlib.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    layout = lay_out(frame, _size, rankdir, _LABEL)
    width, height = layout.breadth + 2 * _MARGIN, layout.depth + 2 * _MARGIN
    figure = Figure(figsize=(width / 72, height / 72))
    known = figure.canvas.get_supported_filetypes()
    if extension not in known:
        raise InvalidArgumentError(
            f"Pictures in the format {extension!r} cannot be drawn without Graphviz. Received: to_file={path!r}. "
            f"Expected one of {sorted(known)}, or 'dot' for the source text."
        )
    most = _MOST_PIXELS * 72 / max(width, height)
    if dpi > most:
        warnings.warn(
            f"The picture of model {frame.name!r} has {most:.0f} dots per inch in place of {dpi}: it would be larger "
            f"than {_MOST_PIXELS} pixels. A PDF or SVG has no such limit.",
            stacklevel=3,
        )
        dpi = most
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-_MARGIN, width - _MARGIN)
    axes.set_ylim(height - _MARGIN, -_MARGIN)
    axes.axis("off")
    _draw_all(axes, layout)
    with rc_context(
        {"text.hinting": "none"}
    ):  # letters moved to whole pixels grow wider than they were measured
        figure.savefig(path, format=extension, dpi=dpi, facecolor="white")


def _draw_all(axes: Any, layout: Layout) -> None:
    from matplotlib.patches import Rectangle

    for name, x, y, width, height in layout.frames:
        axes.add_patch(Rectangle((x, y), width, height, fill=False, linestyle="--", edgecolor="#555555"))
        axes.text(x + _PADDING, y + _LABEL / 2 + 2, name, size=_TEXT, va="center", color="#333333")
    for line in layout.lines:
        _draw_line(axes, line)
    for box, place in layout.boxes.items():
        _draw_box(axes, box, *place)


def _draw_line(axes: Any, line: list[tuple[float, float]]) -> None:
    axes.plot(*zip(*line[:-1], strict=True), color="black", linewidth=1.4, solid_joinstyle="round")
    arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=line[-1], xytext=line[-2], arrowprops=arrow | {"mutation_scale": 13})


def _draw_box(axes: Any, box: Box, x: float, y: float, width: float, height: float) -> None:
    row_height = height / (1 + len(box.rows))
    _draw_cell(axes, [(box.title, True), (box.detail, False)], _TITLE, "black", x, y, width, row_height)
    for number, row in enumerate(box.rows, 1):
        widths = [_cell_width(cell) for cell in row]
        scale = width / sum(widths)
        left = x
        for cell, own in zip(row, widths, strict=True):
            words = [(cell.label, False), (cell.value, True)]
            _draw_cell(
                axes, words, _TEXT, cell.colour, left, y + number * row_height, own * scale, row_height
            )
            left += own * scale


def _draw_cell(
    axes: Any,
    words: list[tuple[str, bool]],
    size: float,
    colour: str | None,
    x: float,
    y: float,
    width: float,
    height: float,
) -> None:
    """A rectangle with words in its middle, each bold or not."""
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((x, y), width, height, facecolor=colour or "white", edgecolor="black", linewidth=1)
    )
    left = x + (width - sum(_text_width(text, size, bold) for text, bold in words)) / 2
    for text, bold in words:
        axes.text(
            left,
            y + height / 2,
            text.replace("$", r"\$"),
            size=size,
            weight="bold" if bold else "normal",
            color="white" if colour else "black",
            va="center_baseline",
        )
        left += _text_width(text, size, bold)


def _size(box: Box) -> tuple[float, float]:
    title = _text_width(box.title, _TITLE, True) + _text_width(box.detail, _TITLE, False) + 2 * _PADDING
    rows = [sum(_cell_width(cell) for cell in row) for row in box.rows]
    return max([title, *rows]), (_TITLE + 2 * _PADDING) * (1 + len(box.rows))


def _cell_width(cell: Cell) -> float:
    return _text_width(cell.label, _TEXT, False) + _text_width(cell.value, _TEXT, True) + 2 * _PADDING


@functools.lru_cache(maxsize=4096)
def _text_width(text: str, size: float, bold: bool) -> float:
    """The width in points, trailing spaces included."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text:
        return 0.0
    font = FontProperties(weight="bold" if bold else "normal")

    def width(words: str) -> float:
        return TextPath((0, 0), words.replace("$", r"\$"), size=size, prop=font).get_extents().x1

    return width(f"{text}|") - width("|")  # no pair of letters with a bar is set closer together
