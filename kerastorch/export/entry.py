"""The one way out: a model, a path and a format."""

from __future__ import annotations

import os
from typing import Any

from kerastorch.errors import InvalidArgumentError, did_you_mean
from kerastorch.lazy import later

# What writes each format: imported when it is asked for, for every model has an `export`.
FORMATS = {
    "torch": "write_program",
    "onnx": "write_onnx",
    "source": "write_source",
    "aot_inductor": "write_package",
}
_writer, _ = later(
    __name__,
    {
        **dict.fromkeys(("write_program", "write_package"), "kerastorch.export.programs"),
        "write_onnx": "kerastorch.export.onnx",
        "write_source": "kerastorch.export.source.writer",
    },
)

# Formats of Keras that need another framework, and what takes a file of ours instead.
ELSEWHERE = {
    "tf_saved_model": "TensorFlow writes it. Save the model as `.keras`, which Keras on TensorFlow opens and exports, "
    'or use `format="onnx"` or `format="torch"`',
    "litert": 'the package litert_torch writes it. Use `format="torch"`, whose program `litert_torch` converts',
    "openvino": 'the package openvino writes it. Use `format="onnx"`, which `openvino.convert_model` takes',
}


def export_model(
    model: Any,
    filepath: str | os.PathLike[str],
    format: str = "tf_saved_model",
    verbose: bool | None = None,
    input_signature: Any = None,
    **kwargs: Any,
) -> None:
    """Writes a model in eval mode as something that runs without kerastorch.

    Args:
        model: the model.
        filepath: the file, or for `"source"` the folder, to write or to replace.
        format: `"torch"`, a program for `torch.export.load` (`.pt2`); `"onnx"`, an ONNX file; `"source"`, a folder
            with `model.py`, a plain PyTorch module, and `state_dict.pt`; or `"aot_inductor"`, a package of compiled
            code for `torch._inductor.aoti_load_package` (`.pt2`).
        verbose: whether a line says what was written; None does.
        input_signature: what the model is called with, as `InputSpec`s or tensors in the structure of its inputs;
            None asks the model. Axes of size None stay open. For `"source"` it says nothing.
        **kwargs: arguments of `torch.export.export`, such as `dynamic_shapes` or `strict`, and for `"onnx"`
            `opset_version`.

    Raises:
        InvalidArgumentError: when there is no such format here, or the model does not fit it.
        NotBuiltError: when the model has no weights yet.
        MissingDependencyError: when a package or a compiler is missing.

    Example:
        >>> import os, tempfile
        >>> from kerastorch import Sequential, layers
        >>> folder = os.path.join(tempfile.mkdtemp(), "plain")
        >>> export_model(Sequential([layers.Input((2,)), layers.Dense(1)]), folder, "source", verbose=False)
        >>> sorted(os.listdir(folder))
        ['model.py', 'state_dict.pt']

    Source: `keras.Model.export`.
    """
    if format in ELSEWHERE:
        raise InvalidArgumentError(f"`format={format!r}` is not written from PyTorch: {ELSEWHERE[format]}.")
    if format not in FORMATS:
        raise InvalidArgumentError(
            f"Unrecognized format={format!r}. Supported formats are: {list(FORMATS)}.{did_you_mean(format, FORMATS)}"
        )
    if format == "source":
        _refuse_options(kwargs)
        _writer("write_source")(model, filepath)
    else:
        _writer(FORMATS[format])(model, filepath, input_signature, dict(kwargs))
    if verbose or verbose is None:
        print(f"Saved the model as {format!r} at {os.fspath(filepath)!r}.")


def _refuse_options(options: dict) -> None:
    if options:
        raise InvalidArgumentError(
            f"Unsupported arguments for `format='source'`: {', '.join(sorted(options))}."
        )
