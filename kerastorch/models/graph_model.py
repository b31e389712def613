"""What a model made of a graph does: run its generated code, check its inputs, name its parts."""

from __future__ import annotations

import re
import warnings
from keyword import iskeyword
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.config import floatx
from kerastorch.core.arrays import as_tensor
from kerastorch.core.context import state
from kerastorch.core.devices import current_device
from kerastorch.core.graph import Graph, replace_tensors, tensors_in
from kerastorch.core.program import Program, interpret
from kerastorch.core.spec import KerasTensor
from kerastorch.core.strings import StringTensor, as_strings, is_strings, is_texts
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import DataError, GraphError, ShapeError, did_you_mean
from kerastorch.layers import masks
from kerastorch.layers.core.input_layer import InputLayer
from kerastorch.layers.layer import Layer
from kerastorch.training.outputs import Outputs


class GraphModel:
    """The half of `Model` that holds a graph. See `Model`."""

    _takes_any_size = False  # whether only the layers say which sizes of the input they take

    def _set_graph(self: Any, inputs: Any, outputs: Any) -> None:
        """Takes a graph: its layers become child modules and its calls become the code of `forward`."""
        inputs, outputs = (
            _checked(value, what) for value, what in ((inputs, "inputs"), (outputs, "outputs"))
        )
        listed = isinstance(outputs, (list, tuple)) and len(outputs) == 1
        graph = Graph(inputs, outputs[0] if listed else outputs)
        if not all(_is_input(t) for t in tensors_in(inputs)):
            graph = graph.rebased(replace_tensors(inputs, _as_input))
        self._adopt_layers([*graph.operations, *graph.mask_layers])
        records = any(getattr(operation, "_records_losses", False) for operation in graph.operations)
        self.__dict__.update(
            _graph=graph,
            _input_order=_input_names(graph),
            _outputs_listed=listed,  # a list of one output counts as the output itself, except in configs
            _records_losses=records,
        )
        self._make_program()
        self.built = True

    def _adopt_layers(self: Any, operations: list[Any]) -> None:
        for operation in operations:
            if isinstance(operation, Layer) and not isinstance(operation, InputLayer):
                self._modules[self._child_name(operation)] = operation

    def _make_program(self: Any) -> None:
        """Generates the code for the outputs and, where more is computed beside them, the code for both."""
        children = {id(module): name for name, module in self._modules.items()}
        program, full = Program(self._graph, children, self.name), None
        if self._graph.extras:
            full = Program(self._graph, children, f"{self.name} with what was added", extras=True)
        for name, constant in (full or program).constants.items():
            if isinstance(constant, torch.nn.Parameter):
                self._parameters[name] = constant
            else:
                self.register_buffer(name, constant, persistent=False)
        self.__dict__.update(_program=program, _full_program=full)

    def _child_name(self: Any, layer: Layer) -> str:
        known = next((k for k, m in self._modules.items() if m is layer), None)
        if known is not None:
            return known
        name = re.sub(r'[."\\\x00-\x1f]', "_", layer.name)  # a name must not end its string in the code
        if name == "self":  # what the generated code calls the model
            name = "self_layer"
        while hasattr(type(self), name) or name in self.__dict__ or name in self._modules or iskeyword(name):
            name += "_"
        return name

    @property
    def code(self: Any) -> str:
        """The generated Python source of the model's forward pass."""
        if self._program is None:
            raise GraphError(f"Model {self.name!r} has no graph yet, so that there is no generated code.")
        return self._program.code

    def _run_graph(self: Any, inputs: Any, mask: Any = None) -> Any:
        full = self._full_program is not None and _wants_additions()
        if mask is not None and masks.any_mask(mask):
            flat_masks = tree.flatten(mask)
            masks.attach(inputs, flat_masks if len(flat_masks) > 1 else flat_masks[0])
            return interpret(self._graph, inputs, extras=True)[0] if full else interpret(self._graph, inputs)
        program = self._full_program if full else self._program
        if not program.has_masks:
            return program.run(self, inputs)
        outputs, output_masks = program.run(self, inputs)
        if not torch.compiler.is_compiling():
            for output, found in zip(tree.flatten(outputs), tree.flatten(output_masks), strict=True):
                if found is not None:
                    masks.set_mask(output, found)
        return outputs

    def _mask_outputs(self: Any, inputs: Any, outputs: Any, previous: Any) -> None:
        """Leaves the masks that the graph has put on the outputs: to find them anew would run all layers again."""
        by_graph = type(self).compute_mask is self._functional_class.compute_mask
        if not (by_graph and masks.any_mask(masks.masks_of(outputs))):
            super()._mask_outputs(inputs, outputs, previous)  # type: ignore[misc]

    # Inputs --------------------------------------------------------------------------------------------------------

    def _standardize_inputs(self: Any, inputs: Any) -> Any:
        """The inputs in the structure, rank and type that the graph was made with.

        Raises:
            ShapeError: when their number, names or shapes do not fit.
        """
        expected = self._graph.inputs
        flat_expected = tree.flatten(expected)
        flat = self._in_order(_with_strings(inputs), flat_expected)
        checked = [self._fitted(x, t, i) for i, (x, t) in enumerate(zip(flat, flat_expected, strict=True))]
        return tree.pack_sequence_as(expected, checked)

    def _takes_names(self: Any, x: dict[str, Any]) -> bool:
        return self._graph is None or (
            isinstance(self._graph.inputs, dict) and x.keys() == self._graph.inputs.keys()
        )

    def _in_order(self: Any, inputs: Any, expected: list[KerasTensor]) -> list[Any]:
        if isinstance(self._graph.inputs, dict):
            self._warn_of_structure(inputs)
        if isinstance(inputs, dict) and not isinstance(self._graph.inputs, dict):
            names = self._input_order
            missing = [n for n in names if n not in inputs and not _is_optional(expected[names.index(n)])]
            if missing:
                raise ShapeError(_missing_text(self.name, missing[0], inputs, names))
            return [inputs.get(n) for n in names]
        if isinstance(inputs, dict):
            missing = sorted(map(str, set(self._graph.inputs) - set(inputs)))
            if missing:
                raise ShapeError(_missing_text(self.name, missing[0], inputs, list(self._graph.inputs)))
            return tree.flatten({k: inputs[k] for k in self._graph.inputs})
        flat = tree.flatten(inputs)
        if len(flat) != len(expected):
            raise ShapeError(
                f'Layer "{self.name}" expects {len(expected)} input(s), but it received {len(flat)} input tensors. '
                f"Inputs received: {[tuple(getattr(x, 'shape', ())) for x in flat]}"
            )
        return flat

    def _warn_of_structure(self: Any, inputs: Any) -> None:
        """Warns of several inputs without their names, and of names that the model does not have."""
        expected = self._graph.inputs
        if len(inputs) > len(expected) if isinstance(inputs, dict) else len(expected) > 1:
            shapes = tree.map_structure(lambda x: tuple(getattr(x, "shape", ())), inputs)
            warnings.warn(
                f"The structure of `inputs` doesn't match the expected structure of model {self.name!r}. Expected: a "
                f"dictionary with the keys {list(expected)}. Received: inputs of shapes {shapes}. Inputs without "
                "names are taken in the order of the sorted keys, other keys are left out.",
                stacklevel=2,
            )

    def _fitted(self: Any, x: Any, expected: KerasTensor, index: int) -> Any:
        if x is None:
            if _is_optional(expected):
                return None
            raise ShapeError(
                f'Input {index} of model "{self.name}" is None, but it is not optional. Expected shape '
                f"{expected.shape}."
            )
        if isinstance(x, KerasTensor):
            self._check_input(x.shape, expected, index)
            return x
        if isinstance(x, StringTensor) or expected.dtype == "string":
            return self._fitted_strings(x, expected, index)
        usual = expected.dtype == floatx()  # then the model's own policy, or torch's `.double()`, decides
        if usual:
            x = self._convert_leaf(x)
        if not isinstance(x, torch.Tensor):
            x = as_tensor(np.asarray(x)).to(self._device() or current_device())
        x = _of_rank(x, expected)
        self._check_input(tuple(x.shape), expected, index)
        dtype = torch_dtype(expected.dtype)
        if x.dtype is dtype or (usual and x.is_floating_point()):
            return x
        mask = masks.get_mask(x)
        x = x.to(dtype)
        if mask is not None:
            masks.set_mask(x, mask)
        return x

    def _fitted_strings(self: Any, x: Any, expected: KerasTensor, index: int) -> StringTensor:
        if expected.dtype != "string" or not is_strings(x):
            received = "string" if is_strings(x) else getattr(x, "dtype", type(x).__name__)
            held = "holds text and" if is_strings(x) else "holds no text and"
            raise DataError(
                f'Input {index} of model "{self.name}" {held} is incompatible with the model: expected dtype='
                f"{expected.dtype}, found dtype={received}. Text goes into an `Input` with `dtype='string'` and a "
                "layer such as `TextVectorization` or `StringLookup`, and nothing else does."
            )
        x = _of_rank(as_strings(x), expected)
        self._check_input(tuple(x.shape), expected, index)
        return x

    def _check_input(self: Any, shape: tuple, expected: KerasTensor, index: int) -> None:
        if not (self._takes_any_size and len(shape) == len(expected.shape)):
            _check_shape(shape, expected, self.name, index)

    # Parts ---------------------------------------------------------------------------------------------------------

    @property
    def inputs(self: Any) -> list[KerasTensor] | None:
        """The symbolic inputs, flat; None before there is a graph."""
        return None if self._graph is None else tensors_in(self._graph.inputs)

    @property
    def outputs(self: Any) -> list[KerasTensor] | None:
        """The symbolic outputs, flat; None before there is a graph."""
        return None if self._graph is None else tensors_in(self._graph.outputs)

    @property
    def input(self: Any) -> Any:
        """The symbolic input, in the structure that the model was made with."""
        return self._structure("inputs")

    @property
    def output(self: Any) -> Any:
        """The symbolic output, in the structure that the model was made with."""
        return self._structure("outputs")

    def _structure(self: Any, what: str) -> Any:
        if self._graph is None:
            return _single(super().input if what == "inputs" else super().output)  # type: ignore[misc]
        return _single(getattr(self._graph, what))

    @property
    def input_shape(self: Any) -> Any:
        """The shape of the input, with None for unknown sizes."""
        return tree.map_structure(lambda t: t.shape, self.input)

    @property
    def output_shape(self: Any) -> Any:
        """The shape of the output, with None for unknown sizes."""
        return tree.map_structure(lambda t: t.shape, self.output)

    @property
    def input_names(self: Any) -> list[str]:
        """The names of the input layers."""
        return [] if self._graph is None else _input_names(self._graph)

    @property
    def output_names(self: Any) -> list[str] | None:
        """The names of the outputs: those of the layers that make them, or the keys of a dictionary."""
        if self._graph is None:
            return None
        if isinstance(self._graph.outputs, dict) and not any(
            tree.is_nested(v) for v in self._graph.outputs.values()
        ):
            return list(self._graph.outputs)
        return _unique([t.node.operation.name for t in tree.flatten(self._graph.outputs)])

    def _known_outputs(self: Any) -> Outputs | None:
        if self._graph is None:
            return None
        return Outputs(self._graph.outputs, self.output_names)

    @property
    def operations(self: Any) -> list[Any]:
        """All layers and functions of the graph, in Keras's order."""
        return [] if self._graph is None else list(self._graph.operations)


