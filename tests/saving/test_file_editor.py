"""`KerasFileEditor`: files of both libraries are looked into, changed, and loaded again by both."""

from __future__ import annotations

import h5py
import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch.errors import (
    ArgumentTypeError,
    CorruptModelError,
    InvalidArgumentError,
    MissingFileError,
    SerializationError,
    UnknownNameError,
)
from kerastorch.saving import KerasFileEditor
from tests.saving import pairs

WRITERS = {"ours": kerastorch, "keras": keras}
FILES = ["a.keras", "a.weights.h5"]
KERNEL, BIAS = np.full((6, 3), 0.5, "float32"), np.arange(3, dtype="float32")


def write(model, path):
    """Saves a model to a file of either kind."""
    model.save(path) if path.suffix == ".keras" else model.save_weights(path)
    return path


def trained(k, build=pairs.sequential):
    model = build(k)
    model.compile(k.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(pairs.X, pairs.Y, epochs=1, verbose=0)
    return model


def wide(k):
    """`pairs.sequential` with one layer more."""
    dense = [k.layers.Dense(6, activation="tanh"), k.layers.Dense(3), k.layers.Dense(3, name="head")]
    return k.Sequential([k.Input((4,)), *dense], name="wide")


@pytest.fixture
def editor(tmp_path):
    """Of two dense layers, and of another pair in a model of its own."""
    return KerasFileEditor(write(nested(kerastorch), tmp_path / "nested.weights.h5"))


def nested(k):
    inner = k.Sequential([k.Input((6,)), k.layers.Dense(6), k.layers.Dense(6)], name="inner")
    return k.Sequential([k.Input((4,)), k.layers.Dense(6), inner, k.layers.Dense(3, name="last")])


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", ["functional", "sequential", "shared", "images"])
def test_a_file_fits_the_model_it_is_from(name, writer, file, tmp_path):
    model = getattr(pairs, name)(WRITERS[writer])
    found = KerasFileEditor(write(model, tmp_path / file)).compare(getattr(pairs, name)(kerastorch))
    assert found == {"status": "success", "error_count": 0, "match_count": len(model.weights)}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("reader", WRITERS)
def test_what_is_saved_unchanged_is_the_same_for_both(writer, reader, file, tmp_path):
    model, other = trained(WRITERS[writer], pairs.functional), trained(WRITERS[reader], pairs.functional)
    KerasFileEditor(write(model, tmp_path / file)).save(tmp_path / "b.weights.h5")
    other.load_weights(tmp_path / "b.weights.h5")
    np.testing.assert_allclose(
        model.predict(pairs.X, verbose=0), other.predict(pairs.X, verbose=0), rtol=1e-5, atol=2e-6
    )
    for one, two in zip(model.optimizer.variables, other.optimizer.variables, strict=True):
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(one), keras.ops.convert_to_numpy(two), rtol=1e-5, atol=1e-8
        )


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("reader", WRITERS)
def test_a_model_with_one_layer_more_loads_the_changed_file(writer, reader, file, tmp_path, capsys):
    model, larger = pairs.sequential(WRITERS[writer]), wide(WRITERS[reader])
    editor = KerasFileEditor(write(model, tmp_path / file))
    assert editor.compare(wide(kerastorch))["error_count"] == 1
    assert (
        "Object /layers/dense_2, which holds ['0', '1'], is missing from the saved file"
        in capsys.readouterr().out
    )
    editor.add_object("layers/dense_2", {"0": torch.full((3, 3), 0.5), "1": [0, 1, 2]})
    assert editor.compare(wide(kerastorch)) == {"status": "success", "error_count": 0, "match_count": 6}
    editor.resave_weights(tmp_path / "b.weights.h5")
    larger.load_weights(tmp_path / "b.weights.h5")
    weights = larger.get_weights()
    for one, two in zip(weights, [*model.get_weights(), np.full((3, 3), 0.5), BIAS], strict=True):
        np.testing.assert_array_equal(one, two)


def test_ours_and_that_of_keras_hold_the_same(tmp_path):
    path = write(trained(keras), tmp_path / "a.keras")
    ours, theirs = KerasFileEditor(path), keras.saving.KerasFileEditor(str(path))
    assert list(ours.weights_dict) == list(theirs.weights_dict)
    one, two = ours.weights_dict["optimizer"], theirs.weights_dict["optimizer"]
    assert {key: value.shape for key, value in one.items()} == {
        key: value.shape for key, value in two.items()
    }
    assert (ours.config, ours.metadata) == (theirs.config, theirs.metadata)


def test_weights_of_a_layer_stand_beside_the_layers_in_it(tmp_path):
    model = pairs.subclass_of(kerastorch)()
    model(pairs.X[:, :4])
    editor = KerasFileEditor(write(model, tmp_path / "a.weights.h5"))
    assert {"0", "first", "blocks", "heads"} <= set(editor.weights_dict)
    assert editor.compare(model)["match_count"] == len(model.weights)
    editor.save(tmp_path / "b.weights.h5")
    with h5py.File(tmp_path / "b.weights.h5") as root:
        assert root["vars/0"].shape == (3,)
        assert root["blocks/dense_1/vars/1"].shape == (5,)


