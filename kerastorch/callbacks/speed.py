"""The end of the progress line: samples a second, and the memory in use."""

from __future__ import annotations

from typing import Any

from kerastorch.core.process_memory import memory_in_use, readable_bytes


def speed_note(model: Any, samples: float, seconds: float) -> str:
    """Returns the text, which is empty where there is no model.

    Args:
        model: the model that runs, or None.
        samples: samples in a step; 0 where that is not known.
        seconds: the time of a step; 0 where it is not known yet.

    Example:
        >>> speed_note(None, 32, 0.01)
        ''
    """
    if model is None:
        return ""
    device = next((tensor.device for tensor in model.parameters()), None)
    memory = memory_in_use(device)
    rate = f" - {samples / seconds:,.0f} samples/s" if samples and seconds else ""
    return rate if memory is None else f"{rate} - {readable_bytes(memory)}"


def samples_seen(model: Any) -> float:
    """Returns how many samples the loss of a compiled model has counted since its metrics began; else 0.

    Args:
        model: the model that runs, or None.
    """
    tracker = getattr(model, "_loss_tracker", None)
    return 0.0 if tracker is None else float(tracker.count)
