"""Pictures of models: `plot_model` and `model_to_dot`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerastorch.errors import InvalidArgumentError, MissingDependencyError, NotBuiltError
from kerastorch.utils import plotting_dot
from kerastorch.utils.plotting_draw import draw
from kerastorch.utils.plotting_graph import Frame, Show, describe

_DIRECTIONS = ("TB", "BT", "LR", "RL")
_SHOWN = ("png", "jpg", "jpeg", "gif", "webp", "svg")  # what notebooks can show
_SPLINES = ("ortho", "curved", "polyline", "spline", "line")


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    layer_range: Sequence[str] | None = None,
) -> Any:
    """Returns a model's picture as an object of the package pydot.

    Args:
        model: a model that has been built.
        show_shapes: whether boxes say the shapes of inputs and outputs. Default: False.
        show_dtype: whether they say the data type of the outputs. Default: False.
        show_layer_names: whether they say the names of the layers. Default: True.
        rankdir: `"TB"`, `"BT"`, `"LR"` or `"RL"`: from where to where the edges go. Default: `"TB"`.
        expand_nested: whether models inside are drawn as frames with their layers. Default: False.
        dpi: pixels an inch. Default: 200.
        subgraph: whether to return a `pydot.Cluster`, a part for a larger graph. Default: False.
        show_layer_activations: whether boxes say the activation of layers that have one. Default: False.
        show_trainable: whether they say if the weights train. Default: False.
        splines: how Graphviz draws edges: `"ortho"`, `"curved"`, `"polyline"`, `"spline"` or `"line"`. Default:
            `"ortho"`.
        layer_range: names, or regular expressions, of the first and the last layer to show. Default: None, for all.

    Returns:
        A `pydot.Dot`, or a `pydot.Cluster`.

    Raises:
        NotBuiltError: when the model has not been built.
        InvalidArgumentError: for an unknown `rankdir` or `splines`, or a `layer_range` that matches nothing.
        MissingDependencyError: when pydot is not installed.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.layers.core.input_layer import Input
        >>> from kerastorch.models.sequential import Sequential
        >>> dot = model_to_dot(Sequential([Input((3,)), Dense(2), Dense(1)]))
        >>> len(dot.get_nodes()), len(dot.get_edges())
        (2, 1)

    Source: keras.utils.model_to_dot
    """
    _check(model, rankdir, splines)
    try:
        import pydot
    except ImportError as error:
        raise MissingDependencyError(
            "You must install pydot (`pip install pydot`) for `model_to_dot` to work. `plot_model` needs no pydot."
        ) from error
    show = Show(
        show_shapes, show_dtype, show_layer_names, expand_nested, show_layer_activations, show_trainable
    )
    attributes = None if subgraph else plotting_dot.settings(rankdir, dpi, splines)
    return plotting_dot.to_pydot(pydot, describe(model, show, layer_range), attributes)


def plot_model(
    model: Any,
    to_file: str | os.PathLike = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    layer_range: Sequence[str] | None = None,
) -> Any:
    """Draws a model into a file: with Graphviz where its program `dot` is installed, with matplotlib elsewhere.

    Args:
        model: a model that has been built.
        to_file: the path of the picture. Its extension is the format: `.png`, `.pdf`, `.svg`, `.jpg`, or `.dot` for
            Graphviz's own source text; none means PNG. Default: `"model.png"`.
        show_shapes: whether boxes say the shapes of inputs and outputs. Default: False.
        show_dtype: whether they say the data type of the outputs. Default: False.
        show_layer_names: whether they say the names of the layers. Default: False.
        rankdir: `"TB"`, `"BT"`, `"LR"` or `"RL"`: from where to where the edges go. Default: `"TB"`.
        expand_nested: whether models inside are drawn as frames with their layers. Default: False.
        dpi: pixels an inch. Default: 200.
        show_layer_activations: whether boxes say the activation of layers that have one. Default: False.
        show_trainable: whether they say if the weights train. Default: False.
        splines: how Graphviz draws edges: `"ortho"`, `"curved"`, `"polyline"`, `"spline"` or `"line"`; matplotlib
            draws all with right angles. Default: `"ortho"`.
        layer_range: names, or regular expressions, of the first and the last layer to show. Default: None, for all.

    Returns:
        The picture for a notebook where IPython is installed and can show the format; else None.

    Raises:
        NotBuiltError: when the model has not been built.
        InvalidArgumentError: for an unknown format, `rankdir` or `splines`, or a `layer_range` that matches nothing.
        MissingDependencyError: when neither Graphviz nor matplotlib is installed.

    Example:
        >>> import os, tempfile
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.layers.core.input_layer import Input
        >>> from kerastorch.models.sequential import Sequential
        >>> path = os.path.join(tempfile.mkdtemp(), "model.dot")
        >>> plot_model(Sequential([Input((3,)), Dense(2), Dense(1)]), path, show_shapes=True)
        >>> print(open(path).read()[:9])
        digraph {

    Source: keras.utils.plot_model
    """
    _check(model, rankdir, splines)
    show = Show(
        show_shapes, show_dtype, show_layer_names, expand_nested, show_layer_activations, show_trainable
    )
    frame = describe(model, show, layer_range)
    path = os.fspath(to_file)
    extension = Path(path).suffix[1:].lower() or "png"
    text = plotting_dot.source(frame, plotting_dot.settings(rankdir, dpi, splines))
    program = shutil.which("dot")
    if extension in ("dot", "gv"):
        Path(path).write_text(text, encoding="utf-8")
    elif program is not None:
        _run(program, text, path, extension)
    else:
        _draw(frame, path, extension, rankdir, dpi)
    return _notebook_picture(path, extension)


def _check(model: Any, rankdir: str, splines: str) -> None:
    if not model.built:
        raise NotBuiltError(
            f"Model {model.name!r} has not yet been built. Build the model first by calling `build()` or by calling "
            "the model on a batch of data."
        )
    for name, value, known in (("rankdir", rankdir, _DIRECTIONS), ("splines", splines, _SPLINES)):
        if value not in known:
            raise InvalidArgumentError(f"`{name}` must be one of {list(known)}. Received: {value!r}.")


def _run(program: str, text: str, path: str, extension: str) -> None:
    """Lets Graphviz draw.

    Raises:
        InvalidArgumentError: when it cannot, with what it says.
    """
    command = [program, f"-T{extension}", "-o", path]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode:
        raise InvalidArgumentError(
            f"Graphviz could not write {path!r}: {done.stderr.decode(errors='replace').strip()}"
        )


def _draw(frame: Frame, path: str, extension: str, rankdir: str, dpi: float) -> None:
    try:
        draw(frame, path, extension, rankdir, dpi)
    except ImportError as error:
        raise MissingDependencyError(
            f"Nothing can draw {path!r}: neither Graphviz nor matplotlib is installed. Install one of them "
            "(`pip install matplotlib`, or see https://graphviz.org/download/), or write the source text with "
            "`to_file='model.dot'`."
        ) from error


def _notebook_picture(path: str, extension: str) -> Any:
    """The picture as notebooks show it; None without IPython, and for what they cannot show."""
    if extension not in _SHOWN:
        return None
    try:
        from IPython import display
    except ImportError:
        return None
    if extension == "svg":
        return display.SVG(filename=path)
    return display.Image(filename=path, format=extension)
