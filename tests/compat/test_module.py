"""`tf.Module` and `tf.keras`: what holds variables, and the surface that scripts reach through `tf`."""

from __future__ import annotations

import pytest
import torch

import kerastorch as keras
from kerastorch.compat import tensorflow as tf


class Line(tf.Module):
    """A module as in the guides, with a list of others."""

    def __init__(self, inner=()):
        super().__init__()
        self.slope = tf.Variable(2.0, name="slope")
        self.calls = tf.Variable(0, trainable=False, name="calls")
        self.inner = [Line() for _ in range(len(inner))]

    @tf.Module.with_name_scope
    def __call__(self, x):
        self.calls.assign_add(1)
        return self.slope * x


def test_modules_find_their_variables():
    line = Line(inner=[0, 0])
    assert len(line.trainable_variables) == 3
    assert len(line.non_trainable_variables) == 3
    assert len(line.variables) == 6
    assert [type(m) for m in line.submodules if isinstance(m, Line)] == [Line, Line]


def test_modules_are_torchs_too():
    line = Line()
    assert isinstance(line, torch.nn.Module)
    assert list(line.state_dict()) == ["slope", "calls"]
    assert (line.name, float(line(3.0).detach()), int(line.calls)) == ("line", 6.0, 1)


def test_variables_made_in_its_scope_have_its_name():
    with Line().name_scope:
        assert tf.Variable(1.0, name="w").path == "line/w"


def test_tf_keras_is_kerastorch():
    assert tf.keras.layers is keras.layers
    assert tf.keras.Model is keras.Model
    assert set(keras.__all__) <= set(dir(tf.keras))


@pytest.mark.parametrize("name", ["losses", "metrics", "optimizers", "initializers"])
def test_parts_of_keras_lie_in_tf_too(name):
    assert getattr(tf, name) is getattr(keras, name)


def test_versions_can_be_compared():
    assert tf.__version__ == tf.version.VERSION == "2.21.0"
    assert tf.__version__.startswith("2.")
    assert tf.keras.__version__.startswith("3.")


@pytest.mark.parametrize(
    ("name", "value"), [("zeros_initializer", 0.0), ("ones_initializer", 1.0)], ids=["zeros", "ones"]
)
def test_initializers_of_tf(name, value):
    assert getattr(tf, name)()((2,)).tolist() == [value, value]


def test_datasets_are_kerastorchs():
    dataset = tf.data.Dataset.from_tensor_slices([1, 2, 3]).batch(2).prefetch(tf.data.AUTOTUNE)
    assert [batch.tolist() for batch in dataset] == [[1, 2], [3]]
    assert tf.data.experimental.cardinality(dataset) == 2


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("layers", "Use `tf.keras.layers`"),
        ("lite", "torch.export"),
        ("estimator", "its `fit`"),
        ("feature_column", "preprocessing layers"),
        ("GradientTap", "Did you mean 'GradientTape'"),
    ],
)
def test_absent_names_say_what_to_use(name, hint):
    with pytest.raises(AttributeError, match=hint):
        getattr(tf, name)


@pytest.mark.parametrize(
    ("module", "name", "hint"),
    [
        ("distribute", "TPUStrategy", "TPUs are not supported"),
        ("data", "TFRecordDataset", "from_generator"),
        ("config", "list_phsical_devices", "Did you mean 'list_physical_devices'"),
        ("keras", "Modle", "has no attribute 'Modle'"),
    ],
)
def test_absent_names_of_modules_say_what_to_use(module, name, hint):
    with pytest.raises(AttributeError, match=hint):
        getattr(getattr(tf, module), name)
