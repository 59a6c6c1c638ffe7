"""What an author declares: ``frozen.toml``, or the same tables in a Jupyter configuration.

::

    [build]
    wheelhouse = ["wheelhouse"]

    [environment.course]
    display_name = "Course"
    requirements = ["numpy", "-r requirements.txt", "-g course", "wheels/mine-1.0-py3-none-any.whl"]
    constraints = ["pandas <3"]
    files = { "data/stars.csv" = "/home/pyodide/data/" }
    warm_up = "warm_up.py"
    exclude = ["/lib/python3.14/site-packages/mine/videos", "!tests"]
    default = true
    snapshot = "required"
    expose = ["stars"]
    check = "assert len(stars) == 9110"
"""

from __future__ import annotations

import difflib
import keyword
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from jupyter_frozenfs.errors import BuildError

from .exclude import Exclusion
from .places import SYSTEM_FOLDERS, mount_point

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: the file that declares environments, beside the notebooks
DECLARATION = "frozen.toml"

#: a name becomes a folder of the site and the name of a kernel
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")

#: folders beside the environments: of Pyodide itself, and of what JupyterLite's service worker leaves alone
RESERVED = frozenset({"runtime", "api"})

#: what IPython puts into the namespace of each notebook
IPYTHON_NAMES = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})

ENVIRONMENT_KEYS = (
    "name",
    "display_name",
    "requirements",
    "constraints",
    "files",
    "warm_up",
    "exclude",
    "default",
    "snapshot",
    "expose",
    "check",
    "prewarm",
)


@dataclass(frozen=True, slots=True)
class Environment:
    """What a kernel shall hold, as its author declares it.

    Attributes
    ----------
    name
        Lower-case letters, digits, ``-`` and ``_``.
    directory
        What relative paths are relative to.
    display_name
        What people choose from a list of kernels.
    requirements
        PEP 508 requirements, ``-r FILE``, ``-g GROUP`` (of the ``pyproject.toml`` in `directory`), paths of
        wheels.
    constraints
        PEP 508 requirements that only hold for what is installed anyway, ``-c FILE``.
    files
        Files and folders to put into the image: path on the build machine to absolute path in the kernel; one
        that ends in ``/`` is the folder to put it into.
    warm_up
        Modules to import, or a script to run, before the image is written.
    exclude
        Patterns of what is left out, see `exclude.py`.
    default
        Whether new notebooks get this kernel.
    snapshot
        Whether the memory of the warmed-up kernel is kept too, so that a start restores it. Where that cannot
        be, kernels start without; with ``"required"`` the build fails.
    expose
        Names that the script of the warm-up defines, and that the notebook finds in its namespace.
    check
        Python, or a script, that has to run without an error in a kernel that was restored from the snapshot,
        or the snapshot is none.
    prewarm
        Whether a page makes such a kernel ready before a notebook asks for it, for the default environment.
    """

    name: str
    directory: Path
    display_name: str = ""
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    warm_up: tuple[str, ...] | Path = ()
    exclude: tuple[str, ...] = ()
    default: bool = False
    snapshot: bool | Literal["required"] = True
    expose: tuple[str, ...] = ()
    check: str | Path = ""
    prewarm: bool = True

    def scripts(self) -> tuple[Path, ...]:
        """Return the files of the build machine that are run in a kernel."""
        return tuple(script for script in (self.warm_up, self.check) if isinstance(script, Path))


@dataclass(frozen=True, slots=True)
class Declaration:
    """A whole ``frozen.toml``."""

    path: Path
    environments: tuple[Environment, ...]
    build: Mapping[str, Any]


