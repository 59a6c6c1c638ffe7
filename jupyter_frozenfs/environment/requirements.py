"""What an environment asks for, with everything that its requirements refer to read in."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from jupyter_frozenfs.errors import BuildError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .declare import Environment


_COMMENT = re.compile(r"(^|\s)#.*$")
_HASHES = re.compile(r"\s--hash[= ]\S+")


@dataclass(frozen=True, slots=True)
class Asked:
    """One requirement and the place that states it.

    Attributes
    ----------
    requirement
        What is asked for; its `url`, if any, has moved to `location`.
    origin
        Who asks, for people: ``frozen.toml``, ``requirements.txt, line 3``.
    location
        The one wheel that will do: a path, or an HTTP URL.
    """

    requirement: Requirement
    origin: str
    location: Path | str | None = None

    @property
    def name(self) -> str:
        """The normalized name of the package."""
        return canonicalize_name(self.requirement.name)


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that an environment asks for.

    Attributes
    ----------
    requirements, constraints
        In the order in which they are stated.
    inputs
        Files of the build machine that were read, or that are to be installed.
    """

    requirements: tuple[Asked, ...]
    constraints: tuple[Asked, ...]
    inputs: tuple[Path, ...]


def read_requirements(environment: Environment) -> Wanted:
    """Expand ``-r``, ``-c``, ``-g`` and paths of wheels.

    Raises
    ------
    BuildError
        A file is missing, a line is not a requirement, or asks for something that cannot be frozen.
    """
    reader = _Reader(environment)
    for text in environment.requirements:
        reader.add(text, environment.directory, "the environment", constrain=False)
    for text in environment.constraints:
        reader.add(text, environment.directory, "the environment's constraints", constrain=True)
    return Wanted(tuple(reader.requirements), tuple(reader.constraints), tuple(dict.fromkeys(reader.inputs)))


