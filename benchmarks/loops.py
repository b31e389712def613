"""The best training loop that one would write by hand in torch.

The data lie in memory on the device, are shuffled by one permutation an epoch and indexed a batch at a
time; the loss is computed from logits; loss and metric add up in tensors, read once an epoch. What is
faster on a given computer (how to index, how to lay out images, which form of the optimizer) is found out
by trying, see `best_loop`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from benchmarks.measure import device, medians, take_turns
from benchmarks.workloads import Workload, each

Batch = tuple[Any, torch.Tensor]
Index = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
INDEXING: dict[str, Index] = {
    "x[i]": lambda x, i: x[i],
    "index_select": lambda x, i: x.index_select(0, i),
}


@dataclass(frozen=True)
class Variant:
    """One way to write the loop."""

    module: str
    indexing: str
    optimizer: str
    memory_format: torch.memory_format

    def __str__(self) -> str:
        layout = str(self.memory_format).removeprefix("torch.")
        return f"{self.module}, {self.indexing}, {self.optimizer} optimizer, {layout}"


class HandLoop:
    """The hand-written loop for a workload.

    Args:
        workload: the network and its data.
        variant: how to index, which optimizer, which layout.
    """

    def __init__(self, workload: Workload, variant: Variant) -> None:
        torch.manual_seed(0)
        self.workload = workload
        self.index = INDEXING[variant.indexing]
        x, y = (each(lambda array: torch.from_numpy(array).to(device()), part) for part in workload.data())
        self.module = workload.modules[variant.module]().to(device())
        if workload.channels_first:
            x = x.movedim(-1, 1).contiguous(memory_format=variant.memory_format)
            self.module.to(memory_format=variant.memory_format)  # type: ignore[call-overload]
        self.x, self.y = x, y
        self.optimizer = workload.optimizers[variant.optimizer](self.module.parameters())

    def train(self, epochs: int) -> tuple[float, float]:
        """Trains and gives the loss and the metric of the last epoch."""
        results = [self.train_on(self.batches()) for _ in range(epochs)]
        loss_sum, score = results[-1]
        return float(loss_sum) / self.workload.steps, float(score) / len(self.y)

    def batches(self) -> Iterator[Batch]:
        """The batches of an epoch in a new order."""
        x, y, index = self.x, self.y, self.index
        rows = torch.randperm(len(y), device=device()).split(self.workload.batch_size)
        if isinstance(x, dict):
            return (({name: index(part, i) for name, part in x.items()}, index(y, i)) for i in rows)
        return ((index(x, i), index(y, i)) for i in rows)

    def train_from(self, source: Iterable) -> tuple[torch.Tensor, torch.Tensor]:
        """Trains on what a source gives, arrays or tensors; returns the sums of the losses and scores."""
        to = partial(torch.as_tensor, device=device())
        return self.train_on((to(x), to(y)) for x, y in source)

    def train_on(self, batches: Iterable[Batch]) -> tuple[torch.Tensor, torch.Tensor]:
        """Trains on batches; returns the sums of the losses and scores, not read yet."""
        module, optimizer, task = self.module, self.optimizer, self.workload.task
        module.train()
        loss_sum, score = torch.zeros(2, device=device()).unbind()
        for inputs, labels in batches:
            optimizer.zero_grad(set_to_none=True)
            outputs = module(inputs)
            loss = task.loss(outputs, labels)
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach()
            score += task.score(outputs.detach(), labels)
        return loss_sum, score

    def evaluate(self) -> tuple[float, float]:
        """The loss and the metric over all data, in batches."""
        task, size = self.workload.task, self.workload.batch_size
        self.module.eval()
        loss_sum, score = torch.zeros(2, device=device()).unbind()
        with torch.inference_mode():
            for start in range(0, len(self.y), size):
                inputs = each(lambda x, start=start: x[start : start + size], self.x)
                labels = self.y[start : start + size]
                outputs = self.module(inputs)
                loss_sum += task.loss(outputs, labels)
                score += task.score(outputs, labels)
        return float(loss_sum) / self.workload.steps, float(score) / len(self.y)

    def forward(self, rows: int) -> torch.Tensor:
        """The bare forward pass over the first rows."""
        with torch.inference_mode():
            outputs = self.module(each(lambda x: x[:rows], self.x))
        assert len(outputs) == rows
        return outputs


def variants(workload: Workload) -> Iterator[Variant]:
    """Every way to write the loop for a workload."""
    for choice in itertools.product(workload.modules, INDEXING, workload.optimizers, workload.memory_formats):
        yield Variant(*choice)


def best_loop(workload: Workload, rounds: int) -> tuple[HandLoop, Variant]:
    """The fastest variant, found by letting all run in turn."""
    loops = {variant: HandLoop(workload, variant) for variant in variants(workload)}
    actions = {str(variant): partial(loop.train, 1) for variant, loop in loops.items()}
    times = medians(take_turns(actions, rounds))
    best = min(loops, key=lambda variant: times[str(variant)])
    return loops[best], best
