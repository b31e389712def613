"""Damaged and hostile files of TensorFlow: documented errors, and nothing else."""

from __future__ import annotations

import json
import random

import pytest

import kerastorch as keras
from kerastorch.compat.tensorflow import train
from kerastorch.errors import CorruptModelError, KerasTorchError, MissingFileError, UnsafeModelError
from kerastorch.saving.tensorflow.checksum import masked_crc32c
from tests.saving.tensorflow.corpus import CUSTOM, checkpoint, saved_model
from tests.saving.tensorflow.writing import HEADER, VALUES, entry, field, table

FILES = ("keras_metadata.pb", "variables/variables.index", "variables/variables.data-00000-of-00001")


def cut(content, rng):
    return content[: rng.randrange(len(content))]


def flip(content, rng):
    at = rng.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]


def splice(content, rng):
    a, b = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:a] + content[b:] + content[a:b]


def swell(content, rng):
    at = rng.randrange(len(content))
    return content[:at] + rng.choice([b"\xff" * 9 + b"\x01", b"\x00" * 8, b"\x7f\xff"]) + content[at + 2 :]


def repeat(content, rng):
    a, b = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:b] + content[a:b] + content[b:]


MUTATIONS = (cut, flip, splice, swell, repeat)


def with_right_checksums(content):
    """An index whose one block of entries has the checksum of what it holds now."""
    end = content.rfind(b"\x00\x00\x00\x00\x01\x00\x00\x00", 0, 3000) + 8
    sum_ = masked_crc32c(content[: end + 1]).to_bytes(4, "little")
    return content[: end + 1] + sum_ + content[end + 5 :]


def is_refused(call):
    """Whether a call fails with a documented error; any other one goes on."""
    try:
        call()
    except KerasTorchError:
        return True
    return False


def load_mutated(name, count, folder, seed):
    """Loads a model again and again, each time with one file changed; returns how often it was refused."""
    path, rng, refused = saved_model(name, folder), random.Random(seed), 0
    model = keras.models.load_model(path, custom_objects=CUSTOM)
    original = {
        file: (path / file).read_bytes() for file in (*FILES, "saved_model.pb") if (path / file).exists()
    }
    for _ in range(count):
        file = rng.choice(list(original))
        content = rng.choice(MUTATIONS)(original[file], rng)
        if file.endswith(".index") and rng.random() < 0.7 and len(content) == len(original[file]):
            content = with_right_checksums(content)
        (path / file).write_bytes(content)
        if file.startswith("variables") and rng.random() < 0.5:
            refused += is_refused(lambda: model.load_weights(path))
        else:
            refused += is_refused(lambda: keras.models.load_model(path, custom_objects=CUSTOM))
        (path / file).write_bytes(original[file])
    return refused


def test_mutated_files_raise_documented_errors_only(tmp_path):
    assert load_mutated("trained_adam", 100, tmp_path, 0) > 50


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["trained_adam", "trained_old_momentum", "nested", "words", "cells"])
def test_thousands_of_mutated_files_raise_documented_errors_only(name, tmp_path):
    assert load_mutated(name, 1000, tmp_path, 1) > 500


def written(folder, entries, header=HEADER):
    (folder / "a.index").write_bytes(table({b"": header, **entries}))
    (folder / "a.data-00000-of-00001").write_bytes(VALUES)
    return folder / "a"


def test_a_checkpoint_written_by_hand_is_read(tmp_path):
    assert train.load_variable(written(tmp_path, {b"w": entry()}), "w").tolist() == [0, 0, 0, 0]


HUGE = 1 << 40


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ({b"w": entry((HUGE, HUGE), size=16)}, "claims 16 bytes"),
        ({b"w": entry((HUGE,), size=4 * HUGE)}, "its file has 16"),
        ({b"w": entry(offset=HUGE)}, "its file has 16"),
        ({b"w": entry((2,), size=-8)}, "an array that cannot be"),
        ({b"w": entry((-4,))}, "an array that cannot be"),
        ({b"w": entry(shard=1)}, "an array that cannot be"),
        ({b"w": entry([1] * 100)}, "an array that cannot be"),
        ({b"w": entry(dtype=21)}, "unknown type, number 21"),
        ({b"w": entry(checksum=1)}, "the checksum of 'w' is wrong"),
        ({b"w": entry(more=field(7, b""))}, "a variable in slices"),
        ({b"v": entry(), b"w": entry()}, "claims more bytes than there are"),
        ({b"w": entry((HUGE,), dtype=7)}, "claims 16 bytes"),
        ({b"w": entry((0, 1 << 62, 1 << 62), size=0, checksum=masked_crc32c(b""))}, "claims the shape"),
        ({b"\xff": entry()}, "is no text"),
    ],
)  # fmt: skip
def test_impossible_arrays_are_refused_before_they_are_made(entries, text, tmp_path):
    with pytest.raises(CorruptModelError, match=text):
        train.load_checkpoint(written(tmp_path, entries))


