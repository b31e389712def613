"""Models made from symbolic tensors."""

from __future__ import annotations

from typing import Any

from kerastorch import registry, tree
from kerastorch.core.program import interpret
from kerastorch.core.spec import InputSpec
from kerastorch.layers import masks
from kerastorch.models.model import Model


@registry.builtin("keras.models")
@registry.builtin("keras.src.models.functional")
class Functional(Model):
    """A model made from symbolic tensors; `Model(inputs, outputs)` makes it.

    Its forward pass is generated PyTorch code, readable as `model.code`.

    Args:
        inputs: a symbolic tensor, or a list or dictionary of them.
        outputs: a symbolic tensor, or a nested structure of them.
        name: the model's name; None makes one.
        **kwargs: base arguments of `Layer`.

    Raises:
        GraphError: when the outputs do not come from the inputs, or two layers have one name.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.layers.core.input_layer import Input
        >>> x = Input(shape=(3,))
        >>> Functional(x, Dense(2, name="out")(x)).output_shape
        (None, 2)

    Source: `keras.Model`, `torch.fx`.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(inputs=inputs, outputs=outputs, name=name, **kwargs)

    @property
    def input_spec(self) -> Any:
        """What the model demands of its inputs; None for deeply nested ones. It can be set."""
        given = self.__dict__.get("_given_input_spec")
        return given if given is not None or self._graph is None else _input_specs(self._graph.inputs)

    @input_spec.setter
    def input_spec(self, value: Any) -> None:
        self.__dict__["_given_input_spec"] = value

    def _check_inputs(self, args: tuple, kwargs: dict) -> None:
        if self.__dict__.get("_given_input_spec") is not None:  # the graph's own shapes are checked later
            super()._check_inputs(args, kwargs)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Computes the outputs.

        Args:
            inputs: the inputs, in the structure of the graph.
            training: whether the model trains; the layers inside read it from the enclosing call.
            mask: the masks of the inputs.
        """
        return self._run_graph(inputs, mask)

    def forward(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Runs the generated code: what `torch.nn.Module` calls."""
        return self._run_graph(inputs, mask)

    def _makes_masks(self) -> bool:
        return self._program is not None and self._program.has_masks

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns the masks of the outputs, which the layers inside make.

        Args:
            inputs: the tensors that the model was called with.
            previous_mask: their masks.
        """
        if not self._makes_masks():
            return None
        return tree.map_structure(masks.get_mask, interpret(self._graph, self._standardize_inputs(inputs)))


def _input_specs(inputs: Any) -> list[InputSpec] | None:
    named = isinstance(inputs, dict)
    if named and any(tree.is_nested(value) for value in inputs.values()):
        return None
    pairs = (
        [(key, inputs[key]) for key in sorted(inputs)] if named else [(None, t) for t in tree.flatten(inputs)]
    )
    return [
        InputSpec(
            shape=(None, *tensor.shape[1:]) if tensor.shape else (),
            allow_last_axis_squeeze=True,
            name=key or tensor.node.operation.name,
            optional=getattr(tensor.node.operation, "optional", False),
        )
        for key, tensor in pairs
    ]


Model._functional_class = Functional
