"""What is left out of an image.

A pattern is a glob over paths in the kernel, as `jupyter_frozenfs.image.compile_globs` has them: without a
slash it matches a file or folder of that name anywhere, with one it matches from any folder on, with a slash
in front from the root. A folder that matches is left out with all it holds.

An author's patterns are added to the defaults; ``!`` in front of a default takes that default away.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import BuildError
from jupyter_frozenfs.image import compile_globs

if TYPE_CHECKING:
    import re

    from .declare import Environment

#: Of packages: what no kernel in a browser runs or reads. What stays after a start's files costs room on the
#: site but no time, so these are only what is large or certainly useless: tests (`numpy.testing` and its like
#: are needed and stay), stubs for type checkers, sources and libraries of compiled modules, what JupyterLab
#: reads on a server.
PACKAGE_DEFAULTS = (
    "__pycache__",
    "*.py[co]",
    "tests",
    "conftest.py",
    "*.pyi",
    "py.typed",
    "*.a",
    "*.[ch]",
    "*.cpp",
    "*.hpp",
    "*.px[di]",
    "*.pyx",
    "*.js.map",
    "*.css.map",
    "labextension",
    "nbextension",
    "/etc/jupyter",
    "/include",
    "/share/applications",
    "/share/doc",
    "/share/icons",
    "/share/jupyter",
    "/share/man",
    "/share/bash-completion",
    "/share/fish",
    "/share/zsh",
)

#: These match a pattern above and are read at run time all the same: jedi completes from the stubs of the
#: standard library.
NEEDED = ("/lib/python3.*/site-packages/jedi/third_party/typeshed/**",)

#: Of the author's own `files`: what tools leave behind.
FILE_DEFAULTS = ("__pycache__", ".ipynb_checkpoints", ".git", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The patterns of one environment, compiled."""

    packages: re.Pattern[str]
    files: re.Pattern[str]
    #: what identifies these patterns, e.g. in the name of a cached tree
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, environment: Environment) -> Exclusion:
        """Join the defaults and what an environment says.

        Raises
        ------
        BuildError
            ``!`` stands before something that is no default.
        """
        added = [pattern for pattern in environment.exclude if not pattern.startswith("!")]
        taken = [pattern[1:] for pattern in environment.exclude if pattern.startswith("!")]
        known = (*PACKAGE_DEFAULTS, *FILE_DEFAULTS)
        for pattern in taken:
            if pattern not in known:
                near = difflib.get_close_matches(pattern, known, n=1)
                hint = f"Did you mean {'!' + near[0]!r}?" if near else f"The defaults are {', '.join(known)}."
                raise BuildError(
                    f"environment {environment.name!r}: exclude holds {'!' + pattern!r}, but {pattern!r} is "
                    f"not one of the defaults that can be taken away. {hint}"
                )
        packages = tuple(pattern for pattern in (*PACKAGE_DEFAULTS, *added) if pattern not in taken)
        files = tuple(pattern for pattern in (*FILE_DEFAULTS, *added) if pattern not in taken)
        return cls(compile_globs(packages), compile_globs(files), packages)

    def package_file(self, path: str) -> bool:
        """Tell whether a file of a package is left out; the path is absolute, in the kernel."""
        return self.packages.match(path) is not None and _NEEDED.match(path) is None

    def own_file(self, path: str) -> bool:
        """Tell whether one of the author's files is left out; the path is absolute, in the kernel."""
        return self.files.match(path) is not None


_NEEDED = compile_globs(NEEDED)