def _with_strings(inputs: Any) -> Any:
    """The inputs with lists of strings as the single tensors that they stand for."""
    if is_texts(inputs):
        return as_strings(inputs)
    if isinstance(inputs, (list, tuple)):
        return [_with_strings(part) for part in inputs]
    return {k: _with_strings(v) for k, v in inputs.items()} if isinstance(inputs, dict) else inputs


def _of_rank(x: Any, expected: KerasTensor) -> Any:
    """A tensor with a last axis of length one more or less, where one is expected."""
    if x.ndim == len(expected.shape) - 1 and expected.shape and expected.shape[-1] == 1:
        return x.reshape(*x.shape, 1)
    if x.ndim == len(expected.shape) + 1 and x.shape[-1] == 1:
        return x.reshape(x.shape[:-1])
    return x


def _wants_additions() -> bool:
    """Whether what was added to a graph has to be computed: not for predictions, nor in an exported program."""
    return state.beside is not False and not torch.compiler.is_exporting()


def _checked(value: Any, what: str) -> Any:
    if isinstance(value, tuple) and what == "inputs":
        value = list(value)
    leaves = tree.flatten(value)
    wrong = [leaf for leaf in leaves if not isinstance(leaf, KerasTensor)]
    if wrong or not leaves:
        shown = wrong[0] if wrong else value
        raise GraphError(
            f"All `{what}` values must be KerasTensors. Received: {what}={shown!r} of type {type(shown).__name__}. "
            "Begin with `Input(shape=...)` and call layers on it."
        )
    return value


