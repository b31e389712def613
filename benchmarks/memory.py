"""Memory, each contestant in a process of its own.

`python -m benchmarks.memory loop MLP 2` prints one JSON object: the peak of the resident memory of a
process that trains, and how much memory 2,000 further steps add once training is warm.
"""

from __future__ import annotations

import gc
import json
import re
import sys
import tracemalloc
from pathlib import Path

import torch

from benchmarks import costs
from benchmarks.frameworks import Framework
from benchmarks.loops import HandLoop, variants
from benchmarks.workloads import WORKLOADS

MIB = 2**20
WARM_EPOCHS = 2
FLAT_STEPS = 2000


def status(field: str) -> int:
    """A figure of this process in bytes, `VmRSS` (now) or `VmHWM` (its peak)."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{field}:\s+(\d+) kB", text, flags=re.MULTILINE)
    return int(found.group(1)) * 1024 if found else 0


def contestant(name: str, workload: str) -> HandLoop | Framework:
    """The hand-written loop, Keras or kerastorch."""
    task = WORKLOADS[workload]
    if name == "loop":
        return HandLoop(task, next(variants(task)))
    return Framework(name, task)


def peak(name: str, workload: str) -> dict[str, float]:
    """Peak of resident memory of a process that trains, in MiB."""
    contestant(name, workload).train(WARM_EPOCHS)
    return {"peak_mib": status("VmHWM") / MIB}


def growth(name: str, workload: str) -> dict[str, float]:
    """What training adds over 2,000 steps in KiB: live Python objects, their peak, resident memory."""
    trainer = contestant(name, workload)
    trainer.train(WARM_EPOCHS)
    tracemalloc.start()
    steps = WORKLOADS[workload].steps
    trainer.train(WARM_EPOCHS)
    gc.collect()
    resident, (live, highest) = status("VmRSS"), tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    trainer.train(FLAT_STEPS // steps)
    gc.collect()
    now_live, now_highest = tracemalloc.get_traced_memory()
    return {
        "live objects": (now_live - live) / 1024,
        "peak of objects": (now_highest - highest) / 1024,
        "resident memory": (status("VmRSS") - resident) / 1024,
    }


def in_own_process(what: str, name: str, workload: str, threads: int) -> dict[str, float]:
    """Runs `peak` or `growth` in a fresh process."""
    code = "import sys; from benchmarks.memory import main; main(sys.argv[1:])"
    return json.loads(costs.run(code, what, name, workload, str(threads)))


def main(arguments: list[str]) -> None:
    """Prints the figures of one contestant as JSON."""
    what, name, workload, threads = arguments
    torch.set_num_threads(int(threads))
    print(json.dumps({"peak": peak, "growth": growth}[what](name, workload)))


if __name__ == "__main__":
    main(sys.argv[1:])
