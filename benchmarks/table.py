"""The table that is printed: one row a measurement and contestant."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

UNITS = {"us": 1e6, "ms": 1e3, "s": 1.0}


@dataclass(frozen=True)
class Row:
    """One figure.

    Args:
        measurement: what was measured.
        contestant: who was measured.
        value: the median, in `unit`.
        unit: the unit of `value`.
        ratio: `value` in units of the base contestant's, where there is one.
        owed: the most, or the least, that `ratio` or `value` may be.
        met: whether it is kept, where something is owed.
    """

    measurement: str
    contestant: str
    value: float
    unit: str
    ratio: float | None = None
    owed: str = ""
    met: bool | None = None

    def owing(self, owed: str, met: bool) -> Row:
        """The same row with a goal and whether it is kept."""
        return replace(self, owed=owed, met=met)

    def as_dict(self) -> dict[str, object]:
        """The row for JSON."""
        return asdict(self)


def render(rows: list[Row]) -> str:
    """The rows as a table in Markdown, which reads well in a terminal too."""
    lines = [("measurement", "contestant", "median", "ratio", "owed", "")]
    last = ""
    for row in rows:
        title = "" if row.measurement == last else row.measurement
        last = row.measurement
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        verdict = {None: "", True: "ok", False: "MISSED"}[row.met]
        lines.append((title, row.contestant, f"{_number(row.value)} {row.unit}", ratio, row.owed, verdict))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = [_line(line, widths) for line in lines]
    rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
    return "\n".join([text[0], rule, *text[1:]])


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    aligned = [
        c.rjust(w) if i in (2, 3) else c.ljust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))
    ]
    return "| " + " | ".join(aligned) + " |"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
