"""The libraries that only evaluation needs, found when first wanted.

They are an extra, so that nobody who only asks questions installs them.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from rag.errors import UsageError


def library(name: str) -> ModuleType:
    """The module of this name. Raises UsageError, with the pip line, where the extra is not installed."""
    package = name.partition(".")[0]
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in (package, name):
            raise
        raise UsageError(
            f"evaluating needs {package}, which is not installed; get it with: pip install 'groundwire[eval]'"
        ) from None
