"""The methods of models that write and read files."""

from __future__ import annotations

from typing import Any

from kerastorch.saving.models import save_model
from kerastorch.saving.weight_files import LoadStatus, load_weights, save_weights


class Saveable:
    """The part of `Model` that saves and loads. See `Model`."""

    def save(
        self,
        filepath: Any,
        overwrite: bool = True,
        zipped: bool | None = None,
        include_optimizer: bool = True,
        save_format: str | None = None,
        options: Any = None,
        **kwargs: Any,
    ) -> None:
        """Writes the model with its weights, its compile arguments and the state of its optimizer.

        Args:
            filepath: a path, or a binary file. `.keras` gives a zip archive, `.h5` and `.hdf5` an HDF5 file, anything
                else a folder.
            overwrite: whether a file of that name is replaced; otherwise the terminal asks. Default: True.
            zipped: False writes a folder, True an archive; None goes by the path. Default: None.
            include_optimizer: False leaves out the compile arguments and the optimizer. Default: True.
            save_format: `"keras"`, `"h5"` or `"tf"` (a folder), for paths that do not say it. Default: None.
            options: has no meaning here. Default: None.
            **kwargs: `signatures` and `save_traces` of Keras 2, which have no meaning here either.

        Raises:
            SerializationError: when a layer cannot be written to a config; nothing is written then.
            FileInTheWayError: when the file exists, `overwrite` is False, and there is no terminal to ask.
            InvalidArgumentError: when path, `zipped` and `save_format` do not fit together.

        Source: `keras.Model.save`.
        """
        save_model(
            self,
            filepath,
            overwrite,
            zipped,
            include_optimizer=include_optimizer,
            save_format=save_format,
            options=options,
            **kwargs,
        )

    def save_weights(
        self,
        filepath: Any,
        overwrite: bool = True,
        save_format: str | None = None,
        options: Any = None,
        max_shard_size: float | None = None,
    ) -> None:
        """Writes the weights, and the state of the optimizer where the format has it.

        Args:
            filepath: a path that ends in `.weights.h5`; with another `.h5` or `.hdf5` the layout is that of Keras 2;
                anything else is extended by `.weights.h5`.
            overwrite: whether a file of that name is replaced; otherwise the terminal asks. Default: True.
            save_format: `"h5"` asks for the layout of Keras 2, `"tf"` for that of Keras 3. Default: None.
            options: has no meaning here. Default: None.
            max_shard_size: the largest size of a file in gigabytes; None for one file. Default: None.

        Raises:
            NotBuiltError: when there are no weights yet.
            FileInTheWayError: when the file exists, `overwrite` is False, and there is no terminal to ask.

        Source: `keras.Model.save_weights`.
        """
        save_weights(self, filepath, overwrite, max_shard_size, save_format=save_format, options=options)

    def load_weights(
        self,
        filepath: Any,
        skip_mismatch: bool = False,
        by_name: bool = False,
        options: Any = None,
        **kwargs: Any,
    ) -> LoadStatus | None:
        """Sets the weights from a file; when one does not fit, an error names each, and nothing is changed.

        Args:
            filepath: what `save_weights` or `save` was given.
            skip_mismatch: whether weights that do not fit are left as they are after a warning. Default: False.
            by_name: whether layers are found by their names instead of their order, in files of Keras 2's layout.
                Default: False.
            options: has no meaning here. Default: None.
            **kwargs: `objects_to_skip`, a list of layers and optimizers to leave alone.

        Returns:
            For paths without an extension an object with `expect_partial()` and `assert_consumed()`, else None.

        Raises:
            MissingFileError: when there is no such file.
            CorruptModelError: when it is damaged, or holds no weights.
            ShapeError: when weights are missing, unexpected or of another shape.
            NotBuiltError: when the model has no weights yet.

        Source: `keras.Model.load_weights`.
        """
        return load_weights(self, filepath, skip_mismatch, by_name=by_name, options=options, **kwargs)
