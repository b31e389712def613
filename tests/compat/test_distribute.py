"""`tf.distribute`, `tf.device`, `tf.config` and `tf.test` on a machine with one device."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch.compat import tensorflow as tf
from kerastorch.core.devices import current_device
from kerastorch.errors import InvalidArgumentError

STRATEGIES = [
    tf.distribute.get_strategy,
    tf.distribute.MirroredStrategy,
    tf.distribute.MultiWorkerMirroredStrategy,
    tf.distribute.experimental.CentralStorageStrategy,
    lambda: tf.distribute.OneDeviceStrategy("/cpu:0"),
]
NAMES = ["default", "mirrored", "workers", "central", "one"]


@pytest.mark.parametrize("make", STRATEGIES, ids=NAMES)
def test_a_custom_loop_of_the_guides_trains(make):
    strategy = make()
    with strategy.scope():
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        optimizer = keras.optimizers.SGD(0.1)
    x = np.ones((8, 2), "float32")
    dataset = tf.data.Dataset.from_tensor_slices((x, 3 * x[:, :1])).batch(4)

    def step(inputs):
        features, labels = inputs
        with tf.GradientTape() as tape:
            loss = ((model(features, training=True) - labels) ** 2).mean()
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
        return loss

    losses = []
    for _ in range(5):
        for batch in strategy.experimental_distribute_dataset(dataset):
            per_replica = strategy.run(step, args=(batch,))
            losses.append(float(strategy.reduce(tf.distribute.ReduceOp.SUM, per_replica, axis=None).detach()))
    assert losses[-1] < 0.1 * losses[0]


def test_the_strategy_of_a_scope_is_the_current_one():
    strategy = tf.distribute.MirroredStrategy()
    with strategy.scope():
        assert tf.distribute.get_strategy() is strategy
        assert tf.distribute.has_strategy()
        assert tf.distribute.in_cross_replica_context()
    assert tf.distribute.get_strategy() is not strategy


@pytest.mark.parametrize(
    ("operation", "axis", "expected"),
    [("SUM", None, [1.0, 3.0]), (tf.distribute.ReduceOp.SUM, 0, 4.0), ("mean", 0, 2.0)],
    ids=["no axis", "sum", "mean"],
)
def test_reducing_over_an_axis(operation, axis, expected):
    assert (
        tf.distribute.get_strategy().reduce(
            operation, [1.0, 3.0] if axis is None else torch.tensor([1.0, 3.0]), axis
        )
        == expected
    )


def test_datasets_are_made_for_the_whole_batch():
    strategy = tf.distribute.get_strategy()
    made = strategy.distribute_datasets_from_function(
        lambda context: range(context.get_per_replica_batch_size(4))
    )
    assert list(made) == [0, 1, 2, 3]
    assert strategy.experimental_local_results(5) == (5,)


def test_the_context_of_the_copy():
    context = tf.distribute.get_replica_context()
    assert context.replica_id_in_sync_group == 0
    assert context.all_reduce("sum", 3) == 3
    assert context.merge_call(lambda strategy, x: x + strategy.num_replicas_in_sync, args=(1,)) == 2


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: tf.distribute.MirroredStrategy(["/gpu:0", "/gpu:1"]), "uses one device here"),
        (lambda: tf.distribute.MultiWorkerMirroredStrategy(object()), "uses one device here"),
        (lambda: tf.distribute.get_strategy().reduce("max", 1, None), "`reduce_op` must be"),
        (lambda: tf.distribute.InputContext(1, 0, 3).get_per_replica_batch_size(4), "cannot be shared"),
        (lambda: tf.device("/TPU:0"), "names no device that can be used"),
        (lambda: tf.device("/GPU:97"), "is absent: this machine has"),
    ],
    ids=["mirrored", "workers", "reduce", "batch", "tpu", "gpu"],
)
def test_what_one_device_cannot_do_is_explained(call, text):
    with pytest.raises(InvalidArgumentError, match=text):
        call()


@pytest.mark.parametrize("name", ["/CPU:0", "cpu", "/job:localhost/replica:0/task:0/device:CPU:0", None])
def test_devices_by_name(name):
    before = current_device()
    with tf.device(name):
        assert name is None or current_device() == torch.device("cpu")
    assert current_device() == before


def test_devices_are_listed():
    gpus = tf.config.list_physical_devices("GPU")
    assert len(gpus) == torch.cuda.device_count()
    assert len(tf.config.experimental.list_physical_devices()) == len(gpus) + 1
    with tf.device(tf.config.list_logical_devices("CPU")[0]) as device:
        assert device == torch.device("cpu")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: tf.config.set_visible_devices([], "CPU"), "CUDA_VISIBLE_DEVICES"),
        (lambda: tf.config.optimizer.set_jit(True), "jit_compile=True"),
        (lambda: tf.config.threading.set_inter_op_parallelism_threads(2), "between operations"),
        (lambda: tf.config.set_logical_device_configuration(None, [1, 2]), "is not split"),
    ],
    ids=["visible", "jit", "threads", "logical"],
)
def test_settings_without_effect_say_so(call, text):
    with pytest.warns(UserWarning, match=text):
        call()


def test_threads_are_torchs():
    before = torch.get_num_threads()
    tf.config.threading.set_intra_op_parallelism_threads(2)
    assert tf.config.threading.get_intra_op_parallelism_threads() == 2
    torch.set_num_threads(before)


def test_operations_become_deterministic():
    tf.config.experimental.enable_op_determinism()
    assert torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(False)


def test_what_was_asked_for_is_remembered():
    tf.config.run_functions_eagerly(True)
    assert tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(False)
    tf.config.set_soft_device_placement(False)
    assert not tf.config.get_soft_device_placement()
    tf.config.set_soft_device_placement(True)


def test_gpus_are_reported_as_torch_sees_them():
    assert tf.test.is_gpu_available() == torch.cuda.is_available()
    assert bool(tf.test.gpu_device_name()) == torch.cuda.is_available()
    assert tf.test.is_built_with_cuda() == torch.backends.cuda.is_built()
