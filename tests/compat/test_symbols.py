"""Every `tf` name that was counted in public scripts exists, or its absence says what to use."""

from __future__ import annotations

import functools

import pytest

from kerastorch.compat import tensorflow as tf

NAMES = """
GradientTape TensorShape UnconnectedGradients.ZERO Variable __version__ abs add_n argmax cast clip_by_global_norm
clip_by_value compat.v1.disable_eager_execution compat.v1.global_variables_initializer compat.v1.train.AdamOptimizer
complex concat config.list_physical_devices constant convert_to_tensor data.AUTOTUNE data.Dataset.from_tensor_slices
data.Dataset.sample_from_datasets device distribute.MirroredStrategy distribute.ReduceOp.SUM einsum equal exp
expand_dims float32 float64 function global_variables_initializer image.adjust_contrast image.resize
initializers.RandomNormal int32 int64 linspace losses.CategoricalCrossentropy losses.binary_crossentropy matmul
math.log math.reduce_mean math.sin math.sqrt meshgrid metrics.BinaryAccuracy multiply nest.flatten newaxis
nn.compute_average_loss nn.embedding_lookup nn.l2_normalize nn.relu nn.scale_regularization_loss nn.sigmoid
nn.sigmoid_cross_entropy_with_logits nn.softmax nn.softplus nn.sparse_softmax_cross_entropy_with_logits not_equal
one_hot ones optimizers.Adam optimizers.SGD random.normal random.set_seed random.uniform range reduce_mean reduce_sum
reshape saved_model.load saved_model.save shape split sqrt square strings.lower strings.regex_replace subtract tile
train.Checkpoint train.CheckpointManager train.GradientDescentOptimizer train.latest_checkpoint transpose
version.VERSION zeros zeros_initializer zeros_like
"""

NAMES_WITHOUT = (
    "Session compat.v1.Session compat.v1.placeholder placeholder lite.Interpreter lite.TFLiteConverter"
)


def reach(name):
    return functools.reduce(getattr, name.split("."), tf)


@pytest.mark.parametrize("name", NAMES.split())
def test_names_that_scripts_use_exist(name):
    assert reach(name) is not None or name == "newaxis"


@pytest.mark.parametrize("name", NAMES_WITHOUT.split())
def test_absent_names_say_what_to_use(name):
    with pytest.raises(AttributeError, match=r"in kerastorch\. (Use|Everything|Export)"):
        reach(name)


@pytest.mark.parametrize("name", sorted(tf.__all__))
def test_the_index_holds_what_it_says(name):
    assert hasattr(tf, name)
