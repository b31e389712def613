"""The best training loop that one would write by hand in torch.

The data lie in memory on the device, are shuffled by one permutation an epoch and indexed a batch at a
time; the loss is computed from logits; loss and accuracy add up in tensors, read once an epoch. What is
faster on a given computer (how to index, how to lay out images, which form of the optimizer) is found out
by trying, see `best_loop`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F

from benchmarks.measure import device, medians, take_turns
from benchmarks.workloads import CLASSES, Workload

Batch = tuple[torch.Tensor, torch.Tensor]
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
        x, y = (torch.from_numpy(array).to(device()) for array in workload.data())
        self.module = workload.modules[variant.module]().to(device())
        if workload.channels_first:
            x = x.movedim(-1, 1).contiguous(memory_format=variant.memory_format)
            self.module.to(memory_format=variant.memory_format)  # type: ignore[call-overload]
        self.x, self.y = x, y
        self.optimizer = workload.optimizers[variant.optimizer](self.module.parameters())

    def train(self, epochs: int) -> tuple[float, float]:
        """Trains and gives the loss and the accuracy of the last epoch."""
        results = [self.train_on(self.batches()) for _ in range(epochs)]
        loss_sum, correct = results[-1]
        return float(loss_sum) / self.workload.steps, float(correct) / len(self.x)

    def batches(self) -> Iterator[Batch]:
        """The batches of an epoch in a new order."""
        x, y, index = self.x, self.y, self.index
        order = torch.randperm(len(x), device=device())
        return ((index(x, rows), index(y, rows)) for rows in order.split(self.workload.batch_size))

    def train_from(self, source: Iterable) -> tuple[torch.Tensor, torch.Tensor]:
        """Trains on what a source gives, arrays or tensors; returns the sums of the losses and hits."""
        to = partial(torch.as_tensor, device=device())
        return self.train_on((to(x), to(y)) for x, y in source)

    def train_on(self, batches: Iterable[Batch]) -> tuple[torch.Tensor, torch.Tensor]:
        """Trains on batches; returns the sums of the losses and hits, not read yet."""
        module, optimizer = self.module, self.optimizer
        module.train()
        loss_sum = torch.zeros((), device=device())
        correct = torch.zeros((), dtype=torch.int64, device=device())
        for inputs, labels in batches:
            optimizer.zero_grad(set_to_none=True)
            logits = module(inputs)
            loss = F.cross_entropy(logits, labels)
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach()
            correct += (logits.argmax(1) == labels).sum()
        return loss_sum, correct

    def evaluate(self) -> tuple[float, float]:
        """The loss and the accuracy over all data, in batches."""
        batch_size = self.workload.batch_size
        self.module.eval()
        loss_sum = torch.zeros((), device=device())
        correct = torch.zeros((), dtype=torch.int64, device=device())
        with torch.inference_mode():
            for inputs, labels in zip(self.x.split(batch_size), self.y.split(batch_size), strict=True):
                logits = self.module(inputs)
                loss_sum += F.cross_entropy(logits, labels)
                correct += (logits.argmax(1) == labels).sum()
        return float(loss_sum) / self.workload.steps, float(correct) / len(self.x)

    def forward(self, rows: int) -> torch.Tensor:
        """The bare forward pass over the first rows."""
        with torch.inference_mode():
            logits = self.module(self.x[:rows])
        assert logits.shape == (rows, CLASSES)
        return logits


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
