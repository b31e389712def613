"""Two runs from one seed end with the same bits, whatever draws random numbers in them."""

from __future__ import annotations

import ast
import hashlib
import os
import random as python_random
import subprocess
import sys

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.preprocessing.image import ImageDataGenerator


class Noise(kerastorch.utils.PyDataset):
    """Batches of numbers that are drawn when they are asked for, from three global generators."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        x = np.random.uniform(size=(8, 6)) + torch.rand(8, 6).numpy() + python_random.random()
        return x.astype("float32"), x[:, :1].astype("float32")


class Rows(torch.utils.data.Dataset):
    """Rows that are drawn likewise, for the workers of a `DataLoader`."""

    def __len__(self):
        return 20

    def __getitem__(self, index):
        return tuple(part[0] for part in Noise()[index])


def noisy_batches():
    for index in range(4):
        yield Noise()[index]


def noisy_pipeline():
    rows = Dataset.range(16).map(lambda _: tuple(Rows()[0]), num_parallel_calls=4)
    return rows.shuffle(8).batch(4).prefetch(2)


def trained(data):
    """The bits of a model's weights and predictions after training on data, as a short text."""
    model = kerastorch.Sequential(
        [
            layers.Flatten(),
            layers.GaussianNoise(0.1),
            layers.Dense(8, "relu"),
            layers.Dropout(0.4),
            layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    model.fit(data, epochs=2, verbose=0)
    bits = b"".join(np.asarray(w).tobytes() for w in model.get_weights())
    return hashlib.sha256(bits).hexdigest()


def pictures(**workers):
    x, y = np.random.uniform(size=(9, 4, 4, 3)), np.random.uniform(size=(9, 1)).astype("float32")
    flow = ImageDataGenerator(rotation_range=20, horizontal_flip=True).flow(x, y, batch_size=4)
    vars(flow).update(workers)
    return flow


DATA = {
    "processes": lambda: Noise(workers=2, use_multiprocessing=True),
    "one process": lambda: Noise(workers=1, use_multiprocessing=True),
    "threads": lambda: Noise(workers=2),
    "no workers": lambda: Noise(workers=0),
    "pictures": pictures,
    "pictures of threads": lambda: pictures(workers=2),
    "pictures of processes": lambda: pictures(workers=2, use_multiprocessing=True),
    "loader": lambda: torch.utils.data.DataLoader(Rows(), batch_size=4, shuffle=True, num_workers=2),
    "generator": lambda: noisy_batches,
    "pipeline": noisy_pipeline,
    "shuffled": lambda: torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.rand(20, 6), torch.rand(20, 1)), batch_size=4, shuffle=True
    ),
}


@pytest.fixture
def deterministic(monkeypatch):
    """Determinism for one test."""
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    benchmark = torch.backends.cudnn.benchmark
    kerastorch.config.enable_determinism()
    yield
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.benchmark = benchmark


@pytest.mark.usefixtures("deterministic")
@pytest.mark.parametrize("name", DATA)
def test_two_trainings_end_with_the_same_bits(name):
    found = []
    for seed in (5, 5, 6):
        kerastorch.utils.set_random_seed(seed)
        found.append(trained(DATA[name]()))
    assert found[0] == found[1] != found[2]


def test_it_asks_torch_for_it_and_keeps_the_user_s_environment(deterministic):
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cudnn.benchmark
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"


SCRIPT = """
import kerastorch
from tests.random.test_determinism import DATA, trained
if __name__ == "__main__":
    kerastorch.config.enable_determinism()
    kerastorch.utils.set_random_seed(3)
    print({name: trained(make()) for name, make in DATA.items()})
"""


@pytest.mark.sweep
def test_two_runs_of_a_script_end_with_the_same_bits(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    command = [sys.executable, str(script)]
    runs = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True) for _ in range(2)
    ]
    first, second = (ast.literal_eval(run.stdout) for run in runs)
    assert first == second
    assert len(set(first.values())) == len(DATA)
