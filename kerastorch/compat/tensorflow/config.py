"""`tf.config`: the devices of this machine and settings, as far as torch has them."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any, NamedTuple

import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.core.determinism import enable_determinism


class PhysicalDevice(NamedTuple):
    """A device of this machine.

    Args:
        name: such as `"/physical_device:GPU:0"`.
        device_type: `"CPU"` or `"GPU"`.

    Example:
        >>> PhysicalDevice("/physical_device:CPU:0", "CPU").device_type
        'CPU'

    Source: `tf.config.PhysicalDevice`
    """

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device as `tf.device` names it.

    Args:
        name: such as `"/device:GPU:0"`.
        device_type: `"CPU"` or `"GPU"`.

    Example:
        >>> LogicalDevice("/device:CPU:0", "CPU").name
        '/device:CPU:0'

    Source: `tf.config.LogicalDevice`
    """

    name: str
    device_type: str


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Returns the devices of this machine.

    Args:
        device_type: `"CPU"` or `"GPU"`; None for both.

    Returns:
        Pairs of `name` and `device_type`.

    Example:
        >>> list_physical_devices("CPU")
        [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]

    Source: `tf.config.list_physical_devices`, `torch.cuda.device_count`
    """
    counts = {"CPU": 1, "GPU": torch.cuda.device_count()}
    return [
        PhysicalDevice(f"/physical_device:{kind}:{i}", kind)
        for kind, count in counts.items()
        for i in range(count)
        if device_type in (None, kind)
    ]


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """Returns the devices as `tf.device` names them.

    Args:
        device_type: `"CPU"` or `"GPU"`; None for both.

    Example:
        >>> list_logical_devices("CPU")[0].name
        '/device:CPU:0'
    """
    return [
        LogicalDevice(name.replace("physical_", ""), kind)
        for name, kind in list_physical_devices(device_type)
    ]


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Returns the devices that can be used: all.

    Args:
        device_type: `"CPU"` or `"GPU"`; None for both.

    Example:
        >>> len(get_visible_devices("CPU"))
        1
    """
    return list_physical_devices(device_type)


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Warns: which GPUs torch sees is decided before it starts, by the variable `CUDA_VISIBLE_DEVICES`.

    Args:
        devices: the devices to use.
        device_type: `"CPU"` or `"GPU"`.

    Example:
        >>> set_visible_devices(list_physical_devices("CPU"), "CPU")
    """
    wanted = list(devices) if isinstance(devices, (list, tuple)) else [devices]
    if wanted != list_physical_devices(device_type):
        warnings.warn(
            "`tf.config.set_visible_devices` has no effect here: set the environment variable CUDA_VISIBLE_DEVICES "
            "before Python starts, or choose a device by `tf.device`.",
            stacklevel=2,
        )


def set_memory_growth(device: Any, enable: bool) -> None:
    """Does nothing: torch takes memory of a GPU as it needs it.

    Args:
        device: a device.
        enable: whether memory grows by need.

    Example:
        >>> set_memory_growth(list_physical_devices("CPU")[0], True)
    """


def get_memory_growth(device: Any) -> bool:
    """Returns True: torch takes memory of a GPU as it needs it.

    Args:
        device: a device.

    Example:
        >>> get_memory_growth(list_physical_devices("CPU")[0])
        True
    """
    return True


def set_logical_device_configuration(device: Any, logical_devices: Any) -> None:
    """Limits the memory of a GPU, where one limit is given; parts of one device are not made.

    Args:
        device: a device.
        logical_devices: a list of one `LogicalDeviceConfiguration`.

    Example:
        >>> set_logical_device_configuration(list_physical_devices("CPU")[0], [LogicalDeviceConfiguration()])
    """
    parts = list(logical_devices)
    if len(parts) > 1:
        warnings.warn("A device is not split into logical ones here; there is one.", stacklevel=2)
        return
    limit = parts[0].memory_limit if parts else None
    if limit is not None and device.device_type == "GPU":
        index = int(device.name.rpartition(":")[2])
        total = torch.cuda.get_device_properties(index).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, limit * 2**20 / total), index)


class LogicalDeviceConfiguration:
    """How much memory of a device may be used.

    Args:
        memory_limit: in MiB; None for all.
        experimental_priority: has no effect.
        experimental_device_ordinal: has no effect.

    Example:
        >>> LogicalDeviceConfiguration(memory_limit=1024).memory_limit
        1024

    Source: `tf.config.LogicalDeviceConfiguration`
    """

    def __init__(
        self,
        memory_limit: int | None = None,
        experimental_priority: Any = None,
        experimental_device_ordinal: Any = None,
    ) -> None:
        self.memory_limit = memory_limit


class _Modes:
    """What was asked for and has no effect on code that is eager anyway."""

    eager = False
    soft_placement = True


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Remembers the wish: functions always run eagerly.

    Args:
        run_eagerly: whether they shall.

    Example:
        >>> run_functions_eagerly(False)
        >>> functions_run_eagerly()
        False
    """
    _Modes.eager = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """Returns what `run_functions_eagerly` was told.

    Example:
        >>> functions_run_eagerly()
        False
    """
    return _Modes.eager


