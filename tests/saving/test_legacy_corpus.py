"""Files that tf_keras and Keras 1 wrote, kept in `tests/files`: outputs, and training that goes on."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

import kerastorch
from kerastorch import layers
from kerastorch.errors import UnsafeModelError
from tests.saving.users import Scale, halved

CORPUS = Path(__file__).parents[1] / "files" / "tf_keras.zip"
NUMBERS = {"rtol": 0, "atol": 1e-6}


def names_of(ending):
    with zipfile.ZipFile(CORPUS) as archive:
        return sorted(name.removesuffix(ending) for name in archive.namelist() if name.endswith(ending))


NAMES = [name for name in names_of(".h5") if name != "code" and "." not in name]
OLD_OPTIMIZERS = {name for name in NAMES if name.startswith("trained_old_")}
MODELS = [f"{n}{e}" for e in (".h5", ".keras") for n in names_of(e) if n != "code" and "." not in n]
WEIGHTS = [f"{n}{e}" for e in (".weights.h5", ".topology.h5") for n in names_of(e) if n != "code"]
FIRST = {"nested", "sentences", "operators", "translation", "keras_1_words", "keras_2_cudnn", "trained_adam"}
FIRST |= {"trained_old_nadam", "trained_keras_2_adam", "learnt_words"}


def rows(files):
    """The files, those of the first models by default, the others in the sweep."""
    later = pytest.mark.sweep
    return [f if f.split(".")[0] in FIRST else pytest.param(f, marks=later) for f in files]


CUSTOM = {"corpus>Scale": Scale, "corpus>halved": halved, "halved": halved}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tf_keras")
    with zipfile.ZipFile(CORPUS) as archive:
        for name in archive.namelist():
            (folder / name).write_bytes(archive.read(name))
    return folder


def numbers_of(name):
    with zipfile.ZipFile(CORPUS) as archive, np.load(BytesIO(archive.read(f"{name}.npz"))) as numbers:
        return dict(numbers)


def series(numbers, letter):
    return [value for key, value in numbers.items() if key.startswith(letter) and key[1:].isdigit()]


def outputs(model, numbers):
    x = series(numbers, "x")
    if isinstance(model.input, dict):
        x = [dict(zip(model.input, x, strict=True))]
    found = model.predict(x if len(x) > 1 else x[0], verbose=0)
    if isinstance(found, dict):
        return [found[key] for key in sorted(found)]
    return found if isinstance(found, list) else [found]


def assert_outputs(model, numbers):
    for ours, theirs in zip(outputs(model, numbers), series(numbers, "y"), strict=True):
        np.testing.assert_allclose(ours, theirs, **NUMBERS)


@pytest.mark.parametrize("file", rows(MODELS))
def test_a_model_computes_what_it_computed(file, corpus):
    model = kerastorch.models.load_model(corpus / file, CUSTOM)
    assert_outputs(model, numbers_of(Path(file).stem))


@pytest.mark.parametrize("file", rows(f for f in MODELS if f.startswith("trained_")))
def test_training_goes_on_as_it_would_have(file, corpus):
    model, numbers = kerastorch.models.load_model(corpus / file), numbers_of(Path(file).stem)
    loss = model.train_on_batch(numbers["batch"], numbers["target"], return_dict=True)["loss"]
    np.testing.assert_allclose(float(loss), numbers["loss"], **NUMBERS)
    if file.endswith(".keras") and Path(file).stem in OLD_OPTIMIZERS:
        assert int(model.optimizer.iterations) == 1  # tf_keras does not write their state into such archives
        return
    after = [numbers[f"after{i}"] for i in range(len(model.weights))]
    for ours, theirs in zip(model.get_weights(), after, strict=True):
        np.testing.assert_allclose(ours, theirs, **NUMBERS)


@pytest.mark.parametrize("file", rows(WEIGHTS))
def test_weights_are_read_into_a_model(file, corpus):
    name = file.split(".")[0]
    model = kerastorch.models.load_model(corpus / f"{name}.h5", CUSTOM, compile=False)
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    model.load_weights(corpus / file)
    assert_outputs(model, numbers_of(name))


@pytest.mark.parametrize("ending", [".h5", ".keras"])
def test_code_in_a_file_is_refused(ending, corpus):
    with pytest.raises(UnsafeModelError, match="bytecode of its `function`, which is never executed"):
        kerastorch.models.load_model(corpus / f"code{ending}")


AGAIN = ["dense", "nested", "shared", "operators", "lstm", "conv2d", "pictures_in_time", "keras_1_words"]


@pytest.mark.parametrize("ending", [".h5", ".keras"])
@pytest.mark.parametrize("name", AGAIN)
def test_a_model_is_saved_again(name, ending, corpus, tmp_path):
    model = kerastorch.models.load_model(corpus / f"{name}.h5", compile=False)
    model.save(tmp_path / f"again{ending}")
    assert_outputs(kerastorch.models.load_model(tmp_path / f"again{ending}"), numbers_of(name))


def test_layers_of_a_file_are_found_by_name(corpus):
    x = kerastorch.Input((4,))
    first = layers.Dense(3, "tanh", name="first")(x)
    model = kerastorch.Model(x, layers.Dense(5, name="dense")(first))
    before = model.get_layer("dense").get_weights()
    with pytest.warns(UserWarning, match="is not loaded: the model expects shape"):
        model.load_weights(corpus / "trained_adam.h5", by_name=True, skip_mismatch=True)
    saved = kerastorch.models.load_model(corpus / "trained_adam.h5")
    np.testing.assert_array_equal(
        model.get_layer("first").get_weights()[0], saved.get_layer("first").get_weights()[0]
    )
    np.testing.assert_array_equal(model.get_layer("dense").get_weights()[0], before[0])
