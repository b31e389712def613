"""The step of training as one program: forward pass, losses, metrics and gradients, traced once and compiled.

`fit` hands every batch to a `WholeStep` when the model was compiled with `jit_compile=True`. Two batches of one shape
in a row are worth a program: the second is traced, down to the operations of torch that a step consists of, and torch's
compiler makes one function of them. At the next batch the program and an ordinary step run from the same state; where
they agree, the program takes the steps from then on. The optimizer's fused kernel follows it. What was chosen, and
why, is on `model.step_report()`.

As in a `tf.function`, Python code runs while the step is traced, not at each step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.fx.experimental.proxy_tensor import make_fx

from kerastorch import tree
from kerastorch.core.random_state import random_state, set_random_state
from kerastorch.data.parts import unpack
from kerastorch.training.step_report import StepReport

Program = Callable[..., list[torch.Tensor | None]]
_LOGGER = logging.getLogger(__name__)
# How far a program may be from an ordinary step, in units of the largest number of a tensor.
_CHECKS = 3
_MOST_OPERATIONS = 2000
_TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 5e-2}


class WholeStep:
    """Trains a model on batches, by programs wherever there is one for the shapes of a batch.

    Args:
        model: a built or unbuilt model that is compiled, whose `train_step` is not overridden.
        options: keyword arguments of `torch.compile` that the user gave.
    """

    def __init__(self, model: Any, options: dict[str, Any]) -> None:
        self._model = model
        self._options = options
        self.report = StepReport("compiled", "no two batches of one shape have come in a row yet")
        self.refused = False
        self._forget()

    def _forget(self) -> None:
        self._programs: dict[Any, Program] = {}
        self._waiting: dict[Any, Program] = {}
        self._before: Any = None
        self._disagreements = 0
        self._circumstances: Any = None
        self._state: list[torch.Tensor] = []
        self._trained: list[torch.Tensor] = []

    def begin(self) -> None:
        """Drops the programs when what they were made for has changed: weights, what is trained, threads."""
        now = self._looked_at()
        if now != self._circumstances:
            self._forget()
            self._circumstances = now

    def _looked_at(self) -> Any:
        model = self._model
        layers = tuple(getattr(module, "trainable", True) for module in model.modules())
        weights = tuple((id(p), p.requires_grad) for p in model.parameters())
        return layers, weights, id(model._plan), torch.get_num_threads(), torch.is_autocast_enabled("cpu")

    def __call__(self, data: Any) -> Any:
        """Takes one step of training and returns the logs, as `train_step` does."""
        program = self._programs.get(_outline(data))
        return self._prepare(data) if program is None else self._run(program, data)

    def _run(self, program: Program, data: Any) -> Any:
        model, self._before = self._model, None
        with torch.no_grad():
            grads = program(*self._state, *_leaves(data))
        for weight, grad in zip(self._trained, grads, strict=True):
            weight.grad = grad
        model.optimizer.step()
        return model.get_metrics_result()

    # Making a program ----------------------------------------------------------------------------------------------

    def _prepare(self, data: Any) -> Any:
        """An ordinary step, on the way to a program for batches of this shape."""
        model, key = self._model, _outline(data)
        if self.refused or model._grad_owners is None or key is None:
            return model.train_step(data)
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            return self._checked(key, waiting, data)
        if key == self._before:
            try:
                self._waiting[key] = self._traced(data)
            except Exception as error:  # whatever a layer, a loss or the tracer raises
                self._refuse("it could not be traced and compiled", error)
        self._before = key
        return model.train_step(data)

    def _traced(self, data: Any) -> Program:
        model = self._model
        why_not = _unsuitable(model)
        if why_not is not None:
            raise _Unsuitable(why_not)
        self._state = _tensors_of(model)
        self._trained = [p for p in model._grad_owners if p.requires_grad]
        trained = self._trained

        leaves = _leaves(data)
        number = len(self._state)

        def gradients(*tensors: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
            values = iter(tensors[number:])
            loss, _ = model._loss_and_logs(
                *unpack(tree.map_structure(lambda x: None if x is None else next(values), data))
            )
            return torch.autograd.grad(loss, trained, allow_unused=True)

        with self._kept(), _seen_as_compiling():
            graph = make_fx(gradients)(*self._state, *leaves)
        operations = sum(node.op == "call_function" for node in graph.graph.nodes)
        if operations > _MOST_OPERATIONS:
            raise _Unsuitable(
                f"it has {operations:,} operations, and compiling more than {_MOST_OPERATIONS:,} takes minutes"
            )
        self.report = StepReport("compiled", "a program has been made and is to be checked")
        self.report.operations = operations
        return _compiled(graph, [*self._state, *leaves], self._options)

    def _checked(self, key: Any, program: Program, data: Any) -> Any:
        """An ordinary step, after one of the program's from the same state; the program is kept if both agree."""
        model = self._model
        try:
            with self._kept():
                with torch.no_grad():
                    grads = [None if g is None else g.clone() for g in program(*self._state, *_leaves(data))]
                logs = dict(model.get_metrics_result())
                state = [tensor.detach().clone() for tensor in self._state]
        except Exception as error:  # whatever the compiled code raises
            self._refuse("it failed", error)
            return model.train_step(data)
        result = model.train_step(data)
        expected = dict(result)
        weights = {id(weight) for weight in self._trained}
        agree = (
            _gradients_agree([weight.grad for weight in self._trained], grads)
            and all(_agree(t, s) for t, s in zip(self._state, state, strict=True) if id(t) not in weights)
            and all(_agree(torch.as_tensor(expected[n]), torch.as_tensor(logs[n])) for n in expected)
        )
        if agree:
            self._programs[key] = program
            self.report.agreed(len(self._programs))
        elif (
            self._disagreements < _CHECKS - 1
        ):  # where two numbers are nearly equal, rounding may have chosen
            self._disagreements += 1
            self._waiting[key] = program
        else:
            self._refuse("its results are not those of ordinary steps", None)
        return result

    def _refuse(self, what: str, error: BaseException | None) -> None:
        self._forget()
        self.refused = True
        reason = what if error is None else f"{what}: {_first_line(error)}"
        self.report = StepReport("forward", f"the step is no program, as {reason}")
        _LOGGER.warning(
            "jit_compile=True: %s. The forward pass alone is compiled; `model.step_report()` tells.",
            self.report.reason,
        )

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Puts everything that a step changes back in its place afterwards."""
        random = random_state()
        values = [tensor.detach().clone() for tensor in self._state]
        try:
            yield
        finally:
            with torch.no_grad():
                for tensor, value in zip(self._state, values, strict=True):
                    tensor.copy_(value)
            set_random_state(random)


class _Unsuitable(Exception):
    """The step cannot be one program, for a reason known beforehand."""


def _unsuitable(model: Any) -> str | None:
    """Why the step of a model cannot be one program; None if it may be."""
    if model._scaler is not None or model._scale_loss is not None:
        return "the loss is scaled by a factor that changes"
    if model._has_own_metrics():
        return "`compute_metrics` is overridden"
    return None


def _tensors_of(model: Any) -> list[torch.Tensor]:
    """All tensors that a step reads or changes besides the batch and the optimizer's."""
    metrics = [tensor for metric in model.metrics for tensor in metric._tensors()]
    found = [*model.parameters(), *model.buffers(), *model._seed_states(), *metrics]
    return list({id(tensor): tensor for tensor in found}.values())


