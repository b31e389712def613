"""`keras.backend`: functions and gradients of symbolic tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch import tree
from kerastorch.backend.session import learning_phase
from kerastorch.backend.variables import get_value, set_value
from kerastorch.core.context import state
from kerastorch.core.graph import FunctionOp, Graph, Node, tensors_in
from kerastorch.core.program import interpret
from kerastorch.core.spec import KerasTensor
from kerastorch.core.updates import recording
from kerastorch.errors import GradientError, GraphError, UnknownArgumentError
from kerastorch.models.functional import Functional
from kerastorch.naming import auto_name


def function(
    inputs: Any, outputs: Any, updates: Sequence[Any] | None = None, name: str | None = None, **kwargs: Any
) -> Callable[[Any], Any]:
    """Returns a function that computes symbolic tensors from others.

    Args:
        inputs: a list of symbolic tensors, such as `model.inputs`. `K.learning_phase()` among them lets the function
            take 0 or 1 at its place: whether layers such as dropout train.
        outputs: a symbolic tensor or a structure of them, with variables where their values are wanted.
        updates: pairs of a variable and the symbolic tensor that it is set to by each call.
        name: has no effect.
        **kwargs: none is known.

    Returns:
        A function of a list of arrays, which returns NumPy arrays in the structure of `outputs`.

    Raises:
        UnknownArgumentError: when there are keyword arguments, which TensorFlow's sessions took.
        GraphError: when the outputs do not come from the inputs.

    Example:
        >>> from kerastorch.backend.creation import placeholder
        >>> x = placeholder((None, 2))
        >>> double = function([x], [2 * x])
        >>> double([torch.ones(1, 2)])
        [array([[2., 2.]], dtype=float32)]

    Source: `keras.backend.function` of Keras 2.
    """
    if kwargs:
        raise UnknownArgumentError(
            f"`K.function` has no sessions to give arguments to. Received: {sorted(kwargs)}."
        )
    return _Function(tree.flatten(inputs), outputs, list(updates or []))


class _Function:
    """Computes symbolic outputs, and sets variables to others, for values of the inputs."""

    def __init__(self, inputs: list[Any], outputs: Any, updates: list[tuple[Any, Any]]) -> None:
        self._places = [i for i, x in enumerate(inputs) if isinstance(x, KerasTensor)]
        self._phases = [i for i, x in enumerate(inputs) if not isinstance(x, KerasTensor)]
        self._count = len(inputs)
        self._outputs, self._variables = outputs, [variable for variable, _ in updates]
        self._news = [new for _, new in updates]
        self._wanted = tensors_in([outputs, self._news])
        sources = [inputs[i] for i in self._places]
        self._model = Functional(sources, list(self._wanted), name="function") if self._wanted else None

    def __call__(self, inputs: Any = ()) -> Any:
        values = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        if len(values) != self._count:
            raise GraphError(f"This function takes {self._count} inputs. Received: {len(values)}.")
        training = learning_phase()
        for place in self._phases:
            training = int(values[place])
        found = iter(self._computed([values[i] for i in self._places], bool(training)))

        def visit(leaf: Any) -> Any:
            return next(found) if isinstance(leaf, KerasTensor) else leaf

        outputs = tree.map_structure(get_value, tree.map_structure(visit, self._outputs))
        for variable, new in zip(self._variables, self._news, strict=True):
            set_value(variable, visit(new))
        return outputs

    def _computed(self, values: list[Any], training: bool) -> list[Any]:
        if self._model is None:
            return []
        with torch.no_grad():
            results = self._model(values, training=training)
        return list(results) if isinstance(results, (list, tuple)) else [results]


def gradients(loss: Any, variables: Any) -> list[Any]:
    """Returns the gradients of a loss.

    Args:
        loss: a tensor; one of several numbers counts as their sum. A symbolic one, such as
            `K.mean(model.output[:, 3])`, gives symbolic gradients, which `K.function` and `Model` compute.
        variables: a tensor or a list of them: inputs, outputs of layers and weights for a symbolic loss; what
            the loss was computed from for a real one.

    Returns:
        A list of tensors, with None for what the loss does not depend on.

    Raises:
        GradientError: when a real loss was not computed from variables, or inside `torch.no_grad()`.

    Example:
        >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
        >>> gradients((x**2).sum(), [x])[0].tolist()
        [2.0, 4.0]

    Source: `keras.backend.gradients` of Keras 2, `torch.autograd.grad`.
    """
    flat = list(variables) if isinstance(variables, (list, tuple)) else [variables]
    if recording.active:
        return recording.gradients_of(flat)
    if isinstance(loss, KerasTensor):
        return _symbolic_gradients(loss, flat)
    symbolic = [v for v in flat if isinstance(v, KerasTensor)]
    if symbolic:
        raise GradientError(
            f"The loss is a tensor of values and cannot depend on symbolic tensors: {symbolic}. Compute a symbolic "
            "loss from `model.output`, or take the gradient with respect to the tensors that the function received."
        )
    if state.inferring:
        return [torch.empty_like(v) for v in flat]
    if not loss.requires_grad:
        raise GradientError(
            "The loss has no gradient: it was computed from no variable, or inside `torch.no_grad()`. Tensors that "
            "are no variables need `requires_grad_()` before the loss is computed from them."
        )
    return list(torch.autograd.grad(loss.sum(), flat, create_graph=True, allow_unused=True))


def _symbolic_gradients(loss: KerasTensor, variables: list[Any]) -> list[Any]:
    above, sources = _ancestors([loss])
    symbolic = [v for v in variables if isinstance(v, KerasTensor)]
    reached = [v for v in variables if not isinstance(v, KerasTensor) or id(v) in above]
    graph = Graph(sources, [loss, *(v for v in symbolic if id(v) in above)])
    operation = FunctionOp(_Gradients(graph, reached), False, auto_name("gradients"))
    outputs = [_like(v) for v in reached]
    Node(operation, (sources,), {}, outputs)
    found = iter(outputs)
    return [next(found) if any(v is r for r in reached) else None for v in variables]


def _like(variable: Any) -> KerasTensor:
    witness = variable.witness if isinstance(variable, KerasTensor) else None
    return KerasTensor(variable.shape, variable.dtype, witness=witness)


def _ancestors(tensors: list[KerasTensor]) -> tuple[set[int], list[KerasTensor]]:
    """The identities of all symbolic tensors that some depend on, and those among them that are inputs."""
    seen: dict[int, KerasTensor] = {}
    pending = list(tensors)
    while pending:
        tensor = pending.pop()
        if id(tensor) not in seen:
            seen[id(tensor)] = tensor
            if tensor.node is not None:
                pending += tensor.node.needs()
    return set(seen), [t for t in seen.values() if t.node is None or t.node.is_input]


class _Gradients:
    """Computes a part of a graph again, with gradients, for values of its inputs."""

    def __init__(self, graph: Graph, variables: list[Any]) -> None:
        self._graph, self._variables = graph, variables

    def __call__(self, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
        if state.inferring:
            raise GraphError("A model with gradients in it cannot be called with symbolic tensors.")
        with torch.inference_mode(False), torch.enable_grad():
            leaves = [_watched(x.clone() if x.is_inference() else x.detach()) for x in inputs]
            loss, *found = interpret(self._graph, leaves, _call_watched)
            values = iter(found)
            targets = [next(values) if isinstance(v, KerasTensor) else v for v in self._variables]
            grads = torch.autograd.grad(loss.sum(), targets, allow_unused=True)
        return [
            torch.zeros_like(target) if grad is None else grad
            for grad, target in zip(grads, targets, strict=True)
        ]


def _call_watched(operation: Any, args: tuple, kwargs: dict) -> Any:
    return tree.map_structure(_watched, operation(*args, **kwargs))


def _watched(value: Any) -> Any:
    """The value; gradients with respect to it are computed from now on."""
    if isinstance(value, torch.Tensor) and value.is_floating_point() and not value.requires_grad:
        value.requires_grad_()
    return value
