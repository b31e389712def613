"""Ways out of kerastorch: models as programs, ONNX files and plain PyTorch source."""

from __future__ import annotations

from kerastorch.export.archive import ExportArchive
from kerastorch.export.entry import export_model
from kerastorch.export.source.writer import source_of

__all__ = ["ExportArchive", "export_model", "source_of"]
