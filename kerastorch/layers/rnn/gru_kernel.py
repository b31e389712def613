"""A GRU over whole sequences on a CPU, forwards and back, with a few operations a step.

torch has no kernel of its own for a GRU on a CPU: it records some twenty small operations a step for the way back.
Here the way back is written by hand: what does not depend on the steps after is computed for all steps at once, and
so are the gradients of the weights. The hyperbolic tangent is taken as `2 * sigmoid(2 * x) - 1`, which is several
times as fast there and differs by rounding only.

Legend: B batch, T time, D input features, U units. Gates come in Keras's order: update z, reset r, candidate n.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.eager import runs_eagerly

Weights = list[torch.Tensor]


def fits(inputs: torch.Tensor) -> bool:
    """Returns whether the kernel runs on such inputs.

    Without gradients torch's own is as fast, and what torch traces or transforms is left to it.

    Args:
        inputs: a tensor of any shape.
    """
    return (
        torch.is_grad_enabled()
        and inputs.device.type == "cpu"
        and inputs.dtype in (torch.float32, torch.float64)
        and inputs.numel() > 0
        and runs_eagerly()
    )


def run(
    inputs: torch.Tensor, first: torch.Tensor, weights: Weights, both: bool, batch_first: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns what `torch.gru` does for one layer: the outputs of all steps, and the last states `(1 or 2, B, U)`.

    Args:
        inputs: a tensor of shape `(B, T, D)`, or `(T, B, D)` unless `batch_first`.
        first: the states before the first step, of shape `(1 or 2, B, U)`.
        weights: `(3 * U, D)`, `(3 * U, U)` and either two biases `(3 * U)` or none; twice that for both directions.
        both: whether a second cell runs from the last step to the first.
        batch_first: whether the batch comes before the time.
    """
    steps = inputs.transpose(0, 1) if batch_first else inputs
    number = len(weights) // 2 if both else len(weights)
    outputs, last = _run_one(steps, first[0], weights[:number])
    if both:
        backwards, end = _run_one(steps.flip(0), first[1], weights[number:])
        outputs, last = torch.cat((outputs, backwards.flip(0)), -1), torch.stack((last, end))
    else:
        last = last.unsqueeze(0)
    return outputs.transpose(0, 1) if batch_first else outputs, last


def _run_one(steps: torch.Tensor, first: torch.Tensor, weights: Weights) -> tuple[torch.Tensor, torch.Tensor]:
    found: Any = _GRU.apply(steps, first, *weights)
    return found


class _GRU(torch.autograd.Function):
    """One direction, with the time before the batch; returns the outputs of all steps and the last one."""

    @staticmethod
    def forward(ctx: Any, steps: torch.Tensor, first: torch.Tensor, *weights: torch.Tensor) -> Any:
        time, batch, features = steps.shape
        units = first.shape[1]
        kernel, recurrent, bias, inner_bias = _doubled(weights, units)
        flat = steps.reshape(time * batch, features)
        gates = torch.addmm(bias, flat, kernel.t()).view(time, batch, 3 * units)
        inner = torch.empty_like(gates)
        states = steps.new_empty(time + 1, batch, units)
        states[0] = first
        _forward(states, gates, inner, recurrent.t(), inner_bias)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(steps, first, gates, inner, states, *weights)
        return states[1:], states[time].clone()

    @staticmethod
    def backward(ctx: Any, of_outputs: Any, of_last: Any) -> Any:
        steps, first, gates, inner, states, *weights = ctx.saved_tensors
        if of_outputs is of_last is None:
            return (None,) * len(ctx.needs_input_grad)
        if torch.is_grad_enabled():  # a gradient of the gradient is asked for
            return _recorded(ctx, (steps, first, *weights), (of_outputs, of_last))
        time, batch, features = steps.shape
        units = first.shape[1]
        gates_of_steps = gates.view(time, batch, 3, units).unbind(2)
        factors, of_candidate = _factors(gates_of_steps, inner, states)
        of_states = _backward(of_outputs, of_last, factors, weights[1], gates_of_steps[0])
        of_candidate.mul_(of_states[1:])
        of_inner, of_candidate = factors.view(-1, 3 * units), of_candidate.view(-1, units)
        of_steps = None
        if ctx.needs_input_grad[0]:
            kernel, two = weights[0], 2 * units
            of_steps = (of_inner[:, :two] @ kernel[:two]).addmm_(of_candidate, kernel[two:]).view(steps.shape)
        found = _of_weights(
            steps.reshape(-1, features), states[:-1].reshape(-1, units), of_inner, of_candidate
        )
        return of_steps, of_states[0], *found[: len(weights)]


def _doubled(weights: tuple[torch.Tensor, ...], units: int) -> tuple[torch.Tensor, ...]:
    """The weights with what makes the candidate times two, the sigmoid of which is taken.

    The inner biases of the other gates have been moved to the outer ones, since they are added up.
    """
    two = 2 * units
    kernel, recurrent, *biases = (w.clone() for w in weights)
    bias, inner = biases or (kernel.new_zeros(3 * units), kernel.new_zeros(3 * units))
    bias[:two] += inner[:two]
    inner[:two] = 0
    for weight in (kernel, recurrent, bias, inner):
        weight[two:] *= 2
    return kernel, recurrent, bias, inner