def test_what_keras_has_no_place_for_stays_until_the_weights_change(tmp_path):
    path = write(trained(kerastorch), tmp_path / "a.keras")
    same, changed = KerasFileEditor(path), KerasFileEditor(path)
    assert "kerastorch" not in same.weights_dict
    same.save(tmp_path / "same.weights.h5")
    changed.add_weights("optimizer", {"1": np.float32(0.125)})  # the learning rate
    changed.save(tmp_path / "changed.weights.h5")
    with h5py.File(tmp_path / "same.weights.h5") as one, h5py.File(tmp_path / "changed.weights.h5") as two:
        assert {"seeds", "optimizer"} <= set(one["kerastorch"])
        assert list(two["kerastorch"]) == ["seeds"]
    model = trained(kerastorch)
    model.load_weights(tmp_path / "changed.weights.h5")
    assert float(model.optimizer.learning_rate) == 0.125


# What is printed -------------------------------------------------------------------------------------------------

PICTURE = """\
Weights structure
  └─ layers
     ├─ dense ('first')
     │  ├─ 0: shape=(4, 6), dtype=float32
     │  └─ 1: shape=(6,), dtype=float32
     └─ dense_1 ('second')
        └─ 0: shape=(6, 3), dtype=float32
"""


@pytest.mark.parametrize("writer", WRITERS)
def test_the_summary_shows_objects_and_names(writer, tmp_path, capsys):
    k = WRITERS[writer]
    dense = [k.layers.Dense(6, name="first"), k.layers.Dense(3, use_bias=False, name="second")]
    path = write(k.Sequential([k.Input((4,)), *dense]), tmp_path / "a.keras")
    editor = KerasFileEditor(path)
    head = capsys.readouterr().out
    assert head.startswith(f"Keras model file '{path}'\nSaved with Keras 3.15.1 - date: 20")
    editor.summary()
    assert capsys.readouterr().out == PICTURE
    editor.rename_object("dense", "Dense")
    editor.save(tmp_path / "b.weights.h5")
    KerasFileEditor(tmp_path / "b.weights.h5").summary()
    assert "Dense ('first')" in capsys.readouterr().out


DIFFERENCES = """\
Running comparison
  Weight /layers/dense/1 is of shape (7,) in the saved file, of shape (6,) in the reference model.
  Weight /layers/sequential/layers/dense/1 is missing from the saved file.
  Weight /layers/dense_1/0 is an object in the saved file, of shape (6, 3) in the reference model.
  Object /layers/dense_2, which holds ['0', 'deep'], is missing from the reference model.
Found 4 errors: the saved file does not fit the reference model.
"""


def test_comparison_tells_each_difference_once(editor, capsys):
    model = nested(kerastorch)
    editor.delete_weight("layers/dense", "1")
    editor.add_weights("layers/dense", {"1": np.zeros(7)})
    editor.delete_weight("layers/sequential/layers/dense", "1")
    editor.add_object("layers/dense_2", {"0": np.zeros((2, 2)), "deep": {"0": np.zeros(1)}})
    editor.delete_object("layers/dense_1")
    editor.add_object("layers/dense_1", {"0": {"0": np.zeros(1)}, "1": BIAS})
    capsys.readouterr()
    assert editor.compare(model) == {"status": "error", "error_count": 4, "match_count": 5}
    assert capsys.readouterr().out == DIFFERENCES


# Edits -----------------------------------------------------------------------------------------------------------


def test_objects_are_renamed_with_what_is_in_them(editor):
    editor.rename_object("sequential", "inner")
    assert sorted(editor.weights_dict["layers"]) == ["dense", "dense_1", "inner"]
    assert editor.object_metadata["/layers/inner"] == {"name": "inner"}
    assert "/layers/sequential" not in editor.object_metadata
    editor.rename_object("/layers/inner/", "dense")  # replaces the one of that name
    assert sorted(editor.weights_dict["layers"]["dense"]["layers"]) == ["dense", "dense_1"]


def test_objects_and_weights_are_deleted_and_added(editor):
    editor.delete_object("layers/sequential")
    editor.delete_object("dense")
    editor.delete_weight("dense_1", "1")
    editor.delete_object("layers/dense_1/0")
    assert editor.weights_dict == {"layers": {"dense_1": {}}}
    editor.add_weights("dense_1", {"0": KERNEL})
    editor.add_object("top", {"0": BIAS})
    assert list(editor.weights_dict) == ["layers", "top"]
    assert list(editor.weights_dict["layers"]["dense_1"]) == ["0"]


def test_edits_copy_the_dictionary_they_are_given(editor):
    given = {"0": BIAS}
    editor.add_object("one", given)
    editor.add_object("two", given)
    editor.delete_weight("one", "0")
    assert list(editor.weights_dict["two"]) == list(given) == ["0"]


