"""The command line: `python -m benchmarks [--quick] [--workloads MLP CNN] [--json FILE] ...`."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from benchmarks import files, metrics, ops, optimizers, suite
from benchmarks.measure import device
from benchmarks.table import Row, render
from benchmarks.workloads import WORKLOADS

PARTS = ("speed", "data", "optimizers", "metrics", "ops", "import", "memory", "files")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one short round of everything, to see that it runs"
    )
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument(
        "--frameworks", nargs="+", choices=("keras", "kerastorch"), default=["keras", "kerastorch"]
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=15, help="turns of everyone (default: 15)")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch, for everyone (default: 2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to a file")
    return parser.parse_args(arguments)


def note(text: str) -> None:
    """Says what goes on, beside the table."""
    print(text, file=sys.stderr, flush=True)


def measure(options: argparse.Namespace, settings: suite.Settings) -> Iterable[Row]:
    """All rows that the options ask for."""
    workloads = [WORKLOADS[name] for name in options.workloads]
    found: list[Row] = []
    for workload in workloads if "speed" in options.parts else ():
        note(f"{workload.name}: speed")
        found += suite.speed(workload, settings, note)
    yield from found
    yield from suite.geometric_mean(found)
    if "data" in options.parts and "kerastorch" in options.frameworks:
        yield from suite.data(WORKLOADS["MLP"], settings, note)
    if "optimizers" in options.parts:
        yield from optimizers.steps(options.frameworks, settings.rounds, note)
    if "metrics" in options.parts:
        yield from metrics.updates(options.frameworks, settings.rounds, note)
    if "ops" in options.parts and "kerastorch" in options.frameworks:
        yield from ops.calls(settings.rounds, note)
    if "import" in options.parts:
        note("import")
        yield from suite.imports(settings)
    if "memory" in options.parts:
        note("memory")
        for workload in workloads:
            yield from suite.peaks(workload, settings)
        yield from suite.flatness(WORKLOADS["MLP"], settings)
    if "files" in options.parts:
        mib = 16 if options.quick else 1024
        yield from files.rows(settings.packages, mib, settings.processes, settings.threads, note)


def environment(options: argparse.Namespace) -> dict[str, str]:
    """What the figures depend on."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if device().type == "cuda" else "CPU",
        "threads": str(options.threads),
        "rounds": str(options.rounds),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints the table."""
    options = parse(arguments)
    if options.quick:
        options.rounds = 1
    torch.set_num_threads(options.threads)
    settings = suite.Settings(
        packages=tuple(options.frameworks),
        rounds=options.rounds,
        epochs=1 if options.quick else 0,
        processes=1 if options.quick else 7,
        threads=options.threads,
        batches=10 if options.quick else 200,
    )
    rows = list(measure(options, settings))
    about = environment(options)
    print(", ".join(f"{key} {value}" for key, value in about.items()), render(rows), sep="\n\n")
    if options.json:
        report = {"environment": about, "rows": [row.as_dict() for row in rows]}
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
