"""What an optimizer prepares once so that a step only reads gradients and calls kernels."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import torch

from kerastorch.optimizers import stages
from kerastorch.optimizers.blocks import ELEMENTS, Blocks

Layout = tuple[tuple[int, ...], torch.dtype, torch.device]
Tensors = tuple[torch.Tensor, ...] | list[torch.Tensor]

# Devices on which the fused kernels are known to compute the formulas that the optimizers use them for.
FUSED_DEVICES = ("cpu", "cuda")
# A step count for which torch's Adam kernels leave out their bias correction: beta ** step is 0 for all below 1.
_ENDLESS = 1e30
_INTEGERS = (torch.int32, torch.int64)


def layout(tensor: torch.Tensor) -> Layout:
    """Returns how a tensor lies in memory, its type and its device."""
    return tensor.stride(), tensor.dtype, tensor.device


def is_dense(tensor: torch.Tensor) -> bool:
    """Returns whether the elements fill one piece of memory without gaps, in whatever order of axes."""
    expected = 1
    for stride, size in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
        if size != 1:
            if stride != expected:
                return False
            expected *= size
    return True


def same_memory_order(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Returns whether two tensors of one shape have their elements in the same order in memory."""
    axes = zip(a.shape, a.stride(), b.stride(), strict=True)
    return all(size == 1 or left == right for size, left, right in axes)


class Bucket:
    """Variables of one device, type and kind, as the lists that a kernel takes.

    Attributes:
        blocks: the same in parts that a processor's cache holds, for updates that want that; else None.
        params: the variables.
        slots: the optimizer's state by name, each a list in the order of `params`.
        where: the positions of the variables among those of the plan; None stands for all of them.
        fused: whether torch's fused kernels can be used.
        decays: whether the update itself has to apply the weight decay.
        steps: the step counts that Adam's fused kernels take.
        flat: one tensor that holds all of a slot, for optimizers that prepare it.
        kind: what `_kind` of the optimizer said about these variables.
        group: where the parameter group of the variables stands among those of the optimizer.
        turned: on a CPU, the positions of variables whose axes lie in memory in another order than in the shape.
    """

    __slots__ = (
        "blocks",
        "decays",
        "flat",
        "fused",
        "group",
        "kind",
        "params",
        "slots",
        "steps",
        "turned",
        "where",
    )

    def __init__(self, plan: Plan, where: list[int], decays: bool, kind: Any, group: int) -> None:
        everything = len(where) == len(plan.params)
        self.where = None if everything else where
        self.params = [plan.params[i] for i in where]
        self.slots = {name: [slot[i] for i in where] for name, slot in plan.slots.items()}
        device, dtype = self.params[0].device, self.params[0].dtype
        self.fused = device.type in FUSED_DEVICES and dtype.is_floating_point
        self.decays = decays
        self.steps = [torch.tensor(_ENDLESS, device=device)] * len(where) if self.fused else []
        self.flat: torch.Tensor | None = None
        self.kind = kind
        self.group = group
        is_cpu = device.type == "cpu"
        self.turned = [i for i, p in enumerate(self.params) if not p.is_contiguous()] if is_cpu else []
        large = sum(p.numel() for p in self.params) > ELEMENTS
        self.blocks = Blocks(self) if plan.in_blocks and large and is_cpu else None

    def as_in_memory(self, grads: Tensors) -> Tensors:
        """Returns gradients for a fused kernel, which would copy those whose axes lie in memory in another order.

        Args:
            grads: one for each variable; the `turned` ones become one row of elements.
        """
        if not self.turned:
            return grads
        found = list(grads)
        for i in self.turned:
            found[i] = found[i].as_strided((found[i].numel(),), (1,))
        return found