FAULTS = {
    "no path": (
        lambda e: e.delete_object("layers/dens"),
        UnknownNameError,
        "'layers/dens' is not found.*mean",
    ),
    "no name": (lambda e: e.delete_object("dens_1"), UnknownNameError, "Did you mean 'dense_1'"),
    "ambiguous": (
        lambda e: e.delete_object("dense"),
        UnknownNameError,
        "more than once in the file: layers/dense, layers/sequential/layers/dense. Pass a complete path",
    ),
    "rename to a path": (
        lambda e: e.rename_object("sequential", "a/b"),
        InvalidArgumentError,
        "not a path.*'a/b'",
    ),
    "no weight": (
        lambda e: e.delete_weight("layers/dense", "7"),
        UnknownNameError,
        r"Weight '7' is not found in object 'layers/dense'. Weights found: \['0', '1'\]",
    ),
    "weight for object": (
        lambda e: e.add_weights("layers/dense/0", {"0": BIAS}),
        ArgumentTypeError,
        "'layers/dense/0' is a weight",
    ),
    "no place": (lambda e: e.add_object("layer/x", {}), UnknownNameError, "'layer' is not found.*'layers'"),
    "no dictionary": (lambda e: e.add_object("x", [BIAS]), ArgumentTypeError, "should be a dict.*list"),
    "no weights": (
        lambda e: e.add_weights("sequential", BIAS),
        ArgumentTypeError,
        "should be a dict.*ndarray",
    ),
    "text": (
        lambda e: e.add_object("x", {"0": "abc"}),
        ArgumentTypeError,
        "weight '0' should be an array.*'abc'",
    ),
    "wrong ending": (
        lambda e: e.save("x.keras"),
        InvalidArgumentError,
        r"expected a `.weights.h5`.*x\.keras",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_and_change_nothing(fault, editor):
    edit, kind, text = FAULTS[fault]
    before = {path: id(array) for path, array in editor._opened.items()}
    with pytest.raises(kind, match=text):
        edit(editor)
    assert editor.compare(nested(kerastorch))["status"] == "success"
    assert {path: id(array) for path, array in editor._opened.items()} == before


# Files -----------------------------------------------------------------------------------------------------------


def linked(path):
    with h5py.File(path, "w") as root:
        root["layers"] = h5py.ExternalLink("other.h5", "/layers")


def soft(path):
    with h5py.File(path, "w") as root:
        root["layers"] = h5py.SoftLink("/real")


def virtual(path):
    with h5py.File(path, "w") as root:
        layout = h5py.VirtualLayout((5,), "float32")
        layout[:] = h5py.VirtualSource("other.h5", "x", (5,))
        root.create_virtual_dataset("layers/dense/vars/0", layout)


def huge(path):
    with h5py.File(path, "w") as root:
        root.create_dataset("layers/dense/vars/0", (1 << 20, 1 << 20), "float32", chunks=(64, 64))


def deep(path):
    with h5py.File(path, "w") as root:
        root.create_group("/".join(["a"] * 80))


BAD = {
    "ExternalLink": linked,
    "SoftLink": soft,
    "external or virtual": virtual,
    "claims": huge,
    "nested deeper": deep,
    "neither a zip archive nor HDF5": lambda path: path.write_bytes(b"text"),
}


@pytest.mark.parametrize("text", BAD)
def test_bad_files_are_refused(text, tmp_path):
    BAD[text](tmp_path / "a.weights.h5")
    with pytest.raises(CorruptModelError, match=text):
        KerasFileEditor(tmp_path / "a.weights.h5")


def test_paths_that_are_none_are_refused(tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"`.keras` or `.weights.h5` extension.*a\.h5"):
        KerasFileEditor(tmp_path / "a.h5")
    with pytest.raises(MissingFileError, match=r"a\.keras"):
        KerasFileEditor(tmp_path / "a.keras")


def test_names_that_are_no_text_are_left_out(tmp_path):
    path = write(wide(keras), tmp_path / "a.weights.h5")
    with h5py.File(path, "a") as root:
        root["layers/dense/vars"].attrs["name"] = np.zeros(9)
        root["layers/dense_1/vars"].attrs["name"] = np.bytes_(b"second")
    found = KerasFileEditor(path).object_metadata
    assert "/layers/dense" not in found
    assert (found["/layers/dense_1"], found["/layers/dense_2"]) == ({"name": "second"}, {"name": "head"})


def test_a_save_that_fails_leaves_the_old_file(editor, tmp_path):
    (tmp_path / "b.weights.h5").write_bytes(b"old")
    editor.weights_dict["layers"]["dense"]["0"] = np.array(["text"])
    with pytest.raises((SerializationError, ArgumentTypeError), match="weight '0' should be an array"):
        editor.save(tmp_path / "b.weights.h5")
    assert (tmp_path / "b.weights.h5").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.weights.h5", "nested.weights.h5"]