class _Reader:
    def __init__(self, environment: Environment) -> None:
        self.where = f"environment {environment.name!r}"
        self.directory = environment.directory
        self.requirements: list[Asked] = []
        self.constraints: list[Asked] = []
        self.inputs: list[Path] = []
        self._open: list[Path] = []

    def add(self, text: str, directory: Path, origin: str, *, constrain: bool) -> None:
        option = re.match(
            r"(-r|--requirement|-c|--constraint|-g|--group)(?:\s+|=|(?<=-[rcg])(?=\S))(.*)", text
        )
        if option:
            kind, argument = option[1].lstrip("-")[0], option[2].strip().strip("'\"")
            if kind == "g":
                self._group(argument, origin, constrain=constrain)
            else:
                self._file(directory / argument, origin, constrain=constrain or kind == "c")
            return
        if text.startswith("-"):
            self._refuse_option(text, origin)
        asked = self._parse(text, directory, origin)
        (self.constraints if constrain else self.requirements).append(asked)

    def _refuse_option(self, text: str, origin: str) -> None:
        if text.split(maxsplit=1)[0] in {"-e", "--editable"}:
            what = "Only wheels can be frozen: build one (`python -m build --wheel`) and name its path."
        elif text.startswith(("-i", "--index-url", "--extra-index-url", "-f", "--find-links")):
            what = "Name an index as `index`, and folders of wheels as `wheelhouse`, in the table [build]."
        else:
            what = "Remove it."
        raise BuildError(
            f"{self.where}: {origin} has the option {text!r}, which a build does not take. {what}"
        )

    def _file(self, path: Path, origin: str, *, constrain: bool) -> None:
        if path in self._open:
            raise BuildError(f"{self.where}: {path} includes itself. Remove the line with its name.")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise BuildError(
                f"{self.where}: {origin} refers to {path}, which does not exist. Correct the path."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise BuildError(f"{self.where}: {path} cannot be read: {error}") from error
        self.inputs.append(path)
        self._open.append(path)
        name = _relative(path, self.directory)
        for number, line in _logical_lines(text):
            self.add(line, path.parent, f"{name}, line {number}", constrain=constrain)
        self._open.pop()

    def _group(self, name: str, origin: str, *, constrain: bool) -> None:
        """Read a dependency group.

        Source: https://packaging.python.org/en/latest/specifications/dependency-groups/
        """
        path = self.directory / "pyproject.toml"
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BuildError(
                f"{self.where}: {origin} refers to the dependency group {name!r}, but {path} does not exist."
            ) from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BuildError(f"{self.where}: {path} cannot be read: {error}") from error
        self.inputs.append(path)
        groups = {canonicalize_name(key): value for key, value in data.get("dependency-groups", {}).items()}
        for text in self._group_items(canonicalize_name(name), groups, path, ()):
            self.add(text, self.directory, f"pyproject.toml, group {name}", constrain=constrain)

    def _group_items(
        self, name: str, groups: Mapping[Any, Any], path: Path, within: tuple[str, ...]
    ) -> Iterator[str]:
        if name not in groups:
            found = ", ".join(sorted(groups)) or "none"
            raise BuildError(f"{self.where}: {path} has no dependency group {name!r}, found {found}.")
        if name in within:
            raise BuildError(f"{self.where}: the dependency group {name!r} of {path} includes itself.")
        for item in groups[name]:
            if isinstance(item, str):
                yield item
            elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
                yield from self._group_items(
                    canonicalize_name(item["include-group"]), groups, path, (*within, name)
                )
            else:
                raise BuildError(
                    f"{self.where}: the dependency group {name!r} of {path} holds {item!r}, expected a "
                    "requirement."
                )

    def _parse(self, text: str, directory: Path, origin: str) -> Asked:
        if text.split(";", maxsplit=1)[0].strip().endswith(".whl") and " @ " not in text:
            return self._wheel(text, directory, origin)
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise BuildError(
                f"{self.where}: {origin} asks for {text!r}, expected a requirement such as 'numpy >=2' or "
                f"the path of a wheel. {str(error).splitlines()[0]}"
            ) from error
        if requirement.url is None:
            return Asked(requirement, origin)
        return self._direct(requirement, origin)

    def _wheel(self, text: str, directory: Path, origin: str) -> Asked:
        path_text, _, marker = text.partition(";")
        parts = urlsplit(path_text.strip())
        if parts.scheme in {"http", "https"}:
            name, _ = self._wheel_name(parts.path, origin)
            return self._direct(Requirement(f"{name} @ {text}"), origin)
        path = Path(url2pathname(parts.path)) if parts.scheme == "file" else directory / path_text.strip()
        name, version = self._wheel_name(path.name, origin)
        condition = f" ; {marker.strip()}" if marker.strip() else ""
        return self._local(Requirement(f"{name}=={version}{condition}"), path, origin)

    def _direct(self, requirement: Requirement, origin: str) -> Asked:
        url = requirement.url or ""
        parts = urlsplit(url)
        if not parts.path.endswith(".whl") or parts.scheme not in {"http", "https", "file"}:
            raise BuildError(
                f"{self.where}: {origin} asks for {str(requirement)!r}. Only wheels can be frozen, from "
                "http, https or file addresses that end in .whl: build one and name its path."
            )
        name, version = self._wheel_name(parts.path, origin)
        if canonicalize_name(requirement.name) != name:
            raise BuildError(
                f"{self.where}: {origin} asks for {requirement.name!r} at {url}, which is a wheel of "
                f"{name!r}."
            )
        requirement = _pinned(requirement, version)
        if parts.scheme == "file":
            return self._local(requirement, Path(url2pathname(parts.path)), origin)
        return Asked(requirement, origin, url)

    def _local(self, requirement: Requirement, path: Path, origin: str) -> Asked:
        if not path.is_file():
            raise BuildError(
                f"{self.where}: {origin} asks for the wheel {path}, which does not exist. Correct the path."
            )
        self.inputs.append(path)
        return Asked(requirement, origin, path)

    def _wheel_name(self, path: str, origin: str) -> tuple[str, str]:
        file = path.rpartition("/")[2]
        try:
            name, version, _, _ = parse_wheel_filename(file)
        except InvalidWheelFilename as error:
            raise BuildError(
                f"{self.where}: {origin} asks for {file!r}, expected the file name of a wheel such as "
                f"'mine-1.0-py3-none-any.whl'. {error}"
            ) from error
        return name, str(version)


def _pinned(requirement: Requirement, version: str) -> Requirement:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return Requirement(f"{requirement.name}{extras}=={version}{marker}")


def _relative(path: Path, directory: Path) -> str:
    try:
        return path.resolve().relative_to(directory.resolve()).as_posix()
    except ValueError:
        return path.name


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a requirement file that say something, joined where a backslash ends them."""
    parts: list[str] = []
    start = 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        bare = _COMMENT.sub("", line).rstrip()
        if bare.endswith("\\"):
            parts.append(bare[:-1])
            continue
        joined = _HASHES.sub("", " ".join([*parts, bare])).strip()
        if joined:
            yield start, joined
        parts, start = [], 0
    joined = _HASHES.sub("", " ".join(parts)).strip()
    if joined:
        yield start, joined
