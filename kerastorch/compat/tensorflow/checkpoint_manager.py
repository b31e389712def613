"""`tf.train.CheckpointManager`: the last few checkpoints of a training."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kerastorch.compat.tensorflow.checkpoint_files import ENDING, get_checkpoint_state, write_index
from kerastorch.compat.tensorflow.checkpoints import Checkpoint
from kerastorch.errors import InvalidArgumentError


class CheckpointManager:
    """Writes checkpoints into a folder and deletes old ones.

    Args:
        checkpoint: what to write.
        directory: the folder.
        max_to_keep: number of checkpoints that stay; None keeps all.
        keep_checkpoint_every_n_hours: hours after which one of them stays for good. Default: None, for none.
        checkpoint_name: the name before the number. Default: `"ckpt"`.
        step_counter: a variable that counts steps; needed for `checkpoint_interval`.
        checkpoint_interval: least steps between two checkpoints. Default: every `save` writes.
        init_fn: called by `restore_or_initialize` where there is no checkpoint.
        last_checkpoint_step: the step at which the last one was written. Default: None.

    Raises:
        InvalidArgumentError: when `max_to_keep` is not positive, or there is an interval without a counter.

    Example:
        >>> from kerastorch.compat.tensorflow.variables import Variable
        >>> manager = CheckpointManager(Checkpoint(step=Variable(1)), "training", max_to_keep=2)
        >>> for _ in range(3):
        ...     path = manager.save()
        >>> path, len(manager.checkpoints)
        ('training/ckpt-3', 2)

    Source: `tf.train.CheckpointManager`
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        directory: Any,
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = "ckpt",
        step_counter: Any = None,
        checkpoint_interval: int | None = None,
        init_fn: Callable | None = None,
        last_checkpoint_step: int | None = None,
    ) -> None:
        if max_to_keep is not None and max_to_keep <= 0:
            raise InvalidArgumentError(f"`max_to_keep` must be positive or None. Received: {max_to_keep}.")
        if checkpoint_interval is not None and step_counter is None:
            raise InvalidArgumentError("`checkpoint_interval` needs a `step_counter`.")
        self._checkpoint = checkpoint
        self._directory = os.fspath(directory)
        self._max_to_keep = max_to_keep
        self._hours = keep_checkpoint_every_n_hours
        self._prefix = os.path.join(self._directory, checkpoint_name)
        self._step_counter = step_counter
        self._interval = checkpoint_interval
        self._init_fn = init_fn
        self._last_step = last_checkpoint_step
        self._last_kept = time.time()
        state = get_checkpoint_state(self._directory)
        kept = [] if state is None else state.all_model_checkpoint_paths
        self._paths = [path for path in kept if os.path.exists(path + ENDING)]

    @property
    def checkpoint(self) -> Checkpoint:
        """What is written."""
        return self._checkpoint

    @property
    def directory(self) -> str:
        """The folder."""
        return self._directory

    @property
    def checkpoint_interval(self) -> int | None:
        """Least steps between two checkpoints."""
        return self._interval

    @property
    def checkpoints(self) -> list[str]:
        """The paths of the checkpoints that may be deleted later, the oldest first."""
        return list(self._paths)

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the last checkpoint, or None."""
        return self._paths[-1] if self._paths else None

    def save(
        self, checkpoint_number: Any = None, check_interval: bool = True, options: Any = None
    ) -> str | None:
        """Writes a checkpoint and deletes those that are too many.

        Args:
            checkpoint_number: its number. Default: one more than the last.
            check_interval: whether `checkpoint_interval` counts. Default: True.
            options: has no effect.

        Returns:
            The path, or None where the interval has not passed.
        """
        if check_interval and not self._is_due():
            return None
        counter = self._checkpoint.save_counter
        counter.assign(int(counter) + 1 if checkpoint_number is None else int(checkpoint_number))
        path = self._checkpoint.write(f"{self._prefix}-{int(counter)}")
        self._paths = [*(p for p in self._paths if p != path), path]
        self._sweep()
        write_index(self._directory, self._paths)
        if self._step_counter is not None:
            self._last_step = int(self._step_counter)
        return path

    def restore_or_initialize(self) -> str | None:
        """Restores the last checkpoint, or calls `init_fn` where there is none.

        Returns:
            The path of what was restored, or None.
        """
        path = self.latest_checkpoint
        if path is not None:
            self._checkpoint.restore(path)
        elif self._init_fn is not None:
            self._init_fn()
        return path

    def sync(self) -> None:
        """Does nothing: writing is over when `save` returns."""

    def _is_due(self) -> bool:
        if self._interval is None or self._last_step is None:
            return True
        return int(self._step_counter) >= self._last_step + self._interval

    def _sweep(self) -> None:
        """Deletes the oldest checkpoints, except one every so many hours."""
        while self._max_to_keep is not None and len(self._paths) > self._max_to_keep:
            file = Path(self._paths.pop(0) + ENDING)
            written = file.stat().st_mtime if file.exists() else 0.0
            if self._hours is not None and written - self._last_kept >= self._hours * 3600:
                self._last_kept = written
            else:
                file.unlink(missing_ok=True)