def _outline(data: Any) -> Any:
    """What two batches have in common that one program can take; None where there is something else than tensors."""
    if type(data) is tuple and all(type(x) is torch.Tensor for x in data):  # as nearly every batch is
        return tuple((x.shape, x.stride(), x.dtype, x.device) for x in data)
    leaves = tree.flatten(data)
    if not all(x is None or type(x) is torch.Tensor for x in leaves):
        return None
    outlines = (None if x is None else (x.shape, x.stride(), x.dtype, x.device) for x in leaves)
    return repr(tree.map_structure(lambda x: 0, data)), *outlines


def _leaves(data: Any) -> Iterable[torch.Tensor]:
    if type(data) is tuple and all(type(x) is torch.Tensor for x in data):
        return data
    return [x for x in tree.flatten(data) if x is not None]


def _agree(one: torch.Tensor, other: torch.Tensor) -> bool:
    if not one.is_floating_point():
        return torch.equal(one, other)
    scale = one.detach().nan_to_num(0.0, 0.0, 0.0).abs().max() if one.numel() else 0.0
    tolerance = _TOLERANCE[one.dtype]
    return torch.allclose(
        one, other, rtol=tolerance, atol=tolerance * max(float(scale), 1e-2), equal_nan=True
    )


def _gradients_agree(ours: list[torch.Tensor | None], theirs: list[torch.Tensor | None]) -> bool:
    """Whether gradients agree but for a few numbers: where a ReLU's input is nearly 0, rounding decides."""
    if [g is None for g in ours] != [g is None for g in theirs]:
        return False
    pairs = [(a.detach(), b) for a, b in zip(ours, theirs, strict=True) if a is not None and b is not None]
    if not pairs:
        return True
    apart = torch.stack([(a - b).float().norm() for a, b in pairs])
    sizes = torch.stack([a.float().norm() for a, _ in pairs])
    most = torch.stack([torch.tensor(100 * _TOLERANCE[a.dtype]) for a, _ in pairs]).clamp_max(0.1)
    return bool((apart.cpu() <= most * (sizes + 1e-2 * sizes.norm() + 1e-7).cpu()).all())


