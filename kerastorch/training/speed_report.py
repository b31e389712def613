"""The answer of `explain_speed`: what a training step spends its time on."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from kerastorch.core.notebook import html_table

_HEADER = ("part", "ms a step", "share", "advice")


@dataclass(frozen=True)
class Row:
    """A part of the training step.

    Attributes:
        name: what is done.
        milliseconds: the time in one step.
        share: its share of the step, from 0 to 1.
        advice: what would make it shorter, empty where it is not worth it.
    """

    name: str
    milliseconds: float
    share: float
    advice: str = ""


@dataclass(frozen=True)
class SpeedReport:
    """What a training step spends its time on. Its text is a table, also in a notebook.

    Attributes:
        rows: the parts; together they are the whole step.
        steps: how many steps were measured.
        samples: samples in a step, on average.
        device: where the model computes.
        unwatched: milliseconds of a step as `fit` runs it, without a stopwatch; None where the data ended before.

    Example:
        >>> report = SpeedReport((Row("forward", 1.5, 0.75), Row("backward", 0.5, 0.25)), 10, 32, "cpu", 1.9)
        >>> report.milliseconds, report.samples_per_second
        (2.0, 16000.0)
        >>> print(report)
        A training step of 32 samples on cpu takes 2.000 ms: 16,000 samples a second (mean of 10 steps).
        part      ms a step   share  advice
        forward       1.500   75.0%
        backward      0.500   25.0%
        total         2.000  100.0%
        Without the stopwatch, as `fit` runs it, a step takes 1.900 ms.
    """

    rows: tuple[Row, ...]
    steps: int
    samples: float
    device: str
    unwatched: float | None = None

    @property
    def milliseconds(self) -> float:
        """The time of a step: the sum of the rows."""
        return sum(row.milliseconds for row in self.rows)

    @property
    def samples_per_second(self) -> float:
        """How many samples a second such steps train on."""
        return 1000.0 * self.samples / self.milliseconds

    def to_dict(self) -> dict:
        """Returns the numbers as plain values; `"rows"` has a dictionary for each part."""
        return {
            **asdict(self),
            "rows": [asdict(row) for row in self.rows],
            "milliseconds": self.milliseconds,
            "samples_per_second": self.samples_per_second,
        }

    def __str__(self) -> str:
        cells = [_HEADER, *self._cells()]
        widths = [max(len(row[column]) for row in cells) for column in range(3)]
        lines = [
            f"{name:<{widths[0]}}  {time:>{widths[1]}}  {share:>{widths[2]}}  {advice}".rstrip()
            for name, time, share, advice in cells
        ]
        return "\n".join([self._title(), *lines, *self._rest()])

    def _repr_html_(self) -> str:
        return html_table(" ".join([self._title(), *self._rest()]), _HEADER, self._cells())

    def _cells(self) -> list[tuple[str, ...]]:
        rows = [*self.rows, Row("total", self.milliseconds, 1.0)]
        return [(r.name, f"{r.milliseconds:.3f}", f"{r.share:.1%}", r.advice) for r in rows]

    def _title(self) -> str:
        return (
            f"A training step of {self.samples:g} samples on {self.device} takes {self.milliseconds:.3f} ms: "
            f"{self.samples_per_second:,.0f} samples a second (mean of {self.steps} steps)."
        )

    def _rest(self) -> list[str]:
        if self.unwatched is None:
            return []
        return [f"Without the stopwatch, as `fit` runs it, a step takes {self.unwatched:.3f} ms."]