def set_soft_device_placement(enabled: bool) -> None:
    """Remembers the wish: a tensor stays on its device.

    Args:
        enabled: whether operations may run on another device.

    Example:
        >>> set_soft_device_placement(True)
    """
    _Modes.soft_placement = bool(enabled)


def get_soft_device_placement() -> bool:
    """Returns what `set_soft_device_placement` was told.

    Example:
        >>> get_soft_device_placement()
        True
    """
    return _Modes.soft_placement


def enable_op_determinism() -> None:
    """Makes operations give the same results in every run, or raise an error where they cannot.

    Example:
        >>> enable_op_determinism()
        >>> torch.are_deterministic_algorithms_enabled()
        True
        >>> torch.use_deterministic_algorithms(False)

    Source: `torch.use_deterministic_algorithms`
    """
    enable_determinism()


def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Lets matrix products on GPUs round their factors to 10 bits, which is faster.

    Args:
        enabled: whether they may.

    Example:
        >>> enable_tensor_float_32_execution(False)

    Source: `torch.set_float32_matmul_precision`
    """
    torch.set_float32_matmul_precision("high" if enabled else "highest")


def get_device_details(device: Any) -> dict[str, Any]:
    """Returns the name and the compute capability of a GPU.

    Args:
        device: a device.

    Example:
        >>> get_device_details(list_physical_devices("CPU")[0])
        {}
    """
    if device.device_type != "GPU":
        return {}
    index = int(device.name.rpartition(":")[2])
    return {
        "device_name": torch.cuda.get_device_name(index),
        "compute_capability": torch.cuda.get_device_capability(index),
    }


def get_memory_info(device: str) -> dict[str, int]:
    """Returns the bytes that torch's tensors take on a GPU.

    Args:
        device: such as `"GPU:0"`.

    Returns:
        The bytes now as `current` and the most so far as `peak`; zeros for the CPU.

    Example:
        >>> get_memory_info("CPU:0")
        {'current': 0, 'peak': 0}
    """
    if "GPU" not in device.upper():
        return {"current": 0, "peak": 0}
    index = int(device.rpartition(":")[2])
    return {"current": torch.cuda.memory_allocated(index), "peak": torch.cuda.max_memory_allocated(index)}


def set_jit(enabled: Any) -> None:
    """Warns: compiling is asked for at the model, by `compile(jit_compile=True)`.

    Args:
        enabled: whether to compile.

    Example:
        >>> set_jit(False)
    """
    if enabled:
        warnings.warn(
            "`tf.config.optimizer.set_jit` has no effect here: pass `jit_compile=True` to `model.compile`.",
            stacklevel=2,
        )


def _set_inter_op_threads(num_threads: int) -> None:
    """Remembers the wish: torch fixes this number when its first parallel work starts."""
    if num_threads:
        warnings.warn(
            "The number of threads between operations has no effect here; see `torch.set_num_interop_threads`.",
            stacklevel=2,
        )


def _set_intra_op_threads(num_threads: int) -> None:
    """Sets how many threads one operation uses; 0 leaves it to torch."""
    if num_threads:
        torch.set_num_threads(num_threads)


threading = SimpleNamespace(
    get_inter_op_parallelism_threads=torch.get_num_interop_threads,
    get_intra_op_parallelism_threads=torch.get_num_threads,
    set_inter_op_parallelism_threads=_set_inter_op_threads,
    set_intra_op_parallelism_threads=_set_intra_op_threads,
)
optimizer = SimpleNamespace(
    set_jit=set_jit, get_jit=lambda: "", set_experimental_options=lambda options: None
)
experimental = SimpleNamespace(
    VirtualDeviceConfiguration=LogicalDeviceConfiguration,
    enable_op_determinism=enable_op_determinism,
    enable_tensor_float_32_execution=enable_tensor_float_32_execution,
    get_device_details=get_device_details,
    get_memory_growth=get_memory_growth,
    get_memory_info=get_memory_info,
    get_visible_devices=get_visible_devices,
    list_logical_devices=list_logical_devices,
    list_physical_devices=list_physical_devices,
    set_memory_growth=set_memory_growth,
    set_virtual_device_configuration=set_logical_device_configuration,
    set_visible_devices=set_visible_devices,
)
experimental_run_functions_eagerly = run_functions_eagerly

__all__ = [
    "LogicalDevice",
    "LogicalDeviceConfiguration",
    "PhysicalDevice",
    "experimental",
    "experimental_run_functions_eagerly",
    "functions_run_eagerly",
    "get_soft_device_placement",
    "get_visible_devices",
    "list_logical_devices",
    "list_physical_devices",
    "optimizer",
    "run_functions_eagerly",
    "set_logical_device_configuration",
    "set_soft_device_placement",
    "set_visible_devices",
    "threading",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.config", name)
