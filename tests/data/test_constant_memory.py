"""`fit`, `evaluate` and `predict` hold a few batches at a time, never the data as a whole.

A process may use what it holds after a warm-up and 40 MiB more; it goes through 400 MiB of float32 numbers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

SCRIPT = """
    import resource, sys
    import numpy as np
    from torch.utils.data import DataLoader
    import kerastorch
    from kerastorch import layers
    from kerastorch.data import Dataset

    kind, folder = sys.argv[1:]
    WIDTH, SIZE, BATCHES, FILES = 4096, 64, 400, 40

    def batch(number):
        return np.full((SIZE, WIDTH), number % 3, "float32"), np.zeros((SIZE, 1), "float32")

    class Samples:
        def __init__(self, batches):
            self.batches = batches

        def __len__(self):
            return self.batches * SIZE

        def __getitem__(self, number):
            return np.full(WIDTH, number % 3, "float32"), np.zeros(1, "float32")

    class Sequence(kerastorch.utils.PyDataset):
        def __init__(self, batches):
            super().__init__(workers=2, max_queue_size=4)
            self.batches = batches

        def __len__(self):
            return self.batches

        def __getitem__(self, number):
            return batch(number)

    def generator(batches):
        return (batch(number) for number in range(batches))

    def memory_map(batches):
        rows = np.load(f"{folder}/rows.npy", mmap_mode="r")
        return rows[: batches * SIZE]

    def load(path):
        x = np.load(path.numpy())
        return x, np.zeros((len(x), 1), "float32")

    def files(batches):
        paths = Dataset.list_files(f"{folder}/part-*.npy", shuffle=False).take(FILES * batches // BATCHES)
        return paths.map(load).unbatch().shuffle(128).batch(SIZE).prefetch(2)

    def whole(batches):
        return np.concatenate([x for x, _ in generator(batches)])

    sources = {
        "memory map": memory_map,
        "generator": generator,
        "file pipeline": files,
        "DataLoader": lambda batches: DataLoader(Samples(batches), SIZE, shuffle=True),
        "Sequence": Sequence,
        "whole": whole,
    }

    model = kerastorch.Sequential([kerastorch.Input((WIDTH,)), layers.Dense(1)])
    model.compile("sgd", "mse")

    def go_through(batches):
        opened = sources[kind]
        x = opened(batches)
        if isinstance(x, np.ndarray):
            y = np.zeros((len(x), 1), "float32")
            model.fit(x, y, batch_size=SIZE, validation_split=0.2, verbose=0)
            model.evaluate(x, y, batch_size=SIZE, verbose=0)
            model.predict(x, batch_size=SIZE, verbose=0)
        else:
            model.fit(x, verbose=0)
            model.evaluate(opened(batches), verbose=0)

    go_through(20)
    status = open("/proc/self/status").read().splitlines()
    held = next(int(line.split()[1]) for line in status if line.startswith("VmData")) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (held + 40 * 2**20,) * 2)
    go_through(BATCHES)
    print("enough")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """400 MiB of numbers as float32, in one file as float64 and in forty."""
    made = tmp_path_factory.mktemp("data")
    rows = np.lib.format.open_memmap(made / "rows.npy", "w+", np.float64, (25600, 4096))
    rows[::512] = 1.0
    rows.flush()
    del rows
    for number in range(40):
        part = np.lib.format.open_memmap(made / f"part-{number:02}.npy", "w+", np.float32, (640, 4096))
        part[::64] = number
        part.flush()
    return made


def go_through(kind, folder):
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), kind, str(folder)]
    # Large blocks go back to the system at once, so that the heap's fragments play no part.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "65536"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["memory map", "generator", "file pipeline", "DataLoader", "Sequence"])
def test_data_larger_than_memory(kind, folder):
    done = go_through(kind, folder)
    assert "enough" in done.stdout, done.stderr


@pytest.mark.slow
def test_the_data_as_a_whole_are_larger_than_that_memory(folder):
    assert "Unable to allocate" in go_through("whole", folder).stderr
