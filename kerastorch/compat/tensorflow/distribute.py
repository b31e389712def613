"""`tf.distribute` for one device: strategies whose scope and loop are the ordinary ones."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import torch

from kerastorch import tree
from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.operation import as_tensor
from kerastorch.compat.tensorflow.placement import device as device_block
from kerastorch.errors import InvalidArgumentError


class ReduceOp(enum.Enum):
    """How the values of several copies become one.

    Example:
        >>> ReduceOp.SUM.value
        'SUM'

    Source: `tf.distribute.ReduceOp`
    """

    SUM = "SUM"
    MEAN = "MEAN"


class InputContext:
    """Which part of the input a worker reads: all of it.

    Args:
        num_input_pipelines: number of workers. Default: 1.
        input_pipeline_id: the number of this one. Default: 0.
        num_replicas_in_sync: number of copies of the model. Default: 1.

    Example:
        >>> InputContext().get_per_replica_batch_size(32)
        32

    Source: `tf.distribute.InputContext`
    """

    def __init__(
        self, num_input_pipelines: int = 1, input_pipeline_id: int = 0, num_replicas_in_sync: int = 1
    ) -> None:
        self.num_input_pipelines = num_input_pipelines
        self.input_pipeline_id = input_pipeline_id
        self.num_replicas_in_sync = num_replicas_in_sync

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """Returns the samples of one copy in a batch of all.

        Args:
            global_batch_size: samples of all copies.

        Raises:
            InvalidArgumentError: when they cannot be shared evenly.
        """
        if global_batch_size % self.num_replicas_in_sync:
            raise InvalidArgumentError(
                f"A batch of {global_batch_size} cannot be shared by {self.num_replicas_in_sync} copies."
            )
        return global_batch_size // self.num_replicas_in_sync


class ReplicaContext:
    """What a function run by a strategy knows of its place.

    Args:
        strategy: the strategy.

    Example:
        >>> get_replica_context().replica_id_in_sync_group
        0

    Source: `tf.distribute.ReplicaContext`
    """

    replica_id_in_sync_group = 0
    num_replicas_in_sync = 1

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy

    def all_reduce(self, reduce_op: Any, value: Any, options: Any = None) -> Any:
        """Returns the value, since there is one copy.

        Args:
            reduce_op: a `ReduceOp` or its name.
            value: tensors.
            options: has no effect.
        """
        _operation(reduce_op)
        return value

    def merge_call(self, merge_fn: Callable, args: Any = (), kwargs: Any = None) -> Any:
        """Returns what a function gives for the strategy and the arguments.

        Args:
            merge_fn: the function.
            args: its arguments after the strategy.
            kwargs: its arguments by name.
        """
        return merge_fn(self.strategy, *args, **(kwargs or {}))


class Strategy:
    """Runs a training loop written for several devices on one: `run` calls the function once.

    Args:
        extended: has no effect.

    Example:
        >>> strategy = get_strategy()
        >>> with strategy.scope():
        ...     value = strategy.run(lambda x: 2 * x, args=(torch.tensor(3.0),))
        >>> strategy.num_replicas_in_sync, strategy.reduce("SUM", value, axis=None)
        (1, tensor(6.))

    Source: `tf.distribute.Strategy`
    """

    num_replicas_in_sync = 1
    cluster_resolver = None

    def __init__(self, extended: Any = None) -> None:
        self._device: Any = None
        self.extended = SimpleNamespace(
            worker_devices=("/device:CPU:0",),
            parameter_devices=("/device:CPU:0",),
            variable_created_in_scope=bool,
        )

    @contextlib.contextmanager
    def scope(self) -> Iterator[Strategy]:
        """A block in which the strategy is the current one and variables are made on its device."""
        former, _Current.strategy = _Current.strategy, self
        try:
            with device_block(self._device):
                yield self
        finally:
            _Current.strategy = former

    def run(self, fn: Callable, args: Any = (), kwargs: Any = None, options: Any = None) -> Any:
        """Returns what a function gives.

        Args:
            fn: the function.
            args: its arguments.
            kwargs: its arguments by name.
            options: has no effect.
        """
        with device_block(self._device):
            return fn(*args, **(kwargs or {}))

    def reduce(self, reduce_op: Any, value: Any, axis: int | None = None) -> Any:
        """Returns the sum or mean over copies, of which there is one, and over an axis.

        Args:
            reduce_op: `ReduceOp.SUM`, `ReduceOp.MEAN` or their names.
            value: tensors.
            axis: an axis to sum or average too; None for none.

        Raises:
            InvalidArgumentError: when `reduce_op` is none.
        """
        operation = _operation(reduce_op)
        if axis is None:
            return value
        function = torch.sum if operation is ReduceOp.SUM else torch.mean
        return tree.map_structure(lambda leaf: function(as_tensor(leaf), dim=axis), value)

    def gather(self, value: Any, axis: int) -> Any:
        """Returns the values of all copies along an axis: those of the one.

        Args:
            value: tensors.
            axis: the axis.
        """
        return value

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        """Returns the dataset: the one device gets all of it.

        Args:
            dataset: a dataset.
            options: has no effect.
        """
        return dataset

    def distribute_datasets_from_function(self, dataset_fn: Callable, options: Any = None) -> Any:
        """Returns the dataset that a function makes.

        Args:
            dataset_fn: a function of an `InputContext`.
            options: has no effect.
        """
        return dataset_fn(InputContext())

    experimental_distribute_datasets_from_function = distribute_datasets_from_function

    def experimental_local_results(self, value: Any) -> tuple:
        """Returns the values of the copies on this machine: a tuple of one.

        Args:
            value: what `run` gave.
        """
        return (value,)

    def experimental_distribute_values_from_function(self, value_fn: Callable) -> Any:
        """Returns what a function of the copy's context gives.

        Args:
            value_fn: the function.
        """
        return value_fn(SimpleNamespace(replica_id_in_sync_group=0, num_replicas_in_sync=1))


class OneDeviceStrategy(Strategy):
    """A strategy for one device that is named.

    Args:
        device: such as `"/gpu:0"`.

    Raises:
        InvalidArgumentError: when it names no device of this machine.

    Example:
        >>> OneDeviceStrategy("/cpu:0").num_replicas_in_sync
        1

    Source: `tf.distribute.OneDeviceStrategy`
    """

    def __init__(self, device: Any) -> None:
        super().__init__()
        device_block(device)
        self._device = device
        self.extended.worker_devices = self.extended.parameter_devices = (device,)


class MirroredStrategy(Strategy):
    """A strategy that TensorFlow runs on all GPUs of a machine, and that runs on one device here.

    Args:
        devices: names of the devices. Default: the first GPU, or the CPU.
        cross_device_ops: has no effect.

    Raises:
        InvalidArgumentError: when more than one device is named.

    Example:
        >>> MirroredStrategy().num_replicas_in_sync
        1

    Source: `tf.distribute.MirroredStrategy`
    """

    def __init__(self, devices: Any = None, cross_device_ops: Any = None) -> None:
        super().__init__()
        names = [devices] if isinstance(devices, str) else list(devices or [])
        if len(names) > 1:
            raise InvalidArgumentError(
                f"`tf.distribute.{type(self).__name__}` uses one device here. Received: devices={names}. Name one of "
                "them, or train on several GPUs by `torch.nn.parallel.DistributedDataParallel` in a loop of torch."
            )
        if names:
            device_block(names[0])
            self._device = names[0]


class MultiWorkerMirroredStrategy(Strategy):
    """A strategy that TensorFlow runs on several machines, and that runs on one device here.

    Args:
        cluster_resolver: has to be None: one machine.
        communication_options: has no effect.

    Raises:
        InvalidArgumentError: when a cluster is given.

    Example:
        >>> MultiWorkerMirroredStrategy().num_replicas_in_sync
        1

    Source: `tf.distribute.MultiWorkerMirroredStrategy`
    """

    def __init__(self, cluster_resolver: Any = None, communication_options: Any = None) -> None:
        super().__init__()
        if cluster_resolver is not None:
            raise InvalidArgumentError(
                "`tf.distribute.MultiWorkerMirroredStrategy` uses one device here. Received a `cluster_resolver`; "
                "train on several machines by `torchrun` and a loop of torch."
            )


class CentralStorageStrategy(MirroredStrategy):
    """A strategy that TensorFlow runs on all GPUs with weights on the CPU, and that runs on one device here.

    Args:
        compute_devices: names of the devices. Default: the first GPU, or the CPU.
        parameter_device: has no effect.

    Raises:
        InvalidArgumentError: when more than one device is named.

    Example:
        >>> CentralStorageStrategy().num_replicas_in_sync
        1

    Source: `tf.distribute.experimental.CentralStorageStrategy`
    """

    def __init__(self, compute_devices: Any = None, parameter_device: Any = None) -> None:
        super().__init__(compute_devices)


class _Current:
    """The strategy whose scope runs."""

    strategy: Any = None


_default = Strategy()


def _operation(value: Any) -> ReduceOp:
    try:
        return value if isinstance(value, ReduceOp) else ReduceOp(str(value).upper())
    except ValueError as error:
        raise InvalidArgumentError(
            f"`reduce_op` must be `tf.distribute.ReduceOp.SUM` or `MEAN`. Received: {value!r}."
        ) from error


def get_strategy() -> Strategy:
    """Returns the strategy whose scope runs, or the default one.

    Example:
        >>> get_strategy().num_replicas_in_sync
        1
    """
    return _Current.strategy or _default


def has_strategy() -> bool:
    """Returns whether the scope of a strategy runs.

    Example:
        >>> has_strategy()
        False
    """
    return _Current.strategy is not None


def get_replica_context() -> ReplicaContext:
    """Returns the context of the one copy.

    Example:
        >>> get_replica_context().num_replicas_in_sync
        1
    """
    return ReplicaContext(get_strategy())


def in_cross_replica_context() -> bool:
    """Returns whether code stands between copies, which is so in the scope of a strategy.

    Example:
        >>> in_cross_replica_context()
        False
    """
    return has_strategy()


experimental = SimpleNamespace(
    CentralStorageStrategy=CentralStorageStrategy, MultiWorkerMirroredStrategy=MultiWorkerMirroredStrategy
)

__all__ = [
    "InputContext",
    "MirroredStrategy",
    "MultiWorkerMirroredStrategy",
    "OneDeviceStrategy",
    "ReduceOp",
    "ReplicaContext",
    "Strategy",
    "experimental",
    "get_replica_context",
    "get_strategy",
    "has_strategy",
    "in_cross_replica_context",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.distribute", name)
