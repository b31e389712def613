"""`callbacks.experimental` of Keras 2."""

from kerastorch.callbacks.backup_and_restore import BackupAndRestore

__all__ = ["BackupAndRestore"]
