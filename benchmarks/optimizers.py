"""Time of one optimizer step: kerastorch, torch's best variant of the same rule, and Keras on torch."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from benchmarks.frameworks import TITLES
from benchmarks.measure import device, medians, ratio, take_turns
from benchmarks.table import Row

OURS, THEIRS = TITLES["kerastorch"], TITLES["keras"]
MOST = 1.05
VARIANTS: dict[str, dict[str, bool]] = {
    "fused": {"fused": True},
    "foreach": {"foreach": True},
    "for-loop": {"foreach": False},
    "only": {},
}
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Rule:
    """An update rule and its arguments.

    Args:
        title: what the table calls it.
        name: the class in Keras and kerastorch.
        options: its arguments there.
        torch_name: the class in `torch.optim`, or nothing where torch has none.
        torch_options: its arguments there.
        coarser: what torch computes less exactly than Keras, said beside its time; or nothing.
        precision: of float32 products, see `torch.set_float32_matmul_precision`. Where torch is coarser than that, the
            rules are not the same, and nothing is owed.
    """

    title: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    torch_name: str = ""
    torch_options: Mapping[str, Any] = field(default_factory=dict)
    coarser: str = ""
    precision: str = "highest"


RULES = (
    Rule("SGD", "SGD", {}, "SGD"),
    Rule("SGD, momentum", "SGD", {"momentum": 0.9}, "SGD", {"momentum": 0.9}),
    Rule(
        "SGD, Nesterov",
        "SGD",
        {"momentum": 0.9, "nesterov": True},
        "SGD",
        {"momentum": 0.9, "nesterov": True},
    ),
    Rule("RMSprop", "RMSprop", {}, "RMSprop"),
    Rule("RMSprop, centered", "RMSprop", {"centered": True}, "RMSprop", {"centered": True}),
    Rule("RMSprop, momentum", "RMSprop", {"momentum": 0.9}, "RMSprop", {"momentum": 0.9}),
    Rule("Adam", "Adam", {}, "Adam"),
    Rule("Adam, amsgrad", "Adam", {"amsgrad": True}, "Adam", {"amsgrad": True}),
    Rule("AdamW", "AdamW", {}, "AdamW"),
    Rule("Adagrad", "Adagrad", {}, "Adagrad", {"initial_accumulator_value": 0.1}),
    Rule("Adadelta", "Adadelta", {}, "Adadelta"),
    Rule("Adamax", "Adamax", {}, "Adamax"),
    Rule("Nadam", "Nadam", {}, "NAdam"),
    Rule("Adafactor", "Adafactor", {}, "Adafactor"),
    Rule("Muon, products in float32", "Muon", {}, "Muon", coarser="products in bfloat16"),
    Rule("Muon, products in bfloat16", "Muon", {}, "Muon", precision="medium"),
    Rule("Lion", "Lion"),
    Rule("Ftrl", "Ftrl"),
    Rule("Lamb", "Lamb"),
    Rule("ScheduleFreeAdamW", "ScheduleFreeAdamW"),
)

# A hundred tensors of 10 to a million elements each, as a network has them: kernels, biases, a table of embeddings.
MIXED: tuple[Shape, ...] = (
    *[(1000, 1000)] * 4,
    *[(512, 1024)] * 6,
    *[(256, 512)] * 5,
    *[(3, 3, 64, 64)] * 8,
    *[(128, 128)] * 12,
    *[(64, 64)] * 10,
    *[(1024,)] * 15,
    *[(256,)] * 20,
    *[(64,)] * 15,
    *[(10,)] * 5,
)
SMALL: tuple[Shape, ...] = (*[(48, 48)] * 35, *[(32, 16)] * 15, *[(64,)] * 30, *[(10,)] * 20)
SIZES = {"8 million elements": (MIXED, 1), "a hundred thousand elements": (SMALL, 10)}


def tensors(shapes: Sequence[Shape], seed: int) -> list[torch.Tensor]:
    """Normally distributed tensors, the same for each contestant."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator).mul_(0.1).to(device()) for shape in shapes]