def _forward(
    states: torch.Tensor, gates: torch.Tensor, inner: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor
) -> None:
    """Runs over the steps, and fills in the states, the gates and the products of states and kernel.

    `gates` holds what the inputs add to them when it begins; of the candidate, that is doubled, as its product is.
    """
    units = states.shape[-1]
    two = 2 * units
    of_state = (inner, inner[..., :two], inner[..., two:])
    of_gates = (gates[..., :two], gates[..., :units], gates[..., units:two], gates[..., two:])
    views = (x.unbind(0) for x in (states[:-1], states[1:], *of_state, *of_gates))
    addmm, lerp = torch.addmm, torch.lerp
    for before, after, product, zr_product, n_product, zr, z, r, n in zip(*views, strict=True):
        addmm(bias, before, kernel, out=product)
        zr.add_(zr_product).sigmoid_()
        n.addcmul_(r, n_product).sigmoid_().mul_(2).sub_(1)
        lerp(n, before, z, out=after)


def _factors(
    gates: tuple[torch.Tensor, ...], inner: torch.Tensor, states: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """What the gradient of a state is multiplied with, to be that of the step's inner products and candidate.

    Args:
        gates: the update gate, the reset gate and the candidate of all steps.
        inner: the products of states and kernel, doubled for the candidate.
        states: the states, one more than steps.

    Returns:
        Factors of the shape of `inner`, and those of the candidate, of shape `(T, B, U)`.
    """
    z, r, n = gates
    factors = torch.empty_like(inner)
    of_z, of_r, of_n = factors.view(*z.shape[:2], 3, z.shape[2]).unbind(2)
    new = 1 - z
    torch.sub(states[:-1], n, out=of_z).mul_(z).mul_(new)
    of_candidate = new.addcmul_(new * n, n, value=-1)
    torch.mul(of_candidate, r, out=of_n)
    torch.mul(of_n, inner[..., 2 * z.shape[2] :], out=of_r).mul_(0.5).addcmul_(of_r, r, value=-1)
    return factors, of_candidate


def _backward(
    of_outputs: torch.Tensor | None,
    of_last: torch.Tensor | None,
    factors: torch.Tensor,
    kernel: torch.Tensor,
    z: torch.Tensor,
) -> torch.Tensor:
    """Runs back over the steps: makes the factors gradients, and returns those of all states, one more than steps."""
    time, batch, units = z.shape
    of_states = factors.new_empty(time + 1, batch, units)
    ends = [x for x in (of_last, None if of_outputs is None else of_outputs[-1]) if x is not None]
    of_states[time] = sum(ends[1:], ends[0])
    given = [None] * time if of_outputs is None else [None, *of_outputs[:-1].unbind(0)]
    states = of_states.unbind(0)
    gates = (factors, factors.view(time, batch, 3, units), of_states[1:].unsqueeze(2), z)
    rows = list(zip(states, states[1:], given, *(x.unbind(0) for x in gates), strict=False))
    addcmul, mul = torch.addcmul, torch.mul
    for before, after, extra, factor, by_gate, for_gates, update in reversed(rows):
        by_gate.mul_(for_gates)
        if extra is None:
            mul(after, update, out=before)
        else:
            addcmul(extra, after, update, out=before)
        before.addmm_(factor, kernel)
    return of_states


def _of_weights(
    inputs: torch.Tensor, states: torch.Tensor, of_inner: torch.Tensor, of_candidate: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    """The gradients of both kernels and both biases; all arguments have one row for each step of each sample."""
    two = of_inner.shape[1] - of_candidate.shape[1]
    of_kernel = of_inner.new_empty(of_inner.shape[1], inputs.shape[1])
    torch.mm(of_inner[:, :two].t(), inputs, out=of_kernel[:two])
    torch.mm(of_candidate.t(), inputs, out=of_kernel[two:])
    of_inner_bias = of_inner.sum(0)
    of_bias = torch.cat((of_inner_bias[:two], of_candidate.sum(0)))
    return of_kernel, torch.mm(of_inner.t(), states), of_bias, of_inner_bias


def _recorded(ctx: Any, inputs: tuple[torch.Tensor, ...], gradients: tuple[Any, Any]) -> tuple:
    """The gradients by torch's own GRU, which records them to be differentiated again."""
    steps, first, *weights = inputs
    ordered = [in_torch_order(w) for w in weights]
    outputs, last = torch.gru(
        steps, first.unsqueeze(0), ordered, len(weights) > 2, 1, 0.0, True, False, False
    )
    known = [(x, g) for x, g in zip((outputs, last[0]), gradients, strict=True) if g is not None]
    wanted = [x for x, needed in zip(inputs, ctx.needs_input_grad, strict=True) if needed]
    made, of_made = zip(*known, strict=True)
    found = iter(torch.autograd.grad(made, wanted, of_made, create_graph=True, allow_unused=True))
    return tuple(next(found) if needed else None for needed in ctx.needs_input_grad)


def in_torch_order(weight: torch.Tensor) -> torch.Tensor:
    """Returns a weight or a bias with the reset gate before the update gate, as torch has them.

    Args:
        weight: one row for each unit of each gate.
    """
    update, reset, candidate = weight.chunk(3)
    return torch.cat((reset, update, candidate))