@pytest.mark.parametrize(
    ("header", "error", "text"),
    [
        (field(1, 0), CorruptModelError, "little-endian"),
        (field(1, 1 << 40), CorruptModelError, "little-endian"),
        (field(1, 1) + field(2, 1), CorruptModelError, "little-endian"),
        (field(1, 2), MissingFileError, "00000-of-00002"),
    ],
    ids=["no files", "too many", "big-endian", "missing"],
)
def test_impossible_headers_are_refused(header, error, text, tmp_path):
    with pytest.raises(error, match=text):
        train.load_checkpoint(written(tmp_path, {}, header))


def test_keys_may_not_grow_beyond_the_file(tmp_path):
    keys = [bytes([97]) * 5000 + bytes([i, j]) for i in range(1, 30) for j in range(1, 30)]
    with pytest.raises(CorruptModelError, match="far too long"):
        train.load_checkpoint(written(tmp_path, dict.fromkeys(keys, b"")))


def test_packed_blocks_are_refused(tmp_path):
    path = written(tmp_path, {b"w": entry()})
    (tmp_path / "a.index").write_bytes(table({b"": HEADER}, packing=1))
    with pytest.raises(CorruptModelError, match=r"is packed \(method 1\)"):
        train.load_checkpoint(path)


def test_other_files_are_no_index(tmp_path):
    path = written(tmp_path, {})
    (tmp_path / "a.index").write_bytes(b"something else" * 10)
    with pytest.raises(CorruptModelError, match="is no index of TensorFlow"):
        train.load_checkpoint(path)


def metadata(config):
    """The content of a `keras_metadata.pb` that describes one object."""
    return field(1, field(2, 0) + field(4, b"_tf_keras_sequential") + field(5, json.dumps(config).encode()))


def sequential(*layers):
    return {"class_name": "Sequential", "config": {"name": "s", "layers": list(layers)}}


DENSE = {"class_name": "Dense", "config": {"units": 10**10}}
INPUT = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4], "name": "i"}}


@pytest.mark.parametrize(
    ("config", "error"),
    [
        (sequential({"class_name": "system", "module": "os", "config": {}}), UnsafeModelError),
        (sequential({"class_name": "Lambda", "config": {"function": ["4wEA", None, None]}}), UnsafeModelError),
        (sequential(INPUT, {"class_name": "Dense", "config": {"units": 2, "activation": {
            "class_name": "function", "module": "os", "config": "system"}}}), UnsafeModelError),
        (sequential(INPUT, {"class_name": "TimeDistributed", "config": {"layer": {
            "class_name": "Lambda", "config": {"function": "x"}}}}), UnsafeModelError),
        (sequential(INPUT, DENSE), CorruptModelError),
        ({"class_name": "Dense", "config": {"units": 2}}, CorruptModelError),
        ({"class_name": "Sequential", "config": None}, CorruptModelError),
        ({"class_name": ["Sequential"], "config": {}}, CorruptModelError),
        ([1], CorruptModelError),
    ],
    ids=["os.system", "lambda", "function", "inside", "huge", "layer", "no config", "list", "number"],
)  # fmt: skip
def test_hostile_configs_are_refused(config, error, tmp_path):
    folder = saved_model("dense", tmp_path)
    (folder / "keras_metadata.pb").write_bytes(metadata(config))
    with pytest.raises(error, match=r".+"):
        keras.models.load_model(folder)


def test_a_model_of_tensorflow_2_0_is_described_in_its_graph(tmp_path):
    folder = saved_model("dense", tmp_path)
    content = (folder / "keras_metadata.pb").read_bytes()
    (folder / "keras_metadata.pb").unlink()
    text = content[content.index(b'{"name') :].split(b"}2", 1)[0] + b"}"
    facts = json.dumps(json.JSONDecoder().raw_decode(text.decode(errors="replace"))[0]).encode()
    root = field(4, field(1, b"_tf_keras_sequential") + field(3, facts))
    (folder / "saved_model.pb").write_bytes(field(2, field(7, field(1, root))))
    assert keras.models.load_model(folder).count_params() == 4 * 5 + 5 + 5 * 3 + 3


def test_a_missing_shard_is_named(tmp_path):
    path = checkpoint("trained_sgd", tmp_path)
    (tmp_path / "checkpoint" / "trained_sgd.data-00000-of-00001").unlink()
    with pytest.raises(MissingFileError, match="data-00000-of-00001'"):
        train.load_checkpoint(path)
