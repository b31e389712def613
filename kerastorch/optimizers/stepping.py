"""How an optimizer takes a step: gradients, plan, stages, update."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch.optim import optimizer as torch_optimizer

from kerastorch.core.variable import Variable
from kerastorch.errors import InvalidArgumentError, NotBuiltError, ShapeError
from kerastorch.optimizers.plan import Bucket, Plan

if TYPE_CHECKING:
    Base = torch.optim.Optimizer
else:
    Base = object

_global_pre_hooks = torch_optimizer._global_optimizer_pre_hooks
_global_post_hooks = torch_optimizer._global_optimizer_post_hooks
# Many patterns of missing gradients mean that there is no pattern; their plans are not worth keeping.
_MOST_PARTS = 64


class SteppingMixin(Base):
    """The part of an optimizer that runs at every step."""

    built: bool
    _each: str
    _iterations: Any
    _params: list[Any]
    _parts: dict[tuple[int, ...], Plan]
    _places: dict[int, int]
    _plan: Any
    _rate_now: Callable[[], float]
    _rate_of: Callable[[int, float], float]
    _group_of: Callable[[Any], int]
    _group_places: dict[int, int]
    _build_waiting: Callable[[], bool]
    _show_state: Callable[[Plan], None]
    _update_together: Callable[[Plan, Any], None]

    def step(self, closure: Callable | None = None) -> Any:
        """Updates the variables by their `grad`; those without one are left alone.

        Args:
            closure: clears the gradients, computes the loss and its gradients, and returns the loss; or None.

        Returns:
            What `closure` returned, else None.

        Raises:
            NotBuiltError: before `build`.
        """
        hooked = self._optimizer_step_pre_hooks or self._optimizer_step_post_hooks
        if hooked or _global_pre_hooks or _global_post_hooks or closure is not None:
            return self._step_with_hooks(closure)
        self._apply([p.grad for p in self._params])
        return None

    step.hooked = True  # type: ignore[attr-defined]  # keeps torch from wrapping it in a profiler's record

    def _step_with_hooks(self, closure: Callable | None) -> Any:
        """The step with what torch calls around it."""
        arguments: tuple[Any, ...] = (self,) if closure is None else (self, closure)
        for before in (*_global_pre_hooks.values(), *self._optimizer_step_pre_hooks.values()):
            changed = before(self, arguments, {})
            if changed is not None:
                arguments = changed[0]
        closure = arguments[1] if len(arguments) > 1 else None
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        self._apply([p.grad for p in self._params])
        for after in (*self._optimizer_step_post_hooks.values(), *_global_post_hooks.values()):
            after(self, arguments, {})
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clears the gradients.

        Args:
            set_to_none: True drops them; False fills them with zeros.
        """
        for p in self._params:
            if set_to_none:
                p.grad = None
            elif p.grad is not None:
                p.grad = p.grad.detach().zero_()

    def _apply(self, grads: list[Any]) -> None:
        """One step. A gradient that is missing, sparse or unlike its variable takes the way over `_fit`."""
        plan = self._plan or self._whole_plan()
        try:
            fits = [(g.stride(), g.dtype, g.device) for g in grads] == plan.layout
        except (AttributeError, RuntimeError):  # None has no stride, and neither has a sparse tensor
            fits = False
        with torch.no_grad():
            if not fits:
                plan, grads = self._fit(grads)
                if not grads:
                    return
            elif plan.restrided:
                grads = plan.restride(grads)
            self._run(plan, grads)
        self._iterations.add_(1)

    def _run(self, plan: Plan, grads: list[Any]) -> None:
        rate = self._rate_now()
        if plan.staged:
            torch._foreach_copy_([work for _, work in plan.staged], [v for v, _ in plan.staged])
        ready: Any = grads
        for stage in plan.before:
            ready = stage(self, plan, ready, rate)
            if ready is None:
                break
        else:
            self._update_buckets(plan, ready, rate)
        if plan.staged:
            torch._foreach_copy_([v for v, _ in plan.staged], [work for _, work in plan.staged])
        for finish in plan.after:
            finish(self, plan)

    def _update_buckets(self, plan: Plan, grads: Any, rate: float) -> None:
        if self._each:
            self._update_each(plan, grads, rate)
            return
        for bucket in plan.buckets:
            where = bucket.where
            own = grads if where is None else [grads[i] for i in where]
            lr = self._rate_of(bucket.group, rate) if bucket.group else rate
            if bucket.blocks is None:
                self._update(bucket, own, lr)
            else:
                for block, part in bucket.blocks.fill(own):
                    self._update(block, part, lr)

    def _update_each(self, plan: Plan, grads: Any, rate: float) -> None:
        """The way of subclasses that say how to update one variable, or all in one method of Keras 1."""
        if self._each == "together":
            self._update_together(plan, grads)
            return
        arguments = () if self._each == "without rate" else (torch.tensor(rate),)
        for grad, variable in zip(grads, plan.variables, strict=True):
            if arguments and self._group_places:
                arguments = (torch.tensor(self._rate_of(self._group_of(variable), rate)),)
            self.update_step(grad, variable, *arguments)

    # Whether `_update` treats every element by itself, in several passes.
    _in_blocks = False

    def _kind(self, variable: Any) -> Any:
        """Sorts variables that `_update` treats in different ways into buckets of their own."""
        return None

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        """Updates the variables of a bucket; built-in optimizers override it."""
        raise InvalidArgumentError(
            f"{type(self).__name__} must override `update_step(self, gradient, variable, learning_rate)`."
        )

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Updates one variable; subclasses override it.

        Args:
            gradient: a tensor with the shape of the variable.
            variable: one of the variables of `build`.
            learning_rate: a scalar tensor.

        Raises:
            InvalidArgumentError: when a subclass does not say how to update.
            ShapeError: when the gradient has another shape than the variable.
        """
        with torch.no_grad():
            if tuple(gradient.shape) != tuple(variable.shape):
                raise ShapeError(
                    f"A gradient of shape {tuple(gradient.shape)} came for a variable of shape {tuple(variable.shape)}."
                )
            plan = self._part((self._get_variable_index(variable),))
            bucket = copy.copy(plan.buckets[0])
            bucket.decays = False  # weights decay in `apply`
            self._update(bucket, plan.fit([gradient]), float(learning_rate))

    def _whole_plan(self) -> Plan:
        """The plan for all variables."""
        if self._plan is None:
            if not self._build_waiting():
                raise NotBuiltError(
                    "The optimizer has no variables yet. Call `optimizer.build(module.parameters())` first."
                )
            self._create_setting_slots()  # type: ignore[attr-defined]
            plan = Plan(self, list(range(len(self._params))))
            self.__dict__.update(_plan=plan, _parts={})
            self._prepare(plan)
            self._show_state(plan)
        return self._plan

    def _prepare(self, plan: Plan) -> None:
        """Arranges the state of the variables in memory, given the plan for all of them."""

    def _part(self, index: tuple[int, ...]) -> Plan:
        """The plan for some of the variables."""
        self._whole_plan()
        if index not in self._parts:
            if len(self._parts) >= _MOST_PARTS:
                self._parts.clear()
            self._parts[index] = Plan(self, list(index))
        return self._parts[index]

    def _fit(self, grads: list[Any]) -> tuple[Any, list[Any]]:
        """The plan and the gradients for a step in which they do not come as expected; no gradients for no step."""
        plan = self._whole_plan()
        if plan.is_outdated():
            self.__dict__["_plan"] = None
            plan = self._whole_plan()
        index = tuple(i for i, grad in enumerate(grads) if grad is not None)
        if not index:
            return plan, []
        if len(index) < len(grads):
            plan = self._part(index)
        return plan, plan.fit([grads[i] for i in index])

    def _var_key(self, variable: Any) -> int:
        return id(variable)

    def _get_variable_index(self, variable: Any) -> int:
        try:
            return self._places[id(variable)]
        except KeyError:
            raise InvalidArgumentError(
                f"Unknown variable: {variable}. This optimizer can only be called for the variables it was "
                "originally built with. When working with a new set of variables, you should recreate a new "
                "optimizer instance."
            ) from None

    @property
    def _trainable_variables(self) -> list[Any]:
        return self._params

    def assign(self, variable: Any, value: Any) -> None:
        """Sets a variable; for use in `update_step`."""
        _as_variable(variable, "assign", "copy_", value)

    def assign_add(self, variable: Any, value: Any) -> None:
        """Adds to a variable; for use in `update_step`."""
        _as_variable(variable, "assign_add", "add_", value)

    def assign_sub(self, variable: Any, value: Any) -> None:
        """Subtracts from a variable; for use in `update_step`."""
        _as_variable(variable, "assign_sub", "sub_", value)


def updates_one_by_one(cls: type) -> str:
    """Returns how a class updates: `""` for lists, `"together"`, or else one by one, with or without the rate."""
    for base in cls.__mro__:
        if "_update" in vars(base):
            return ""
        if "get_updates" in vars(base):
            return "together"
        if "update_step" in vars(base):
            count = len(inspect.signature(vars(base)["update_step"]).parameters)
            return "without rate" if count == 3 else "with rate"
    return ""


def _as_variable(variable: Any, method: str, torch_method: str, value: Any) -> None:
    if isinstance(variable, Variable):
        getattr(variable, method)(value)
    else:
        with torch.no_grad():
            getattr(variable, torch_method)(
                torch.as_tensor(value, dtype=variable.dtype, device=variable.device)
            )
