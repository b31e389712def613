"""What is said about names of TensorFlow that kerastorch does not have."""

from __future__ import annotations

import sys

from kerastorch.errors import did_you_mean

_HOME = "kerastorch.compat.tensorflow"

# What to write instead, by the name or by the namespace that a name lies in.
INSTEAD = {
    "tf.app": "Parse arguments with `argparse` and call the main function.",
    "tf.contrib": "TensorFlow 2 has removed it; look for the layer in `tf.keras.layers`.",
    "tf.data.TFRecordDataset": "Read the files with `tf.data.Dataset.from_generator`, or store arrays with NumPy.",
    "tf.distribute.TPUStrategy": "TPUs are not supported; use `tf.distribute.get_strategy()`.",
    "tf.distribute.cluster_resolver": "Processes are started by `torchrun`.",
    "tf.estimator": "Use a `tf.keras.Model` and its `fit`.",
    "tf.experimental.dlpack": "Use `torch.utils.dlpack`.",
    "tf.feature_column": "Use the preprocessing layers, such as `tf.keras.layers.StringLookup`.",
    "tf.flags": "Parse arguments with `argparse`.",
    "tf.gradients": "Use `tf.GradientTape`, or `torch.autograd.grad`.",
    "tf.hessians": "Nest two `tf.GradientTape`s, or use `torch.func.hessian`.",
    "tf.InteractiveSession": "Everything runs eagerly: call functions and read results with `.numpy()`.",
    "tf.io.TFRecordWriter": "Store arrays with NumPy or HDF5.",
    "tf.io.parse_single_example": "TFRecord files are not read; store arrays with NumPy or HDF5.",
    "tf.layers": "Use `tf.keras.layers`.",
    "tf.lite": "Export with `torch.export.export(model, args)`, or `torch.onnx.export`.",
    "tf.make_ndarray": "Use `tensor.numpy()`.",
    "tf.placeholder": "Use `tf.keras.Input` in a functional model, or the argument of a function.",
    "tf.profiler": "Use `torch.profiler`.",
    "tf.queue": "Use `tf.data.Dataset` or `queue.Queue`.",
    "tf.quantization": "Use `torch.ao.quantization`.",
    "tf.raw_ops": "Use the function of the same purpose in `tf`, `tf.math` or `tf.nn`.",
    "tf.Session": "Everything runs eagerly: call functions and read results with `.numpy()`.",
    "tf.compat.v1.Session": "Everything runs eagerly: call functions and read results with `.numpy()`.",
    "tf.compat.v1.placeholder": "Use `tf.keras.Input` in a functional model, or the argument of a function.",
    "tf.Graph": "Everything runs eagerly; a functional model is a graph, see `model.code`.",
    "tf.tpu": "TPUs are not supported.",
    "tf.train.Example": "TFRecord files are not written; store arrays with NumPy or HDF5.",
    "tf.train.Feature": "TFRecord files are not written; store arrays with NumPy or HDF5.",
    "tf.train.Features": "TFRecord files are not written; store arrays with NumPy or HDF5.",
    "tf.train.BytesList": "TFRecord files are not written; store arrays with NumPy or HDF5.",
    "tf.variable_scope": "Keep variables as attributes of a layer or a `tf.Module`.",
    "tf.get_variable": "Use `tf.Variable`, kept as an attribute of a layer or a `tf.Module`.",
    "tf.xla": "Use `torch.compile`.",
}


def instead(name: str) -> str:
    """Returns what to write in place of an absent name, or an empty string.

    Args:
        name: the whole name, such as `"tf.lite.Interpreter"`.

    Example:
        >>> instead("tf.layers.dense")
        'Use `tf.keras.layers`.'
    """
    while name:
        if name in INSTEAD:
            return INSTEAD[name]
        name = name.rpartition(".")[0]
    return ""


def missing(module: str, name: str) -> AttributeError:
    """Returns the error for a name that a module lacks: what to use in its place, or the nearest name there is.

    Args:
        module: the module, such as `"tf.math"`; `"tensorflow"` is `tf` itself.
        name: the name that was asked for.

    Example:
        >>> str(missing("tf.example", "foo"))
        "module 'tf.example' has no attribute 'foo' in kerastorch."
        >>> str(missing("tensorflow", "layers"))
        "module 'tensorflow' has no attribute 'layers' in kerastorch. Use `tf.keras.layers`."
    """
    place = module.replace("tensorflow", "tf", 1)
    home = sys.modules.get(f"{_HOME}{place.removeprefix('tf')}")
    known = [known for known in dir(home) if not known.startswith("_")] if home is not None else []
    hint = instead(f"{place}.{name}") or did_you_mean(name, known).strip()
    text = f"module {module!r} has no attribute {name!r} in kerastorch."
    return AttributeError(f"{text} {hint}" if hint else text, name=name)