def _is_input(tensor: KerasTensor) -> bool:
    return tensor.node is not None and tensor.node.is_input


def _as_input(tensor: KerasTensor) -> KerasTensor:
    """The input that stands for a tensor from the middle of another graph, or the tensor if it is an input."""
    return tensor if _is_input(tensor) else InputLayer(input_tensor=tensor, name=f"{tensor.name}CLONE").output


def _is_optional(tensor: KerasTensor) -> bool:
    return bool(getattr(tensor.node.operation, "optional", False))


def _input_names(graph: Graph) -> list[str]:
    names = []
    for tensor in tree.flatten(graph.inputs):
        names.append(tensor.node.operation.name)
    return names


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for name in names:
        count = seen.get(name, 0)
        seen[name] = count + 1
        result.append(f"{name}_{count}" if count else name)
    return result


def _single(structure: Any) -> Any:
    if isinstance(structure, list) and len(structure) == 1:
        return structure[0]
    return structure


def _check_shape(shape: tuple, expected: KerasTensor, model: str, index: int) -> None:
    wanted = expected.shape
    fits = len(shape) == len(wanted) and all(
        w is None or s is None or w == s for s, w in zip(shape[1:], wanted[1:], strict=True)
    )
    if not fits:  # as in Keras, a batch may have another size than the one that was declared
        hint = ". Add the batch axis: a single sample is `x[None]`" if tuple(shape) == wanted[1:] else ""
        raise ShapeError(
            f'Input {index} of layer "{model}" is incompatible with the layer: expected shape={wanted}, found '
            f"shape={tuple(shape)}{hint}"
        )


def _missing_text(model: str, missing: str, given: dict, expected: list) -> str:
    return (
        f'Missing data for input "{missing}" of model {model!r}. You passed a data dictionary with keys {list(given)}. '
        f"Expected the following keys: {expected}.{did_you_mean(missing, map(str, set(given) - set(expected)))}"
    )