def load_declaration(path: Path) -> Declaration:
    """Read a ``frozen.toml``, or the one in a directory.

    Raises
    ------
    BuildError
        The file is missing, is not TOML, or declares something that makes no sense.
    """
    if path.is_dir():
        path = path / DECLARATION
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BuildError(
            f"{path} does not exist, expected the declaration of an environment. "
            "Write one with `jupyter frozenfs init`."
        ) from None
    except tomllib.TOMLDecodeError as error:
        twice = re.search(r"Cannot declare \('environment', '([^']+)'\)", str(error))
        if twice:
            raise BuildError(
                f"{path} declares the environment {twice[1]!r} twice. Give one of the two another name."
            ) from error
        raise BuildError(f"{path} is not TOML: {error}. Correct this line.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(f"{path} cannot be read: {error}") from error
    check_keys(data, ("environment", "build"), str(path))
    tables = _table(data.get("environment", {}), f"{path} [environment]")
    environments = [
        environment_from_mapping({**_table(table, f"{path} [environment.{name}]"), "name": name}, path.parent)
        for name, table in tables.items()
    ]
    return Declaration(path, check_names(environments), _table(data.get("build", {}), f"{path} [build]"))


def load_environments(path: Path) -> list[Environment]:
    """Read the environments of a ``frozen.toml``, in its order."""
    return list(load_declaration(path).environments)


def environment_from_mapping(data: Mapping[str, Any], directory: Path) -> Environment:
    """Check one declared environment.

    Parameters
    ----------
    data
        A table ``[environment.NAME]`` with its name under ``name``.
    directory
        What its relative paths are relative to.
    """
    name = data.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise BuildError(
            f"An environment is called {name!r}, expected lower-case letters, digits, `-` and `_`, such as "
            "`course-2026`. What people see is `display_name`."
        )
    if name in RESERVED:
        raise BuildError(
            f"An environment cannot be called {name!r}: the site needs a folder of this name. Rename it."
        )
    where = f"environment {name!r}"
    check_keys(data, ENVIRONMENT_KEYS, where)
    default = data.get("default", False)
    if not isinstance(default, bool):
        raise BuildError(f"{where}: default is {default!r}, expected true or false.")
    prewarm = data.get("prewarm", True)
    if not isinstance(prewarm, bool):
        raise BuildError(f"{where}: prewarm is {prewarm!r}, expected true or false.")
    display_name = data.get("display_name", "") or name
    if not isinstance(display_name, str):
        raise BuildError(f"{where}: display_name is {display_name!r}, expected text.")
    snapshot = data.get("snapshot", True)
    if not isinstance(snapshot, bool) and snapshot != "required":
        raise BuildError(f'{where}: snapshot is {snapshot!r}, expected true, false or "required".')
    environment = Environment(
        name=name,
        directory=directory,
        display_name=display_name,
        requirements=_texts(data, "requirements", where),
        constraints=_texts(data, "constraints", where),
        files=MappingProxyType(_files(data.get("files", {}), where)),
        warm_up=_warm_up(data.get("warm_up", []), directory, where),
        exclude=_texts(data, "exclude", where),
        default=default,
        snapshot=snapshot,
        expose=_expose(data, where),
        check=_check(data.get("check", ""), directory, where),
        prewarm=prewarm,
    )
    if environment.expose and not isinstance(environment.warm_up, Path):
        raise BuildError(
            f"{where}: expose names {', '.join(environment.expose)}, expected warm_up to be a script that "
            'defines them, such as warm_up = "warm_up.py".'
        )
    Exclusion.of(environment)  # a misspelled pattern is told before anything is downloaded
    return environment


def check_names(environments: Iterable[Environment]) -> tuple[Environment, ...]:
    """Return the environments after checking that they can live on one site."""
    found = tuple(environments)
    twice = [name for name, count in Counter(each.name for each in found).items() if count > 1]
    if twice:
        places = ", ".join(str(each.directory) for each in found if each.name == twice[0])
        raise BuildError(
            f"Two environments are called {twice[0]!r} (declared in {places}). Give one of the two another "
            "name."
        )
    defaults = [each.name for each in found if each.default]
    if len(defaults) > 1:
        raise BuildError(
            f"{len(defaults)} environments are the default ({', '.join(defaults)}), expected at most one. "
            "Keep `default = true` for one of them."
        )
    return found


def check_keys(data: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    """Refuse keys that mean nothing, with the one that was probably meant."""
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Expected one of {', '.join(known)}."
            raise BuildError(f"{where} has an unknown key {key!r}. {hint}")


def path_list(value: object, directory: Path, where: str) -> tuple[Path, ...]:
    """Return a path or a list of paths as absolute paths."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise BuildError(f"{where} is {value!r}, expected a path or a list of paths.")
    return tuple(directory / text for text in texts)


def _table(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BuildError(f"{where} is {value!r}, expected a table.")
    return value


def _texts(data: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise BuildError(f'{where}: {key} is {value!r}, expected a list of texts such as {key} = ["…"].')
    for item in value:
        if not isinstance(item, str):
            raise BuildError(f"{where}: {key} holds {item!r}, expected text.")
    return tuple(item.strip() for item in value if item.strip())


def _expose(data: Mapping[str, Any], where: str) -> tuple[str, ...]:
    names = _texts(data, "expose", where)
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise BuildError(f"{where}: expose holds {name!r}, expected a name such as 'stars'.")
        if name.startswith("_") or name in IPYTHON_NAMES:
            raise BuildError(
                f"{where}: expose holds {name!r}, which IPython keeps for itself. Give it another name."
            )
    return names


def _check(value: object, directory: Path, where: str) -> str | Path:
    if not isinstance(value, str):
        raise BuildError(
            f'{where}: check is {value!r}, expected Python such as "assert len(stars) > 0", or the path of '
            "a script that ends in .py."
        )
    is_path = value.endswith(".py") and len(value.splitlines()) == 1
    return _script(directory / value, "check", where) if is_path else value


def _script(script: Path, key: str, where: str) -> Path:
    if not script.is_file():
        raise BuildError(f"{where}: {key} names {script}, which does not exist. Correct the path.")
    return script


def _files(value: object, where: str) -> dict[str, str]:
    table = _table(value, f"{where}: files")
    for host, target in table.items():
        if not isinstance(target, str) or not target.startswith("/"):
            raise BuildError(
                f"{where}: files puts {host!r} at {target!r}, expected an absolute path in the kernel such "
                f"as {'/home/pyodide/'!r}."
            )
        if "\0" in target or "\\" in target or {".", ".."} & set(PurePosixPath(target).parts):
            raise BuildError(
                f"{where}: files puts {host!r} at {target!r}, which leaves its folder or has a backslash. "
                "Write the path without `..`, with `/`."
            )
        # what a folder holds is known when it is gathered; here, whether anything can be below
        if target.strip("/") and mount_point(f"{target.rstrip('/')}/a/b") is None:
            raise BuildError(
                f"{where}: files puts {host!r} at {target!r}, expected a folder such as '/home/pyodide/' or "
                f"'/data/': {', '.join(SYSTEM_FOLDERS)} belong to the running system."
            )
    return dict(table)


def _warm_up(value: object, directory: Path, where: str) -> tuple[str, ...] | Path:
    if isinstance(value, str):
        if not value.endswith(".py"):
            raise BuildError(
                f"{where}: warm_up is {value!r}, expected a list of modules such as [{value!r}], or the "
                "path of a script that ends in .py."
            )
        return _script(directory / value, "warm_up", where)
    modules = _texts({"warm_up": value}, "warm_up", where)
    for module in modules:
        if module.endswith(".py") or not all(part.isidentifier() for part in module.split(".")):
            hint = ' A script stands alone: warm_up = "warm_up.py".' if module.endswith(".py") else ""
            raise BuildError(f"{where}: warm_up holds {module!r}, expected the name of a module.{hint}")
    return modules
