"""The frozen.toml that `jupyter frozenfs init` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TEXT = """\
# Environments of this site: `jupyter lite build` makes a kernel of each.

[environment.{name}]

# What people choose from the list of kernels.
display_name = "{display_name}"

# New notebooks get this kernel.
default = true

# Packages as pip takes them; files of requirements, dependency groups of a pyproject.toml, wheels.
# requirements = ["numpy", "pandas >=3", "matplotlib"]
# requirements = ["-r requirements.txt", "-g course", "wheels/mine-1.0-py3-none-any.whl"]
requirements = {requirements}

# What holds for packages that others need.
# constraints = ["matplotlib <4"]

# Data: path here = path in the kernel, where home is /home/pyodide. A path that ends in / is a folder
# to put it into.
# files = {{ "data/stars.csv" = "/home/pyodide/data/", "data" = "/home/pyodide/data" }}
{files}
# Modules that are imported once, or a script that is run once, while the site is built. The files that
# this reads are what a browser fetches first: name what the notebooks import.
# warm_up = ["numpy", "pandas", "matplotlib.pyplot"]
# warm_up = "warm_up.py"

# With `expose = ["stars"]`, each notebook finds this name of the script in its namespace.

# The memory of the warmed-up kernel is kept too: a kernel wakes up with all of it imported. "required" has
# the build fail where that cannot be; false: kernels import what they need.
# snapshot = "required"
# snapshot = false

# Python, or a script, that has to run in a kernel restored from that memory, or it is not used.
# check = "import numpy; assert numpy.ones(3).sum() == 3"

# With `false`, a page does not make this kernel ready before a notebook asks for it.
# prewarm = false

# What is left out, beside tests, type stubs and the like; "!tests" keeps what is left out by default.
# exclude = ["*.mp4", "/home/pyodide/data/drafts", "!tests"]

[build]

# Folders with wheels that win over all other sources.
{wheelhouse}
# Pyodide: a version, or a folder or an address that holds its files. The default is the tested one.
# pyodide = "314.0.7"

# A package index to use instead of PyPI.
# index = "https://pypi.org/simple"
"""


def starter(folder: Path, name: str) -> str:
    """Write a declaration that uses what a folder of notebooks holds.

    Parameters
    ----------
    folder
        Where the file is going to be.
    name
        Of the environment.
    """
    files = 'files = { "data" = "/home/pyodide/data" }\n' if (folder / "data").is_dir() else ""
    wheelhouse = 'wheelhouse = ["wheelhouse"]\n'
    return _TEXT.format(
        name=name,
        display_name=name.replace("-", " ").replace("_", " ").capitalize(),
        requirements='["-r requirements.txt"]' if (folder / "requirements.txt").is_file() else "[]",
        files=files,
        wheelhouse=wheelhouse if (folder / "wheelhouse").is_dir() else f"# {wheelhouse}",
    )
