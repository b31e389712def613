"""The part of an optimizer that torch knows: parameter groups, `state`, `state_dict`, copies and pickles."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import torch

from kerastorch.errors import InvalidArgumentError, NotBuiltError

if TYPE_CHECKING:
    from kerastorch.optimizers.plan import Plan

    Base = torch.optim.Optimizer
else:
    Base = object

# What is made anew after copying or reading: caches, torch's own bookkeeping, and what its schedulers patch.
_NOT_COPIED = ("_plan", "_parts", "_places", "_rate_variable", "state", "step", "_zero_grad_profile_name")


class TorchStateMixin(Base):
    """Keeps what `torch.optim.Optimizer` offers in agreement with the optimizer's variables."""

    built: bool
    _params: list[Any]
    _iterations: Any
    _tracked: list[Any]
    _slots: list[tuple[str, Any, Any]]
    _places: dict[int, int]
    _waiting: list[Any]
    _rate_variable: Any

    def _begin_torch(self, defaults: dict[str, Any]) -> None:
        """Sets up what torch expects of an optimizer, before there are parameters."""
        groups = [{"params": [], **defaults}]
        super().__setstate__({"defaults": defaults, "state": defaultdict(dict), "param_groups": groups})
        self._link_rate()  # type: ignore[attr-defined]

    def _give_torch_parameters(self, groups: list[dict[str, Any]]) -> None:
        """Runs torch's constructor on the groups; the first group and the hooks that exist already stay the same."""
        first = self.param_groups[0]
        others = [{**first, **group} for group in groups[1:]]
        first.update(groups[0])
        hooks = {key: value for key, value in self.__dict__.items() if key.endswith("_hooks")}
        torch.optim.Optimizer.__init__(self, [first, *others], self.defaults)
        self.__dict__.update(hooks)
        self._rate_variable.groups = self.param_groups

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds parameters with settings of their own, before the first step.

        Args:
            param_group: a dictionary with `params` and, if they differ from the optimizer's, `lr` and `weight_decay`.

        Raises:
            InvalidArgumentError: when the optimizer has its variables already, or the group cannot be used.
            UnknownArgumentError: when the group has another key.
        """
        if self.built:
            raise InvalidArgumentError(
                f"{type(self).__name__} has its parameter groups already. Make a new optimizer for other variables, "
                "or give all groups at once: `optimizer.build([{'params': ...}, {'params': ..., 'lr': 0.1}])`."
            )
        if not self._places:
            self._begin_groups([*self._waiting, param_group])  # type: ignore[attr-defined]
            return
        # torch wraps this method so that its compiler leaves it alone, and loads the compiler for that: seconds and
        # some 60 MB in every process that trains. The method itself does the same without it.
        wrapped = torch.optim.Optimizer.add_param_group
        getattr(wrapped, "__wrapped__", wrapped)(self, param_group)

    def _show_state(self, plan: Plan) -> None:
        """Fills `state`, which torch reads, with the memory of the optimizer's variables."""
        slots = {id(slot) for _, _, slot in self._slots}
        common = {v.name: v.detach() for v in self._tracked if id(v) not in slots}
        common["step"] = self._iterations.detach()
        self.state.clear()
        for i, variable in enumerate(plan.variables):
            own = {name: slot[i] for name, slot in plan.slots.items() if slot[i] is not None}
            self.state[variable] = {**common, **own}

    def _present_plan(self) -> Plan:
        """The plan for all variables where they are now."""
        plan = self._whole_plan()  # type: ignore[attr-defined]
        if plan.is_outdated():
            self.__dict__["_plan"] = None
            plan = self._whole_plan()  # type: ignore[attr-defined]
        self._before_reading()  # type: ignore[attr-defined]
        return plan

    def state_dict(self) -> dict[str, Any]:
        """Returns the state as torch does: `state` by the number of the parameter, and `param_groups`.

        Where kernels keep state in another form than Keras's, `exact` holds it unrounded.
        """
        if not self._build_waiting():  # type: ignore[attr-defined]
            return super().state_dict()
        self._present_plan()
        exact = self._exact_state()  # type: ignore[attr-defined]
        return {**super().state_dict(), **({"exact": exact} if exact else {})}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Sets the state from what `state_dict` of an optimizer of the same class returned.

        Args:
            state_dict: a dictionary with `state`, `param_groups` and perhaps `exact`.

        Raises:
            NotBuiltError: before `build`.
            InvalidArgumentError: when it holds other state than this optimizer has; nothing is set then.
        """
        if not self._build_waiting():  # type: ignore[attr-defined]
            raise NotBuiltError("Call `build(module.parameters())` before `load_state_dict`.")
        plan = self._present_plan()
        own = [self.state[variable] for variable in plan.variables]
        for number, entry in state_dict["state"].items():
            _check_entry(number, entry, own)
        super().load_state_dict(state_dict)
        with torch.no_grad():
            for variable, targets in zip(plan.variables, own, strict=True):
                for name, value in self.state[variable].items():
                    targets[name].copy_(torch.as_tensor(value))
        self._show_state(plan)
        self._link_rate()  # type: ignore[attr-defined]
        self._set_exact_state(state_dict.get("exact", {}))  # type: ignore[attr-defined]

    def __getstate__(self) -> dict[str, Any]:
        self._before_reading()  # type: ignore[attr-defined]
        return {
            key: value
            for key, value in self.__dict__.items()
            if key not in _NOT_COPIED and not key.endswith("_hooks")
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "_tracked" not in state:  # torch's load_state_dict, which sets only what it read
            super().__setstate__(state)
            return
        self.__dict__.update(state, _plan=None, _parts={})
        self.__dict__["_places"] = {id(v): i for i, v in enumerate(self._params)}
        self._place_groups(self.__dict__["param_groups"])  # type: ignore[attr-defined]
        super().__setstate__({"state": defaultdict(dict)})
        self._link_rate()  # type: ignore[attr-defined]


def _check_entry(number: Any, entry: dict[str, Any], own: list[dict[str, torch.Tensor]]) -> None:
    expected = own[number] if isinstance(number, int) and number < len(own) else {}
    if set(entry) != set(expected):
        raise InvalidArgumentError(
            f"The state of parameter {number} does not fit: expected {sorted(expected)}, received {sorted(entry)}."
        )
    for name, value in entry.items():
        shape = tuple(torch.as_tensor(value).shape)
        if shape != tuple(expected[name].shape):
            raise InvalidArgumentError(
                f"The state {name!r} of parameter {number} does not fit: expected shape "
                f"{tuple(expected[name].shape)}, received {shape}."
            )