def _first_line(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text if isinstance(error, _Unsuitable) else f"{type(error).__name__}: {text.splitlines()[0]}"


@contextmanager
def _seen_as_compiling() -> Iterator[None]:
    """Lets layers take the ways that they take inside `torch.compile`, of operations that a graph can hold."""
    before = torch.compiler._is_compiling_flag
    torch.compiler._is_compiling_flag = True
    try:
        yield
    finally:
        torch.compiler._is_compiling_flag = before


# From the argument `jit_compile` -----------------------------------------------------------------------------------

_ARGUMENTS = ("fullgraph", "dynamic", "backend", "mode", "options")


def faults_of(jit_compile: Any) -> list[str]:
    """Returns what is wrong with an argument `jit_compile`, an empty list for a good one.

    Args:
        jit_compile: True, False, `"auto"` or arguments of `torch.compile`.
    """
    if isinstance(jit_compile, dict):
        unknown = sorted(set(jit_compile) - set(_ARGUMENTS))
        if not unknown:
            return []
        return [f"`jit_compile` has no key {unknown[0]!r}. Expected some of {list(_ARGUMENTS)}."]
    if any(jit_compile is choice for choice in (True, False)) or jit_compile == "auto":
        return []
    return [
        "`jit_compile` must be True, False, 'auto' or a dictionary of arguments of `torch.compile`. "
        f"Received: jit_compile={jit_compile!r}."
    ]


def compiled_steps(model: Any) -> tuple[Callable | None, WholeStep | None]:
    """Returns the compiled forward pass of a model and the object that takes its steps, None where there is none.

    Args:
        model: a model with the attribute `jit_compile`.
    """
    if model.jit_compile in (False, "auto"):
        return None, None
    given = {} if model.jit_compile is True else dict(model.jit_compile)
    whole = None if given.get("dynamic") else WholeStep(model, given)
    return torch.compile(model, **given), whole


def _compiled(graph: torch.fx.GraphModule, tensors: list[torch.Tensor], given: dict[str, Any]) -> Program:
    """A graph of operations as one function. Its callers know that shapes are the same: there are no guards."""
    given = {key: value for key, value in given.items() if key not in ("fullgraph", "dynamic")}
    if given.get("backend", "inductor") != "inductor":
        return torch.compile(graph, fullgraph=True, dynamic=False, **given)
    mode = given.get("mode")
    options = {
        "fallback_random": True,  # the numbers are those that an ordinary step draws
        **(torch._inductor.list_mode_options(mode) if mode else {}),
        **(given.get("options") or {}),
    }
    with torch.no_grad():
        compiled: Any = torch._inductor.compile(graph, list(tensors), options)
    return compiled


def give_up_compiling(model: Any, error: Exception) -> None:
    """Lets a model run operation by operation, and says so, as torch's compiler does not take it.

    Args:
        model: the model.
        error: what the compiler raised.
    """
    model.__dict__.update(_compiled_call=None, _compiler_fault=f"the compiler failed: {_first_line(error)}")
    _LOGGER.warning("jit_compile=True: %s. Nothing is compiled from now on.", model._compiler_fault)


def report_of(model: Any) -> StepReport:
    """Returns how the steps of a model run.

    Args:
        model: a model, compiled or not.
    """
    if not model.compiled:
        return StepReport("eager", "the model is not compiled, see `Model.compile`")
    if model.jit_compile == "auto":
        return StepReport("eager", "`jit_compile` is 'auto', which compiles nothing on a CPU")
    if model.jit_compile is False:
        return StepReport("eager", "`jit_compile` is False")
    if model._compiler_fault is not None:
        return StepReport("eager", model._compiler_fault)
    if model._has_own_train_step():
        return StepReport("forward", "`train_step` is overridden")
    if model._whole_step is None:
        return StepReport("forward", "`jit_compile` asks for shapes that change, with `dynamic`")
    return model._whole_step.report
