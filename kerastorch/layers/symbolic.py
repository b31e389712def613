"""What a layer does when it is called with symbolic tensors: build, infer the output, record the call."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.core.arrays import as_tensor
from kerastorch.core.context import state
from kerastorch.core.devices import device
from kerastorch.core.graph import MaskOp, Node, tensors_in
from kerastorch.core.shapes import infer, is_shape, symbolic, with_shape
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import GraphError, InvalidArgumentError, NotBuiltError
from kerastorch.layers import masks
from kerastorch.layers.meta_weights import MetaWeights
from kerastorch.layers.tracked import Container


def _constant(value: Any) -> Any:
    """An array of numbers among the arguments as the tensor that the graph holds."""
    return as_tensor(value) if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" else value


def _known_mask(mask: Any) -> KerasTensor | None:
    """A mask that the graph computes; one that is given as an array ends with the call, as in Keras."""
    return mask if isinstance(mask, KerasTensor) else None


class SymbolicCalls:
    """The half of `Layer` that works on symbolic tensors. See `Layer`."""

    def _symbolic_call(self: Any, args: tuple, kwargs: dict) -> Any:
        """Records a call and returns its symbolic outputs."""
        args, kwargs = tree.map_structure(_constant, (args, kwargs))
        if self.input_spec is not None:
            self._check_inputs(args, kwargs)
        if not self.built:
            self._build_for(args, kwargs)
        with_masks = dict(kwargs)
        previous = self._fill_masks(args, with_masks)
        filled = {k: v for k, v in with_masks.items() if k not in kwargs}
        outputs = self._symbolic_outputs(args, with_masks)
        Node(self, args, kwargs, outputs, filled)
        self._symbolic_masks(args, kwargs, outputs, tree.map_structure(_known_mask, previous))
        return outputs

    def _symbolic_outputs(self: Any, args: tuple, kwargs: dict) -> Any:
        if type(self).compute_output_spec is not SymbolicCalls.compute_output_spec:
            kwargs = {k: v for k, v in kwargs.items() if k != "training"}
        return self.compute_output_spec(*args, **kwargs)

    def _inferred_outputs(self: Any, args: tuple, kwargs: dict) -> Any:
        return infer(self._call_on_meta, args, kwargs, f"Layer {self.name!r} (type {type(self).__name__})")

    def _call_on_meta(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Runs `call` while shapes are inferred; an explicit `training` reaches the layers inside."""
        training, args, kwargs = self._pop_training(args, kwargs)
        args, kwargs = self._convert(args, kwargs)
        outer = state.training
        state.stack.append(self)
        try:
            state.training = training if training is not None else outer
            with MetaWeights([m for m in self.modules() if not isinstance(m, (SymbolicCalls, Container))]):
                outputs = self._run(args, kwargs)
        finally:
            state.training = outer
            state.stack.pop()
        return outputs

    def _declared_shape(self: Any, args: tuple, kwargs: dict) -> Any:
        first = args[0] if args else kwargs[self._signature.first]
        shape = self.compute_output_shape(tree.map_structure(lambda t: t.shape, first))
        return _specs(shape, self.compute_dtype)

    def _symbolic_masks(self: Any, args: tuple, kwargs: dict, outputs: Any, previous: Any) -> None:
        makes, passes = self._makes_masks(), self.supports_masking and previous is not None
        if not makes and not (passes and masks.any_mask(previous)):
            return
        if not self._has_mask_rule():
            masks.attach(outputs, previous)
            return
        first = args[0] if args else kwargs.get(self._signature.first)
        operation = MaskOp(self)
        found = infer(operation, (first, previous), {}, f"`compute_mask` of layer {self.name!r}")
        if tensors_in(found):
            Node(operation, (first, previous), {}, found)
            masks.attach(outputs, found)

    def symbolic_call(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Returns the symbolic outputs for symbolic inputs without recording the call."""
        return self.compute_output_spec(*args, **kwargs)

    def compute_output_spec(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Returns symbolic outputs for symbolic inputs, found by running `call` on the meta device.

        Where that fails, the outputs have the shapes that a `compute_output_shape` of the class gives.

        Args:
            *args: symbolic tensors, as `call` takes them.
            **kwargs: further arguments of `call`.
        """
        try:
            return self._inferred_outputs(args, kwargs)
        except (GraphError, TypeError):  # torch has a TypeError for arrays asked of tensors without values
            if type(self).compute_output_shape is SymbolicCalls.compute_output_shape:
                raise
            return self._declared_shape(args, kwargs)

    def compute_output_shape(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Returns the shape of the outputs for inputs of a shape.

        Args:
            *args: `input_shape`, a tuple with None for unknown sizes, or a nested structure of them; then the shapes
                of further inputs.
            **kwargs: the shapes of further inputs, by name (`mask_shape` for `mask`).
        """
        if "input_shape" in kwargs:
            args = (kwargs.pop("input_shape"), *args)
        layer = self if self.built else self._built_on_meta(args[0] if args else None)
        inputs = [symbolic(shape, self.compute_dtype) for shape in args]
        named = {k.removesuffix("_shape"): symbolic(s, self.compute_dtype) for k, s in kwargs.items()}
        if type(self).compute_output_spec is SymbolicCalls.compute_output_spec:
            outputs = layer._inferred_outputs(inputs, named)
        else:
            outputs = layer.compute_output_spec(*inputs, **named)
        return tree.map_structure(lambda t: t.shape if isinstance(t, KerasTensor) else None, outputs)

    def _built_on_meta(self: Any, input_shape: Any) -> Any:
        """A copy of this layer whose weights have shapes but no values."""
        clone = copy.deepcopy(self)
        with device(torch.device("meta")):
            clone._build_for((symbolic(input_shape, self.compute_dtype),), {})
        return clone

    # The record of symbolic calls -----------------------------------------------------------------------------------

    def _node(self: Any, index: int, what: str) -> Node:
        if not self._inbound_nodes:
            raise NotBuiltError(
                f"The layer {self.name!r} has never been called with symbolic tensors and thus has no defined {what}."
            )
        if index >= len(self._inbound_nodes):
            raise InvalidArgumentError(
                f"Asked to get {what} at node {index}, but the layer has only {len(self._inbound_nodes)} inbound nodes."
            )
        return self._inbound_nodes[index]

    @property
    def input(self: Any) -> Any:
        """The symbolic input of the layer's first symbolic call; those of others are had by `get_input_at`."""
        return _unwrapped(self._node(0, "input"))

    @property
    def output(self: Any) -> Any:
        """The symbolic output of the layer's first symbolic call; those of others are had by `get_output_at`."""
        return self._node(0, "output").outputs

    @property
    def input_shape(self: Any) -> Any:
        """The shape of the input, with None for unknown sizes."""
        return tree.map_structure(lambda t: t.shape, self.input)

    @property
    def output_shape(self: Any) -> Any:
        """The shape of the output, with None for unknown sizes."""
        return tree.map_structure(lambda t: t.shape, self.output)

    @property
    def input_mask(self: Any) -> Any:
        """The symbolic mask of the input, or None."""
        return masks.masks_of(self.input)

    @property
    def output_mask(self: Any) -> Any:
        """The symbolic mask of the output, or None."""
        return masks.masks_of(self.output)

    @property
    def inbound_nodes(self: Any) -> list[Node]:
        """The record of the layer's symbolic calls."""
        return self._inbound_nodes

    def get_input_at(self: Any, node_index: int) -> Any:
        """Returns the symbolic input of the call with that number."""
        return _unwrapped(self._node(node_index, "input"))

    def get_output_at(self: Any, node_index: int) -> Any:
        """Returns the symbolic output of the call with that number."""
        return self._node(node_index, "output").outputs

    def get_input_shape_at(self: Any, node_index: int) -> Any:
        """Returns the input shape of the call with that number."""
        return tree.map_structure(lambda t: t.shape, self.get_input_at(node_index))

    def get_output_shape_at(self: Any, node_index: int) -> Any:
        """Returns the output shape of the call with that number."""
        return tree.map_structure(lambda t: t.shape, self.get_output_at(node_index))


def _unwrapped(node: Node) -> Any:
    tensors = node.input_tensors
    if len(node.args) == 1 and not tensors_in(node.kwargs):
        return node.args[0]
    return tensors[0] if len(tensors) == 1 else tensors


def _specs(shape: Any, dtype: str) -> Any:
    if is_shape(shape):
        return with_shape(tuple(shape), dtype)
    if isinstance(shape, dict):
        return {k: _specs(s, dtype) for k, s in shape.items()}
    return type(shape)(_specs(s, dtype) for s in shape)
