"""Arguments of Keras's layers for what is not a part of layers here."""

from __future__ import annotations

from typing import Any

from kerastorch.errors import InvalidArgumentError


def refuse_adaptation(layer: str, **options: Any) -> None:
    """Checks that the options for low-rank adaptation, and for GPTQ, are None, as they are in configs.

    Args:
        layer: the class, for the error.
        **options: `lora_rank`, `lora_alpha` and `gptq_unpacked_column_size`.

    Raises:
        InvalidArgumentError: when one of them is given.
    """
    for name, value in options.items():
        if value is not None:
            raise InvalidArgumentError(
                f"{layer} has no low-rank adaptation, and no GPTQ, of its own: `{name}` must be None. "
                f"Received: {name}={value!r}."
            )
