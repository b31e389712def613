"""Time of one metric update, kerastorch beside Keras on torch."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from benchmarks.frameworks import TITLES
from benchmarks.measure import Times, device, medians, ratio, take_turns
from benchmarks.table import Row

OURS, THEIRS = TITLES["kerastorch"], TITLES["keras"]
PACKAGES = {"kerastorch": OURS, "keras": THEIRS}
MOST = 3.0  # what 200 thresholds may cost, in updates of the binary accuracy
CLASSES = 20
SIZES = {32: 200, 1024: 100, 65536: 5}  # samples -> calls in one turn


@dataclass(frozen=True)
class Case:
    """A metric, its arguments and the kind of its data.

    Args:
        name: the class in Keras and kerastorch.
        data: `"binary"`, `"labels"`, `"one-hot"`, `"ids"` or `"numbers"`.
        options: its arguments.
        weighted: whether there is a weight for each sample.
    """

    name: str
    data: str = "binary"
    options: Mapping[str, Any] = field(default_factory=dict)
    weighted: bool = False

    def __str__(self) -> str:
        details = [f"{key}={value}" for key, value in self.options.items()]
        return ", ".join([self.name, *details, *(["weights"] if self.weighted else [])])


BASE = Case("BinaryAccuracy")
CURVES = (Case("AUC"), Case("AUC", weighted=True), Case("AUC", options={"curve": "PR"}))
CASES = (
    Case("BinaryAccuracy", weighted=True),
    *CURVES,
    Case("AUC", "one-hot", {"multi_label": True}),
    Case("AUC", options={"thresholds": [0.1, 0.3, 0.35, 0.8]}),
    Case("Precision"),
    Case("Recall", options={"thresholds": [0.3, 0.5, 0.7]}),
    Case("SensitivityAtSpecificity", options={"specificity": 0.5}),
    Case("SparseCategoricalAccuracy", "labels"),
    Case("CategoricalAccuracy", "one-hot"),
    Case("SparseTopKCategoricalAccuracy", "labels"),
    Case("F1Score", "one-hot"),
    Case("MeanIoU", "ids", {"num_classes": CLASSES}),
    Case("SparseCategoricalCrossentropy", "labels"),
    Case("MeanSquaredError", "numbers"),
    Case("RootMeanSquaredError", "numbers"),
    Case("R2Score", "numbers"),
)


def batch(kind: str, samples: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Targets and predictions, the same for each contestant."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, CLASSES, (samples,), generator=generator)
    scores = torch.rand(samples, CLASSES, generator=generator).softmax(-1)
    single = torch.rand(samples, 1, generator=generator)
    return {
        "binary": ((single + labels[:, None] / CLASSES > 1).float(), single),
        "labels": (labels, scores),
        "one-hot": (torch.nn.functional.one_hot(labels, CLASSES).float(), scores),
        "ids": (labels, labels.flip(0)),
        "numbers": (labels[:, None].float(), single * CLASSES),
    }[kind]


def update(package: str, case: Case, samples: int) -> Callable[[], object]:
    """An update of a metric with one batch on the device."""
    metric = getattr(importlib.import_module(package).metrics, case.name)(**case.options)
    y_true, y_pred = (part.to(device()) for part in batch(case.data, samples))
    weight = torch.linspace(0, 1, samples, device=device()) if case.weighted else None
    return lambda: metric.update_state(y_true, y_pred, sample_weight=weight)


def beside_accuracy(samples: int, rounds: int) -> Iterator[Row]:
    """What a curve of 200 thresholds costs, in updates of the binary accuracy: at most three."""
    actions = {str(case): update("kerastorch", case, samples) for case in (BASE, *CURVES[:1], *CURVES[2:])}
    times = take_turns(actions, rounds, SIZES[samples], warm_up=3)
    for name in list(actions)[1:]:
        row = _row(f"{name}: update beside {BASE}'s, {samples:,} samples", name, times, str(BASE), OURS)
        yield row.owing(f"<= {MOST:.2f}", row.ratio is not None and round(row.ratio, 2) <= MOST)


def updates(packages: Sequence[str], rounds: int, note: Callable[[str], None]) -> Iterator[Row]:
    """Rows for all metrics and sizes of batches."""
    for samples, repeats in SIZES.items():
        if "kerastorch" in packages:
            yield from beside_accuracy(samples, rounds)
        for case in (BASE, *CASES):
            title = f"{case}: update, {samples:,} samples"
            note(title)
            times = take_turns(
                {PACKAGES[package]: update(package, case, samples) for package in packages},
                rounds,
                repeats,
                3,
            )
            for name in times:
                yield _row(title, name, times, THEIRS if THEIRS in times else name, name)


def _row(title: str, name: str, times: Times, base: str, contestant: str) -> Row:
    return Row(title, contestant, medians(times)[name] * 1e6, "us", ratio(times, name, base))
