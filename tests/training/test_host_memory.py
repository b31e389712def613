"""A process that trains on a CPU keeps the memory that each step frees."""

from __future__ import annotations

import math
import os
import platform
import subprocess
import sys

import pytest

# Steps that free and take 24 MB. Prints the faults of ten steps, and whether the process keeps what it frees.
SCRIPT = """
import resource
import numpy as np
import torch
from kerastorch import layers, models
from kerastorch.core.host_memory import keep_freed_memory

torch.set_num_threads(1)
model = models.Sequential([layers.Dense(2048), layers.Dense(2048), layers.Dense(1)])
model.compile("sgd", "mse")
x, y = np.ones((1024, 4), "float32"), np.ones((1024, 1), "float32")
model.fit(x, y, batch_size=1024, epochs=3, verbose=0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
model.fit(x, y, batch_size=1024, epochs=10, verbose=0)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before, keep_freed_memory())
"""
PAGES = 24 * 2**20 // 4096


def faults(**environment):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    number, keeps = done.stdout.split()
    return int(number), keeps == "True"


def test_steps_take_few_new_pages_where_glibc_gives_memory():
    number, keeps = faults()
    assert keeps == (platform.libc_ver()[0] == "glibc")
    assert number < (5 * PAGES if keeps else math.inf)  # of ten steps, which take 20 times as many pages else


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MALLOC_TRIM_THRESHOLD_", "131072"),
        ("MALLOC_MMAP_THRESHOLD_", "131072"),
        ("GLIBC_TUNABLES", "glibc.malloc.trim_threshold=131072"),
    ],
)
def test_whoever_sets_variables_of_glibc_decides(name, value):
    assert not faults(**{name: value})[1]
