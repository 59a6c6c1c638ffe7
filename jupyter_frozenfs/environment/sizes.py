"""What packages weigh."""

from __future__ import annotations

from importlib.metadata import distributions
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from pathlib import Path


def installed_sizes(site_packages: Path) -> dict[str, int]:
    """Return the bytes of each package in a tree, as its record says: sources and libraries, no byte code.

    Parameters
    ----------
    site_packages
        The folder with the packages.
    """
    return {
        canonicalize_name(distribution.name): sum(file.size or 0 for file in distribution.files or [])
        for distribution in distributions(path=[str(site_packages)])
    }
