"""Ways out of kerastorch: models as programs, ONNX files and plain PyTorch source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerastorch.lazy import later

if TYPE_CHECKING:
    from kerastorch.export.archive import ExportArchive
    from kerastorch.export.entry import export_model
    from kerastorch.export.source.writer import source_of

__all__ = ["ExportArchive", "export_model", "source_of"]

__getattr__, __dir__ = later(
    __name__,
    {
        "ExportArchive": "kerastorch.export.archive",
        "export_model": "kerastorch.export.entry",
        "source_of": "kerastorch.export.source.writer",
    },
)
