"""The beam search for label sequences that are not lined up with their frames.

Legend: B batch, T frames, C classes, W sequences in the beam, P sequences that are returned.
"""

from __future__ import annotations

import torch


def best_paths(
    logs: torch.Tensor, lengths: torch.Tensor, blank: int, width: int, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the likeliest label sequences and the logarithms of their probabilities.

    Args:
        logs: the logarithms of the probabilities of the classes, (B, T, C).
        lengths: how many frames of each sample count, (B,).
        blank: the class that stands for no label.
        width: W, how many beginnings are kept from frame to frame.
        count: P, how many sequences are returned.

    Returns:
        Sequences (P, B, T), int32 and padded with -1, and (B, P).

    Example:
        >>> logs = torch.tensor([[[0.6, 0.4], [0.6, 0.4]]]).log()
        >>> labels, scores = best_paths(logs, torch.tensor([2]), 0, 4, 2)
        >>> labels.tolist(), [round(v, 2) for v in scores[0].exp().tolist()]
        ([[[1, -1]], [[-1, -1]]], [0.64, 0.36])
    """
    labels = torch.full((count, *logs.shape[:2]), -1, dtype=torch.int32)
    scores = logs.new_full((len(logs), count), -torch.inf, device="cpu")
    for sample, (frames, length) in enumerate(zip(logs.detach().cpu(), lengths.tolist(), strict=True)):
        paths, totals = _search(frames[:length], blank, width)
        for place, (path, total) in enumerate(zip(paths[:count], totals[:count], strict=True)):
            labels[place, sample, : len(path)] = torch.tensor(path, dtype=torch.int32)
            scores[sample, place] = total
    return labels.to(logs.device), scores.to(logs.device)


def _search(frames: torch.Tensor, blank: int, width: int) -> tuple[list[tuple[int, ...]], torch.Tensor]:
    """The beam after the last of the frames (T, C), best first.

    Each sequence has two probabilities: that its last frame is a blank, and that it is its last label. A label that
    follows itself is a new one only after a blank.
    """
    paths: list[tuple[int, ...]] = [()]
    blanks, labels = frames.new_zeros(1), frames.new_full((1,), -torch.inf)
    for frame in frames:
        totals = torch.logaddexp(blanks, labels)
        longer = totals.unsqueeze(1) + frame  # each sequence with each class after it
        stays_blank, stays_label = totals + frame[blank], torch.full_like(labels, -torch.inf)
        longer[:, blank] = -torch.inf
        at = {path: place for place, path in enumerate(paths)}
        for place, path in enumerate(paths):
            if not path:
                continue
            last = path[-1]
            stays_label[place] = labels[place] + frame[last]
            longer[place, last] = blanks[place] + frame[last]
        for place, path in enumerate(paths):
            parent = at.get(path[:-1]) if path else None
            if parent is not None:  # the shorter sequence, made longer, is this one
                stays_label[place] = torch.logaddexp(stays_label[place], longer[parent, path[-1]])
                longer[parent, path[-1]] = -torch.inf
        paths, blanks, labels = _kept(paths, stays_blank, stays_label, longer, width)
    return paths, torch.logaddexp(blanks, labels)


def _kept(
    paths: list[tuple[int, ...]],
    blanks: torch.Tensor,
    labels: torch.Tensor,
    longer: torch.Tensor,
    width: int,
) -> tuple[list[tuple[int, ...]], torch.Tensor, torch.Tensor]:
    """The likeliest among the sequences and the longer ones, best first; of equal ones that with the lower class."""
    totals = torch.cat([longer.flatten(), torch.logaddexp(blanks, labels)])
    order = torch.sort(totals, descending=True, stable=True).indices[:width]
    order = order[totals[order] > -torch.inf]
    classes = longer.shape[1]
    found = [
        (*paths[i // classes], i % classes) if i < longer.numel() else paths[i - longer.numel()]
        for i in order.tolist()
    ]
    none = torch.full_like(longer.flatten(), -torch.inf)
    return found, torch.cat([none, blanks])[order], torch.cat([longer.flatten(), labels])[order]
