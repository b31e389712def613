"""What may happen to gradients before an update and to variables after it, in Keras's order.

A stage before the update takes `(optimizer, plan, grads, learning_rate)` and returns gradients, or None when there is
nothing to update yet. A stage after it takes `(optimizer, plan)`. Only those that are wanted are chosen, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from kerastorch.optimizers.plan import Plan

Grads = list[torch.Tensor]
Before = Callable[[Any, "Plan", Grads, float], "Grads | None"]
After = Callable[[Any, "Plan"], None]


def choose(optimizer: Any) -> tuple[list[Before], list[After]]:
    """Returns the stages that an optimizer's arguments ask for."""
    if not optimizer._params:
        return [], []
    before: list[Before] = [overwrite] if any(map(is_overwritten, optimizer._params)) else []
    if optimizer.loss_scale_factor is not None:
        before.append(unscale)
    if optimizer.gradient_accumulation_steps:
        before.append(accumulate)
    for name, stage in _CLIPS:
        if getattr(optimizer, name):
            before.append(stage)
            break
    if optimizer._group_places:
        before.append(decay_groups)
    elif optimizer.weight_decay and not optimizer._decays_in_update:
        before.append(decay_weights)
    after: list[After] = [average_weights] if optimizer.use_ema else []
    if any(getattr(v, "constraint", None) is not None for v in optimizer._params):
        after.append(constrain)
    return before, after


def is_overwritten(variable: torch.Tensor) -> bool:
    """Returns whether a variable is to be replaced by its gradient, as the scales of 8-bit training are."""
    return getattr(variable, "overwrite_with_gradient", False)


def overwrite(optimizer: Any, plan: Plan, grads: Grads, rate: float) -> Grads:
    """Replaces variables that ask for it by their gradient, and while gradients add up by the largest one."""
    steps, grads = optimizer.gradient_accumulation_steps, list(grads)
    for i in plan.overwritten:
        value, grads[i] = grads[i], torch.zeros_like(grads[i])
        if steps:
            largest = plan.slots["gradient_accumulator"][i]
            value = torch.maximum(largest, value)
            largest.copy_(value)
            if (int(optimizer._iterations) + 1) % steps:
                continue
            largest.zero_()
        plan.params[i].copy_(value)
    return grads


def unscale(optimizer: Any, plan: Plan, grads: Grads, rate: float) -> Grads:
    """Divides the gradients by the factor that the loss was multiplied with."""
    return list(torch._foreach_div(grads, optimizer.loss_scale_factor))


def accumulate(optimizer: Any, plan: Plan, grads: Grads, rate: float) -> Grads | None:
    """Adds the gradients up, and gives their mean every `gradient_accumulation_steps` steps."""
    steps = optimizer.gradient_accumulation_steps
    sums = plan.slots["gradient_accumulator"]
    if (int(optimizer._iterations) + 1) % steps:
        torch._foreach_add_(sums, grads)
        return None
    total = torch._foreach_add(grads, sums)
    torch._foreach_zero_(optimizer._whole_plan().slots["gradient_accumulator"])
    return list(torch._foreach_div(total, steps))


def clip_each_norm(optimizer: Any, plan: Plan, grads: Grads, rate: float) -> Grads:
    """Scales each gradient down to a norm of at most `clipnorm`."""
    limit = optimizer.clipnorm
    norms = torch._foreach_norm(grads)
    return [grad * (limit / norm.clamp_min(limit)) for grad, norm in zip(grads, norms, strict=True)]


def clip(optimizer: Any, grads: Grads) -> Grads:
    """Returns gradients clipped as an optimizer's arguments ask for it."""
    stage = next((stage for name, stage in _CLIPS if getattr(optimizer, name)), None)
    return grads if stage is None or not grads else stage(optimizer, None, grads, 0.0)  # type: ignore


def clip_global_norm(optimizer: Any, plan: Plan | None, grads: Grads, rate: float) -> Grads:
    """Scales all gradients down by one factor, so that their common norm is at most `global_clipnorm`."""
    limit, device = optimizer.global_clipnorm, grads[0].device
    norms = [norm.to(device, torch.float32) for norm in torch._foreach_norm(grads)]
    norm = torch.linalg.vector_norm(torch.stack(norms))
    scale = limit / norm.clamp_min(limit) + (norm - norm)  # NaN where the norm is not finite
    if plan is not None and len(plan.buckets) == 1:
        return list(torch._foreach_mul(grads, scale.to(grads[0].dtype)))
    return [grad * scale.to(grad.device, grad.dtype) for grad in grads]


def clip_values(optimizer: Any, plan: Plan, grads: Grads, rate: float) -> Grads:
    """Limits every element of the gradients to `clipvalue`."""
    limit = optimizer.clipvalue
    return list(torch._foreach_clamp_max(torch._foreach_clamp_min(grads, -limit), limit))


def decay_weights(optimizer: Any, plan: Plan, grads: Grads, rate: float) -> Grads:
    """Shrinks the variables by `weight_decay * learning_rate`."""
    decayed = [p for p, decays in zip(plan.params, plan.decayed, strict=True) if decays]
    if decayed:
        torch._foreach_mul_(decayed, 1.0 - optimizer.weight_decay * rate)
    return grads


def decay_groups(optimizer: Any, plan: Plan, grads: Grads, rate: float) -> Grads:
    """Shrinks the variables of each parameter group by its own `weight_decay * learning_rate`."""
    for place, decayed in plan.decayed_groups.items():
        fraction = optimizer.param_groups[place].get("weight_decay", optimizer.weight_decay)
        torch._foreach_mul_(decayed, 1.0 - fraction * optimizer._rate_of(place, rate))
    return grads


_CLIPS: list[tuple[str, Before]] = [
    ("clipnorm", clip_each_norm),
    ("global_clipnorm", clip_global_norm),
    ("clipvalue", clip_values),
]


def average_weights(optimizer: Any, plan: Plan) -> None:
    """Moves the average of the variables, and writes it back every `ema_overwrite_frequency` steps."""
    whole = optimizer._whole_plan()
    averages, taken = whole.slots["average"], optimizer._updates_taken()
    weight = 1.0 - optimizer.ema_momentum if taken else 1.0
    torch._foreach_lerp_(averages, whole.variables, weight)
    frequency = optimizer.ema_overwrite_frequency
    if frequency and (taken + 1) % frequency == 0:
        torch._foreach_copy_(whole.variables, averages)


def constrain(optimizer: Any, plan: Plan) -> None:
    """Projects the variables that have a constraint."""
    for variable in plan.constrained:
        variable.copy_(variable.constraint(variable))
