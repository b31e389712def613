"""The data sets, on small files of the same formats in a temporary cache: Keras reads the same files."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import io
import json
import os
import pickle
import tarfile
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from keras.src.utils import file_utils

from kerastorch import config, datasets
from kerastorch.datasets import sources
from kerastorch.datasets.pickles import ArrayUnpickler, object_arrays
from kerastorch.errors import DataError, HashMismatchError, InvalidArgumentError, UnsafeModelError

RNG = np.random.default_rng(0)


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def texts(count):
    found = np.empty(count, dtype=object)
    found[:] = [RNG.integers(1, 30, length).tolist() for length in RNG.integers(1, 12, count)]
    return found


def pixels(*shape):
    return RNG.integers(0, 256, shape).astype("uint8")


def idx(header, array):
    return gzip.compress(bytes(header) + array.tobytes())


def archive(folder, batches):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in batches.items():
            blob = pickle.dumps(content)
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(blob)
            tar.addfile(info, io.BytesIO(blob))
    return file.getvalue()


def batch(count, *keys):
    return {b"data": pixels(count, 3072)} | {key: RNG.integers(0, 10, count).tolist() for key in keys}


PARTS = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
TEN = {name: batch(3, b"labels") for name in PARTS}
HUNDRED = {name: batch(7, b"fine_labels", b"coarse_labels") for name in ("train", "test")}
FASHION = "fashion-mnist/{}-{}-ubyte.gz"
FILES = {
    "mnist.npz": npz(
        x_train=pixels(6, 28, 28), y_train=pixels(6), x_test=pixels(4, 28, 28), y_test=pixels(4)
    ),
    "boston_housing.npz": npz(x=RNG.normal(size=(11, 13)), y=RNG.normal(size=11)),
    "california_housing.npz": npz(x=RNG.normal(size=(700, 8)), y=RNG.normal(size=700)),
    "imdb.npz": npz(
        x_train=texts(20), y_train=RNG.integers(0, 2, 20), x_test=texts(15), y_test=RNG.integers(0, 2, 15)
    ),
    "imdb_word_index.json": json.dumps({"film": 1, "café": 2}).encode(),
    "reuters.npz": npz(x=texts(23), y=RNG.integers(0, 46, 23)),
    "reuters_word_index.json": json.dumps({"oil": 1}).encode(),
    FASHION.format("train", "images-idx3"): idx(range(16), pixels(6, 28, 28)),
    FASHION.format("train", "labels-idx1"): idx(range(8), pixels(6)),
    FASHION.format("t10k", "images-idx3"): idx(range(16), pixels(4, 28, 28)),
    FASHION.format("t10k", "labels-idx1"): idx(range(8), pixels(4)),
    "cifar-100-python-target_archive": archive("cifar-100-python", HUNDRED),
}
AT_SOURCE = {
    "cifar-10-batches-py-target_archive": "cifar-10-python.tar.gz",
    "cifar-100-python-target_archive": "cifar-100-python.tar.gz",
}


def put(home, name, content, monkeypatch):
    """Writes a file to the cache and pins its hash."""
    path = home / "datasets" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    source = AT_SOURCE.get(name, name.rpartition("/")[2])
    origin = next(address for address in sources.PINNED if address.endswith(f"/{source}"))
    monkeypatch.setitem(sources.PINNED, origin, hashlib.sha256(content).hexdigest())


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A cache for both libraries that holds every file but the large one."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path))
    monkeypatch.setattr(file_utils, "validate_file", lambda *args, **kwargs: True)
    for name, content in FILES.items():
        put(tmp_path, name, content, monkeypatch)
    return tmp_path


def flat(result):
    return [np.asarray(array) for pair in result for array in pair]


CALLS = {
    "mnist": [{}],
    "fashion_mnist": [{}],
    "boston_housing": [{}, {"test_split": 0.5, "seed": 1}, {"test_split": 0}],
    "california_housing": [{}, {"version": "small", "seed": 2}],
    "cifar100": [{}, {"label_mode": "coarse"}],
    "imdb": [
        {},
        {"num_words": 9, "skip_top": 3},
        {"maxlen": 8, "seed": 5},
        {"start_char": None, "index_from": 0, "oov_char": None},
        {"start_char": None, "oov_char": None, "num_words": 12},
    ],
    "reuters": [{}, {"num_words": 9, "skip_top": 3, "test_split": 0.5}, {"maxlen": 8}, {"oov_char": None}],
}
CASES = [(name, arguments) for name, calls in CALLS.items() for arguments in calls]


@pytest.mark.parametrize(("name", "arguments"), CASES, ids=str)
def test_arrays_are_those_of_keras(home, name, arguments):
    ours, theirs = (flat(getattr(lib, name).load_data(**arguments)) for lib in (datasets, keras.datasets))
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine.dtype, mine.shape) == (other.dtype, other.shape)
        assert mine.tolist() == other.tolist()


@pytest.mark.slow
def test_cifar10_is_that_of_keras(home, monkeypatch):
    full = {  # Keras reads batches of 10,000 pictures only
        name: {b"data": np.resize(content[b"data"], (10_000, 3072)), b"labels": content[b"labels"] * 3334}
        for name, content in TEN.items()
    }
    full = {name: content | {b"labels": content[b"labels"][:10_000]} for name, content in full.items()}
    put(home, "cifar-10-batches-py-target_archive", archive("cifar-10-batches-py", full), monkeypatch)
    ours, theirs = (flat(lib.cifar10.load_data()) for lib in (datasets, keras.datasets))
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.dtype == other.dtype
        assert np.array_equal(mine, other)


def test_cifar10_joins_its_batches(home, monkeypatch):
    put(home, "cifar-10-batches-py-target_archive", archive("cifar-10-batches-py", TEN), monkeypatch)
    (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data()
    assert (x_train.shape, y_train.shape, y_train.dtype) == ((15, 32, 32, 3), (15, 1), "uint8")
    assert np.array_equal(x_test, TEN["test_batch"][b"data"].reshape(3, 3, 32, 32).transpose(0, 2, 3, 1))
    assert y_test.ravel().tolist() == TEN["test_batch"][b"labels"]


def test_channels_come_first_where_that_is_the_global_format(home):
    config.set_image_data_format("channels_first")
    try:
        (x_train, _), _ = datasets.cifar100.load_data()
    finally:
        config.set_image_data_format("channels_last")
    assert x_train.shape == (7, 3, 32, 32)


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_word_indices_are_those_of_keras(home, name):
    ours, theirs = (getattr(lib, name).get_word_index() for lib in (datasets, keras.datasets))
    assert ours == theirs


def test_topics_are_those_of_keras():
    assert datasets.reuters.get_label_names() == keras.datasets.reuters.get_label_names()


@pytest.mark.parametrize("name", sorted({*CALLS, "cifar10"}))
def test_parameters_are_those_of_keras_and_cache_dir(name):
    ours, theirs = (
        [
            (p.name, p.default)
            for p in inspect.signature(getattr(lib, name).load_data).parameters.values()
            if p.kind is not p.VAR_KEYWORD  # `imdb` of Keras takes any word and heeds none
        ]
        for lib in (datasets, keras.datasets)
    )
    assert ours == [*theirs, ("cache_dir", None)]


@pytest.mark.parametrize("name", ["mnist", "imdb", "boston_housing"])
def test_another_cache_may_be_given(home, tmp_path_factory, monkeypatch, name):
    other = tmp_path_factory.mktemp("other")
    os.rename(home / "datasets", other / "datasets")
    assert len(getattr(datasets, name).load_data(cache_dir=other)) == 2


def test_hashes_are_those_that_keras_pins():
    written = "".join(Path(inspect.getsourcefile(module)).read_text() for module in _modules_of_keras())
    unknown = [origin for origin, digest in sources.PINNED.items() if digest not in written]
    assert [origin.rpartition("/")[2] for origin in unknown] == [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ]


def _modules_of_keras():
    return [inspect.getmodule(getattr(keras.datasets, name).load_data) for name in {*CALLS, "cifar10"}]


def test_everything_is_fetched_by_https():
    assert all(origin.startswith("https://") for origin in sources.PINNED)


@pytest.mark.parametrize("name", ["mnist", "boston_housing", "imdb", "reuters", "fashion_mnist", "cifar100"])
def test_tampered_files_are_refused(home, monkeypatch, name):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody is there
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    for path in (home / "datasets").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(HashMismatchError, match="could not be fetched again"):
        getattr(datasets, name).load_data()


class Malice:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_pickles_that_would_run_something_are_refused(home, tmp_path, monkeypatch):
    evil = np.empty(1, dtype=object)
    evil[0] = Malice(tmp_path / "canary")
    put(home, "reuters.npz", npz(x=evil, y=np.zeros(1)), monkeypatch)
    with pytest.raises(UnsafeModelError, match=r"asks for \w+\.mkdir"):
        datasets.reuters.load_data()
    put(
        home,
        "cifar-100-python-target_archive",
        archive("cifar-100-python", {"train": Malice(tmp_path / "canary")}),
        monkeypatch,
    )
    with pytest.raises(UnsafeModelError, match=r"asks for \w+\.mkdir"):
        datasets.cifar100.load_data()
    assert not (tmp_path / "canary").exists()


FORBIDDEN = [print, eval, os.system, np.load, io.BytesIO, Path, getattr]


@pytest.mark.parametrize("value", FORBIDDEN, ids=lambda value: value.__name__)
def test_nothing_but_arrays_is_unpickled(value):
    with pytest.raises(UnsafeModelError, match=f"{value.__name__}, which no array needs"):
        ArrayUnpickler(io.BytesIO(pickle.dumps(value))).load()


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)], ids=str)
def test_arrays_of_every_version_of_the_format_are_read(tmp_path, version):
    array = texts(3)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file, file.open("x.npy", "w") as member:
        np.lib.format.write_array(member, array, version=version)
    assert object_arrays(tmp_path / "a.npz")["x"].tolist() == array.tolist()


FAULTS = {
    "boston_housing": ({"test_split": 1}, InvalidArgumentError, "`test_split` must be"),
    "california_housing": ({"version": "medium"}, InvalidArgumentError, "`version` must be"),
    "cifar100": ({"label_mode": "rough"}, InvalidArgumentError, "`label_mode` must be"),
    "imdb": ({"maxlen": 1}, DataError, "No text is shorter than maxlen=1"),
    "reuters": ({"test_split": -0.5}, InvalidArgumentError, "`test_split` must be"),
    "mnist": ({"path": "a/b"}, InvalidArgumentError, "a name without folders"),
}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_arguments_that_mean_nothing_are_refused(home, name):
    arguments, kind, text = FAULTS[name]
    with pytest.raises(kind, match=text):
        getattr(datasets, name).load_data(**arguments)
