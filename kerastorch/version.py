"""The version of the package, tied to the top entry of CHANGELOG.md by a test."""

__version__ = "0.1.0"
