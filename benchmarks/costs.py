"""Costs that are paid once a process: imports, each in fresh processes that take turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

PROBE = """
import time
import torch
start = time.perf_counter()
import {package}
print(time.perf_counter() - start)
"""


def import_seconds(packages: list[str], rounds: int) -> dict[str, float]:
    """The median time of `import package` after `import torch`, in seconds.

    Args:
        packages: what to import.
        rounds: fresh processes for each package, in turn.
    """
    times: dict[str, list[float]] = {package: [] for package in packages}
    for _ in range(rounds):
        for package in packages:
            times[package].append(float(run(PROBE.format(package=package))))
    return {package: statistics.median(values) for package, values in times.items()}


def run(code: str, *arguments: str) -> str:
    """What a fresh interpreter prints for `code`."""
    command = [sys.executable, "-c", code, *arguments]
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"a benchmark process failed:\n{done.stderr}")
    return done.stdout.strip().splitlines()[-1]