def parameters(shapes: Sequence[Shape]) -> list[torch.nn.Parameter]:
    """Parameters that have their gradients already."""
    made = [torch.nn.Parameter(tensor) for tensor in tensors(shapes, 0)]
    for parameter, grad in zip(made, tensors(shapes, 1), strict=True):
        parameter.grad = grad
    return made


@contextmanager
def matmul_precision(precision: str) -> Iterator[None]:
    """Computes products of float32 in a precision, see `torch.set_float32_matmul_precision`."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def our_step(rule: Rule, shapes: Sequence[Shape]) -> Callable[[], object]:
    """A step of kerastorch."""
    module = importlib.import_module("kerastorch.optimizers")
    optimizer = getattr(module, rule.name)(learning_rate=1e-3, **rule.options)
    optimizer.build(parameters(shapes))
    return optimizer.step


def keras_step(rule: Rule, shapes: Sequence[Shape]) -> Callable[[], object]:
    """A step of Keras on torch."""
    keras = importlib.import_module("keras")
    variables = [keras.Variable(tensor) for tensor in tensors(shapes, 0)]
    optimizer = getattr(keras.optimizers, rule.name)(learning_rate=1e-3, **rule.options)
    optimizer.build(variables)
    grads = tensors(shapes, 1)

    def step() -> None:
        with torch.no_grad():
            optimizer.apply(list(grads), variables)

    return step


def torch_steps(rule: Rule, shapes: Sequence[Shape]) -> Iterator[tuple[str, Callable[[], object]]]:
    """A step of each variant that torch has of the rule."""
    cls = getattr(torch.optim, rule.torch_name, None) if rule.torch_name else None
    found = False
    for variant, flags in VARIANTS.items() if cls else ():
        if variant == "only" and found:
            continue
        try:
            optimizer = cls(parameters(shapes), lr=1e-3, **rule.torch_options, **flags)
        except (TypeError, RuntimeError):  # there is no such variant of it
            continue
        found = True
        yield f"torch.optim, {rule.coarser or variant}", optimizer.step


def compare(
    rule: Rule, shapes: Sequence[Shape], title: str, packages: Sequence[str], rounds: int, repeats: int
) -> Iterator[Row]:
    """The rows for one rule: kerastorch owes at most 1.05 times torch's fastest variant."""
    if rule.name == "Muon":
        shapes = [shape for shape in shapes if len(shape) == 2]  # torch's takes no others
    by_torch = dict(torch_steps(rule, shapes))
    actions = dict(by_torch)
    if "kerastorch" in packages:
        actions[OURS] = our_step(rule, shapes)
    if "keras" in packages:
        actions[THEIRS] = keras_step(rule, shapes)
    if not actions:
        return
    with matmul_precision(rule.precision):
        times = take_turns(actions, rounds, repeats, warm_up=3)
    middle = medians(times)
    best = min(by_torch, key=middle.__getitem__, default=None)
    base = best or (OURS if OURS in middle else THEIRS)
    for name in (best, OURS, THEIRS):
        if name in middle:
            share = ratio(times, name, base)
            row = Row(f"{rule.title}: step, {title}", name, middle[name] * 1e3, "ms", share)
            owes = best is not None and name == OURS and not rule.coarser
            yield row.owing(f"<= {MOST:.2f}", round(share, 2) <= MOST) if owes else row


def steps(packages: Sequence[str], rounds: int, note: Callable[[str], None]) -> Iterator[Row]:
    """Rows for all rules, on tensors of mixed sizes and on small ones, where overhead rules."""
    for title, (shapes, repeats) in SIZES.items():
        for rule in RULES:
            note(f"{rule.title}: step, {title}")
            yield from compare(rule, shapes, title, packages, rounds, repeats)
