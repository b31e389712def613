"""torch's fused kernel of Adam, as the parts of other rules that it can compute in one pass."""

from __future__ import annotations

import math

import torch

from kerastorch.optimizers.plan import Bucket, Tensors

# As `beta_2` it leaves the squares as they are; 1 would leave a bias of infinity.
ALL = math.nextafter(1.0, 0.0)


def fused_adam(
    bucket: Bucket,
    targets: Tensors,
    grads: Tensors,
    means: Tensors,
    squares: Tensors,
    *,
    lr: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
    shrink: float = 0.0,
    hats: Tensors = (),
) -> None:
    """Moves tensors by `-lr * means / (sqrt(squares) + epsilon)`, after the means and the squares have moved.

    Nothing is corrected for its bias. Where `means` are `grads` and `beta_1` is 0, the gradients stay as they are.

    Args:
        bucket: the variables, for which fused kernels can be used.
        targets: what moves.
        grads: the gradients.
        means: their running means, of which `beta_1` stays.
        squares: running means of their squares, of which `beta_2` stays.
        lr: the rate; it must not be 0 where `shrink` is given.
        beta_1: as above.
        beta_2: as above.
        epsilon: what is added to the root of the squares.
        shrink: the fraction that the targets lose first.
        hats: the largest squares so far, which then take their place; empty for none.
    """
    if bucket.turned:
        own = means is grads
        grads = bucket.as_in_memory(grads)
        means = grads if own else means
    # The kernel's own bias correction is left out by the endless step count. It multiplies its weight decay by the
    # rate, which is divided out here.
    kernel = torch._fused_adamw_ if shrink else torch._fused_adam_
    kernel(
        targets,
        grads,
        means,
        squares,
        hats,
        bucket.steps,
        lr=lr,
        beta1=beta_1,
        beta2=beta_2,
        weight_decay=shrink / lr if shrink else 0.0,
        eps=epsilon,
        amsgrad=bool(hats),
        maximize=False,
    )


def move_means(
    bucket: Bucket, grads: Tensors, means: Tensors, squares: Tensors, beta_1: float, beta_2: float
) -> None:
    """Moves running means of gradients and of their squares, and nothing else.

    Args:
        bucket: the variables.
        grads: the gradients.
        means: their running means, of which `beta_1` stays.
        squares: running means of their squares, of which `beta_2` stays.
        beta_1: as above.
        beta_2: as above.
    """
    if bucket.fused:
        fused_adam(
            bucket, bucket.params, grads, means, squares, lr=0.0, beta_1=beta_1, beta_2=beta_2, epsilon=1.0
        )
        return
    torch._foreach_lerp_(means, grads, 1.0 - beta_1)
    torch._foreach_mul_(squares, beta_2)
    torch._foreach_addcmul_(squares, grads, grads, value=1.0 - beta_2)
