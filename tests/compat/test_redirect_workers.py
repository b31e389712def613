"""Worker processes of a script know the names as the script does, however they are started."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import subprocess
import sys
from multiprocessing import spawn

import pytest

from kerastorch.compat.redirect import redirected

SCRIPT = '''
import json
import multiprocessing
import os
import sys

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers
from keras.utils import np_utils


class Squares(tf.keras.utils.Sequence):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        x = np.full((2, 1), float(index))
        return x, np_utils.to_categorical(np.ones(2, int), 2)


class Thing:
    """Is sent to a worker and back."""


def work(thing):
    import tf_keras.layers.core
    return [layers.__name__, tf_keras.layers.core.Dense.__name__, type(thing).__name__, __name__, tf.keras.__name__]


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    os.chdir("/")
    sys.path.append("/a/path/of/the/script")
    found = {}
    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(1) as pool:
            found[method] = pool.apply(work, [Thing()])
    model = tf.keras.Sequential([layers.Dense(2)])
    model.compile("sgd", "mse")
    history = model.fit(Squares(), workers=1, use_multiprocessing=True, verbose=0)
    found["fit"] = list(history.history)
    json.dump(found, open(sys.argv[1], "w"))
'''


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the workers of one script have seen."""
    folder = tmp_path_factory.mktemp("workers")
    (folder / "train.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "kerastorch", "train.py", str(folder / "found.json")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads((folder / "found.json").read_text())


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_worker_imports_the_script_again_with_its_names(found, method):
    main = "__main__" if method == "fork" else "__mp_main__"
    assert found[method] == [
        "kerastorch.layers",
        "Dense",
        "Thing",
        main,
        "kerastorch.compat.tensorflow.keras",
    ]


def test_worker_processes_of_fit(found):
    assert found["fit"] == ["loss"]


def test_a_worker_finds_kerastorch_where_its_parent_does():
    with redirected():
        data = pickle.dumps(spawn.get_preparation_data("worker")["kerastorch"])
    code = f"import pickle; pickle.loads({data!r}); import keras; print(keras.layers.__name__)"
    # Without the site packages, the worker knows of nothing by itself.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "kerastorch.layers\n"


def test_afterwards_workers_are_prepared_as_before():
    with redirected():
        assert "kerastorch" in spawn.get_preparation_data("worker")
    assert "kerastorch" not in spawn.get_preparation_data("worker")