class Plan:
    """How to update some of an optimizer's variables.

    Attributes:
        index: the places of the variables among those the optimizer was built with.
        variables: the variables.
        params: what the kernels work on: the variables, or dense copies of those that have gaps in memory.
        staged: `(variable, copy)` for each such copy.
        layout: the layout that the gradients are expected to have.
        slots: the optimizer's state by name, in the order of `variables`, as plain tensors; None where there is none.
        overwritten: the places of those that their gradients replace; they are in no bucket.
        decayed_groups: where parameter groups have settings of their own, the variables that shrink, by their group.
        buckets: the variables by device and type.
        before: functions that gradients go through before the update.
        after: functions that follow it.
        in_blocks: whether the update treats every element by itself, in so many passes that blocks pay.
    """

    def __init__(self, optimizer: Any, index: list[int]) -> None:
        self.index = index
        self.variables = [optimizer._params[i] for i in index]
        self.variable_layout = [layout(v) for v in self.variables]
        self.params = list(self.variables)
        self.staged: list[tuple[torch.Tensor, torch.Tensor]] = []
        for i, variable in enumerate(self.variables):
            if not (optimizer._each or is_dense(variable)):
                self.params[i] = torch.empty_like(variable, requires_grad=False)
                self.staged.append((variable, self.params[i]))
        self.layout = [layout(p) for p in self.params]
        self.restrided: list[int] = []
        self.slots = self._collect_slots(optimizer)
        self.decayed = [optimizer._decays(v) for v in self.variables]
        self.overwritten = [i for i, v in enumerate(self.variables) if stages.is_overwritten(v)]
        self.decayed_groups: dict[int, list[torch.Tensor]] = defaultdict(list)
        for variable, param, decays in zip(self.variables, self.params, self.decayed, strict=True):
            if decays and optimizer._group_places:
                self.decayed_groups[optimizer._group_of(variable)].append(param)
        self.before, self.after = stages.choose(optimizer)
        self.constrained = [v for v in self.variables if getattr(v, "constraint", None) is not None]
        self.in_blocks = optimizer._in_blocks
        self.buckets = self._fill_buckets(optimizer)

    def _collect_slots(self, optimizer: Any) -> dict[str, list[Any]]:
        tables: dict[str, dict[int, torch.Tensor]] = defaultdict(dict)
        for name, reference, slot in optimizer._slots:
            tables[name][id(reference)] = slot
        slots: dict[str, list[Any]] = {}
        for name, table in tables.items():
            pairs = zip(self.params, self.variables, strict=True)
            slots[name] = [
                _alias(table[id(variable)], param) if id(variable) in table else None
                for param, variable in pairs
            ]
        return slots

    def _fill_buckets(self, optimizer: Any) -> list[Bucket]:
        places: dict[Any, list[int]] = defaultdict(list)
        for i, param in enumerate(self.params):
            if i in self.overwritten:
                continue
            decays = optimizer._decays_in_update and self.decayed[i]
            kind = optimizer._kind(self.variables[i])
            group = optimizer._group_of(self.variables[i])
            places[param.device, param.dtype, decays, kind, group].append(i)
        return [Bucket(self, where, *key[2:]) for key, where in places.items()]

    def is_outdated(self) -> bool:
        """Returns whether a variable has moved, or changed its type or memory order, since the plan was made."""
        return [layout(v) for v in self.variables] != self.variable_layout

    def fit(self, grads: list[torch.Tensor]) -> list[torch.Tensor]:
        """Returns gradients with the type, device and memory order of the variables.

        Gradients that differ only in the stride of an axis of length one are used as they are, and expected from
        then on, because no copy is needed.
        """
        fitted, self.layout, self.restrided = [], [], []
        for i, (grad, param) in enumerate(zip(grads, self.params, strict=True)):
            grad = torch.as_tensor(grad)
            expected = layout(param)
            if (
                grad.layout is torch.strided
                and layout(grad)[1:] == expected[1:]
                and same_memory_order(grad, param)
            ):
                if grad.stride() != param.stride():
                    self.restrided.append(i)
                expected = layout(grad)
            else:
                grad = _like(grad, param)
            self.layout.append(expected)
            fitted.append(grad)
        return self.restride(fitted)

    def restride(self, grads: list[torch.Tensor]) -> list[torch.Tensor]:
        """Returns gradients whose axes of length one have the strides of the variables, as CUDA's kernels ask for."""
        for i in self.restrided:
            param = self.params[i]
            grads[i] = grads[i].as_strided(param.shape, param.stride())
        return grads


def _alias(slot: torch.Tensor, param: torch.Tensor) -> torch.Tensor:
    """The memory of a slot as a plain tensor, after moving it to where its variable is now; integers stay."""
    if slot.dtype not in _INTEGERS:
        if slot.shape != param.shape:
            slot.data = slot.detach().to(param.device, param.dtype)
        elif layout(slot) != layout(param):
            slot.data = torch.empty_like(param, requires_grad=False).copy_(slot)
    return slot.detach()


def _like(grad: torch.Tensor, param: torch.Tensor) -> torch.Tensor:
    dense = grad.to_dense() if grad.layout is not torch.strided else grad
    return torch.empty_like(param, requires_grad=False).copy_(dense)
