"""The names of Keras and TensorFlow resolve to kerastorch: which, from where, and what is said about the others."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator

import keras as real_keras
import pytest

import kerastorch
from kerastorch import config
from kerastorch.compat import redirect, redirect_names
from kerastorch.compat.redirect import install, redirected, uninstall
from kerastorch.errors import AlreadyImportedError, InvalidArgumentError, MissingModuleError
from tests.names import public_objects
from tests.source import ROOT


@pytest.fixture(autouse=True)
def _inside() -> Iterator[None]:
    with redirected():
        yield


MODULES = {
    "keras": "kerastorch.compat.tensorflow.keras",
    "keras.api._v2.keras.layers": "kerastorch.layers",
    "keras.api.layers": "kerastorch.layers",
    "keras.callbacks": "kerastorch.callbacks",
    "keras.layers": "kerastorch.layers",
    "keras.optimizers.schedules": "kerastorch.optimizers.schedules",
    "keras.src.layers": "kerastorch.layers",
    "keras.src.layers.layer": "kerastorch.layers.layer",
    "keras.utils": "kerastorch.utils",
    "tensorflow": "kerastorch.compat.tensorflow",
    "tensorflow.compat.v1.keras.layers": "kerastorch.layers",
    "tensorflow.compat.v2.keras.layers": "kerastorch.layers",
    "tensorflow.contrib.keras.api.keras.models": "kerastorch.models",
    "tensorflow.data": "kerastorch.compat.tensorflow.data",
    "tensorflow.keras": "kerastorch.compat.tensorflow.keras",
    "tensorflow.keras.optimizers.schedules": "kerastorch.optimizers.schedules",
    "tensorflow.math": "kerastorch.compat.tensorflow.math",
    "tensorflow.python.keras": "kerastorch.compat.tensorflow.keras",
    "tensorflow.python.keras.models": "kerastorch.models",
    "tf_keras": "kerastorch.compat.tensorflow.keras",
    "tf_keras.api._v2.keras.losses": "kerastorch.losses",
    "tf_keras.layers": "kerastorch.layers",
    "tf_keras.src.layers.core.dense": "kerastorch.layers.core.dense",
}


@pytest.mark.parametrize("name", MODULES, ids=str)
def test_a_name_is_the_very_module_of_kerastorch(name):
    assert importlib.import_module(name) is sys.modules[MODULES[name]]
    assert sys.modules[name] is sys.modules[MODULES[name]]


MOVED = {
    "keras.engine": "Layer Model Input",
    "keras.engine.base_layer": "Layer InputSpec",
    "keras.engine.functional": "Functional",
    "keras.engine.input_layer": "Input InputLayer",
    "keras.engine.keras_tensor": "KerasTensor",
    "keras.engine.network": "Network",
    "keras.engine.sequential": "Sequential",
    "keras.engine.topology": "Layer InputSpec Input Container",
    "keras.engine.training": "Model",
    "keras.initializers.initializers_v2": "GlorotUniform",
    "keras.layers.advanced_activations": "LeakyReLU PReLU ELU",
    "keras.layers.convolutional": "Conv2D MaxPooling2D Convolution2D UpSampling2D ZeroPadding2D",
    "keras.layers.core": "Dense Dropout Activation Flatten Reshape Lambda RepeatVector Permute Masking",
    "keras.layers.embeddings": "Embedding",
    "keras.layers.experimental.preprocessing": "",
    "keras.layers.merge": "concatenate add Concatenate",
    "keras.layers.noise": "GaussianNoise",
    "keras.layers.normalization": "BatchNormalization LayerNormalization",
    "keras.layers.pooling": "MaxPooling2D GlobalAveragePooling2D",
    "keras.layers.recurrent": "LSTM",
    "keras.layers.wrappers": "",
    "keras.mixed_precision": "Policy set_global_policy global_policy",
    "keras.mixed_precision.experimental": "Policy set_policy",
    "keras.objectives": "mean_squared_error",
    "keras.optimizer_v2.adam": "Adam",
    "keras.optimizers.legacy": "Adam SGD",
    "keras.optimizers.optimizer_v2.gradient_descent": "SGD",
    "keras.saving.hdf5_format": "",
    "keras.utils.data_utils": "Sequence",
    "keras.utils.generic_utils": "CustomObjectScope Progbar get_custom_objects",
    "keras.utils.layer_utils": "",
    "keras.utils.np_utils": "to_categorical normalize",
    "keras.utils.vis_utils": "plot_model model_to_dot",
    "tensorflow.keras.layers.experimental.preprocessing": "",
    "tensorflow.keras.optimizers.legacy": "Adam",
    "tensorflow.python.framework.ops": "convert_to_tensor",
    "tensorflow.python.keras.engine.base_layer": "Layer",
    "tensorflow.python.keras.utils.np_utils": "to_categorical",
    "tensorflow.python.ops.math_ops": "reduce_sum",
    "tf_keras.src.engine.training": "Model",
}


@pytest.mark.parametrize("name", MOVED, ids=str)
def test_a_moved_module_has_the_names_that_scripts_take_from_it(name):
    module = importlib.import_module(name)
    names = MOVED[name].split()
    offered = {path.rpartition(".")[2] for path in public_objects()} | {"Container", "Network"}
    lacking = [each for each in names if not hasattr(module, each)]
    assert [each for each in lacking if each in offered] == []
    assert set(names) - set(lacking) <= set(dir(module))


@pytest.mark.parametrize("name", sorted(redirect_names.MOVED), ids=str)
def test_every_entry_of_the_table_can_be_imported_where_its_parent_is_there(name):
    above, _, last = name.rpartition(".")
    try:
        owner = importlib.import_module(above)
    except MissingModuleError:
        assert above.partition(".")[2] in redirect_names.AREAS
        return
    module = importlib.import_module(name)
    assert getattr(owner, last) is module
    assert redirect_names.canonical(name) == name, "the table uses one spelling"


IMPORTS = {
    "from keras.utils import np_utils; np_utils.to_categorical([1])": "",
    "import keras; keras.utils.np_utils.to_categorical([1])": "",
    "import keras.layers.core; keras.layers.core.Dense; keras.layers.core.dense.Dense": "",
    "from keras.layers import core; core.Dropout": "",
    "from keras.layers.core import *; Dense, Flatten": "",
    "import keras.engine.topology; keras.engine.topology.Layer": "",
    "from keras import engine; engine.topology.Layer; engine.Layer": "",
    "import tensorflow.compat.v1 as tf": "",
    "import tensorflow.keras.layers as L; import keras; assert L is keras.layers": "",
    "from tensorflow.keras import layers, models; layers.Dense, models.Model": "",
    "from tensorflow.python.keras.layers import Dense": "",
    "from tensorflow.data.experimental import AUTOTUNE": "",
    "import tensorflow as tf; tf.keras.mixed_precision.Policy": "",
    "import kerastorch.layers.core.dense as d; d.Dense": "",
}


@pytest.mark.parametrize("text", IMPORTS, ids=str)
def test_imports_as_scripts_write_them(text):
    exec(text, {})


ABSENT = {
    "import keras.appliances": "kerastorch has no `keras.appliances`.",
    "import keras.layers.layers": "kerastorch has no `keras.layers.layers`.",
    "import keras.core": "kerastorch has no `keras.core`.",
    "import keras.training.loop": "kerastorch has no `keras.training`.",
    "from keras.layers import Dens": "kerastorch has no `keras.layers.Dens`. Did you mean 'Dense'?",
    "from keras.layers.core import Dens": "kerastorch has no `keras.layers.core.Dens`. Did you mean 'Dense'?",
    "from tf_keras import Modell": "kerastorch has no `keras.Modell`. Did you mean 'Model'?",
    "from tensorflow import Session": "kerastorch has no `tensorflow.Session`. Everything runs eagerly",
    "import tensorflow.lite": "kerastorch has no `tensorflow.lite`. Export with",
    "from tensorflow.contrib import slim": "kerastorch has no `tensorflow.contrib.slim`. TensorFlow 2 has removed",
    "from tensorflow.keras.estimator import model_to_estimator": "kerastorch has no `keras.estimator` yet.",
    "import tensorflow.functions": "kerastorch has no `tensorflow.functions`.",
}


@pytest.mark.parametrize("text", ABSENT, ids=str)
def test_the_import_of_an_absent_name_says_what_is_missing(text):
    with pytest.raises(MissingModuleError, match=r"^kerastorch has no") as caught:
        exec(text, {})
    assert str(caught.value).startswith(ABSENT[text])
    assert isinstance(caught.value, ModuleNotFoundError)


def test_an_absent_attribute_of_a_moved_module_says_what_is_missing():
    module = importlib.import_module("keras.layers.core")
    with pytest.raises(
        AttributeError, match=r"kerastorch has no `keras.layers.core.Dens`. Did you mean 'Dense'"
    ):
        _ = module.Dens
    assert not hasattr(module, "Dens")


def test_the_modules_of_kerastorch_keep_their_own_specification():
    layers = importlib.import_module("keras.layers")
    assert layers.__spec__.name == layers.__name__ == "kerastorch.layers"
    assert importlib.import_module("kerastorch.layers.core.dense").Dense is layers.Dense


def test_a_search_for_a_package_finds_it():
    found = importlib.util.find_spec("tensorflow")
    assert found is not None
    assert found.origin is not None
    assert found.origin.startswith(str(ROOT / "kerastorch"))


def test_tensorboard_does_without_tensorflow():
    assert importlib.util.find_spec("tensorboard.compat.notf") is not None


def test_the_dialect_stays_inside_a_block():
    importlib.import_module("tf_keras")
    assert config.dialect() == "keras"


def test_blocks_can_be_nested():
    with redirected():
        importlib.import_module("tf_keras")
    assert importlib.import_module("tf_keras").layers is kerastorch.layers


def test_installing_again_sets_the_dialect_only():
    active = redirect._Global.active
    install()
    assert redirect._Global.active is active
    with pytest.raises(InvalidArgumentError, match="Unknown dialect: 'french'"):
        install("french")
    assert redirect._Global.active is None
    assert config.dialect() == "keras"


def test_uninstalling_twice_does_nothing():
    uninstall()
    uninstall()
    assert redirect._Global.active is None


def test_afterwards_everything_is_as_before():
    uninstall()
    roots = {name for name in sys.modules if name.partition(".")[0] in redirect_names.ROOTS}
    assert roots == set()
    assert not hasattr(kerastorch.utils, "np_utils")
    assert kerastorch.layers.core.__name__ == "kerastorch.layers.core"
    assert type(kerastorch.layers.core) is type(sys)
    assert not any(isinstance(finder, redirect.Finder) for finder in sys.meta_path)
    with pytest.raises(ImportError, match="np_utils"):
        exec("from kerastorch.utils import np_utils")


def test_keras_itself_comes_back():
    uninstall()
    sys.modules["keras"] = real_keras
    with pytest.raises(
        AlreadyImportedError, match=r"`keras` has been imported already, from .*Call `kerastorch\.install"
    ):
        install()
    assert redirect._Global.active is None


FRESH = """
import importlib.util
from kerastorch.compat.redirect import install, uninstall
install()
import keras, tensorflow, kerastorch
assert keras.layers is kerastorch.layers, keras
assert "kerastorch" in keras.__file__
assert kerastorch.config.dialect() == "keras"
uninstall()
assert "kerastorch" not in importlib.util.find_spec("keras").origin
"""


def test_a_process_without_keras_and_then_with_it():
    subprocess.run([sys.executable, "-c", FRESH], check=True, cwd=ROOT)


def test_what_scripts_run_on_needs_neither_package():
    source = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    required = source.partition("install_requires =")[2].partition("[")[0].split()
    assert not {"keras", "tensorflow", "tf_keras"} & set(required)
