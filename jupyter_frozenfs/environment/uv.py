"""Running uv's resolver."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version
from uv import find_uv_bin

from jupyter_frozenfs.errors import BuildError

from .files import temporary_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .tags import Platform

#: The platform whose markers uv evaluates as Pyodide does (`sys_platform`, `platform_machine`, …). Its wheel
#: tags do not matter: the proxy shows pure wheels only.
UV_PLATFORM = "wasm32-pyodide2025"

_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+)")
_VIA = re.compile(r"^\s+#\s+(?:via\s+)?(\S.*)$")


_NO_SOLUTION = "error: No solution found"

#: lines of uv's explanation that a message quotes: it may go through a hundred versions
_LINES = 16


@dataclass(frozen=True, slots=True)
class Pin:
    """One resolved package, and the packages that ask for it (`ROOT` for the requirements)."""

    name: str
    version: Version
    via: tuple[str, ...]


#: in `Pin.via`: the requirements themselves ask for it
ROOT = "requirements.in"


class UvError(BuildError):
    """uv found no solution, or failed.

    Attributes
    ----------
    explanation
        What uv says, in words that fit our platform.
    """

    def __init__(self, explanation: str) -> None:
        super().__init__(explanation)
        self.explanation = explanation


def uv_resolve(
    requirements: Iterable[str],
    constraints: Iterable[str],
    preferences: Mapping[str, str],
    index: str,
    platform: Platform,
) -> list[Pin]:
    """Resolve requirements against one index.

    Parameters
    ----------
    requirements, constraints
        PEP 508.
    preferences
        The version of each package that is taken where nothing speaks against it.
    index
        The address of a simple API.
    platform
        The target.

    Raises
    ------
    UvError
        There is no solution.
    """
    with temporary_directory(Path(tempfile.gettempdir())) as directory:
        (directory / ROOT).write_text("\n".join(requirements) + "\n", encoding="utf-8")
        (directory / "constraints.in").write_text("\n".join(constraints) + "\n", encoding="utf-8")
        # an output file that exists is what uv takes preferences from
        pins = "".join(f"{name}=={version}\n" for name, version in sorted(preferences.items()))
        (directory / "pins.txt").write_text(pins, encoding="utf-8")
        command = [
            *(uv_command(), "pip", "compile", ROOT, "--constraints", "constraints.in"),
            *("--output-file", "pins.txt", "--default-index", index),
            *("--python-platform", UV_PLATFORM, "--python-version", platform.python),
            *("--python", sys.executable, "--no-python-downloads"),
            *("--only-binary", ":all:", "--no-header", "--no-config", "--no-cache", "--no-progress"),
            *("--color", "never", "--annotation-style", "split", "--quiet"),
        ]
        done = subprocess.run(
            command,
            cwd=directory,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            raise UvError(_clean(done.stderr or done.stdout, index))
        return _read_pins((directory / "pins.txt").read_text(encoding="utf-8"))


def uv_command() -> str:
    """Return the path of the uv that is installed as a dependency."""
    try:
        return str(find_uv_bin())
    except FileNotFoundError as error:
        raise BuildError(f"uv is not installed ({error}), expected the package uv. Reinstall it.") from error


def _environment() -> dict[str, str]:
    """Return our environment without what configures uv, or leads the loopback through a proxy."""
    dropped = ("UV_", "VIRTUAL_ENV", "CONDA_PREFIX")
    environment = {key: value for key, value in os.environ.items() if not key.upper().startswith(dropped)}
    hosts = [environment.get(key, "") for key in ("NO_PROXY", "no_proxy")]
    environment["NO_PROXY"] = environment["no_proxy"] = ",".join(filter(None, [*hosts, "127.0.0.1"]))
    # the proxy has retried already
    environment["UV_HTTP_RETRIES"] = "0"
    environment["UV_HTTP_TIMEOUT"] = "600"
    return environment


def _read_pins(text: str) -> list[Pin]:
    found: list[tuple[str, str, list[str]]] = []
    for line in text.splitlines():
        pin = _PIN.match(line)
        if pin:
            found.append((canonicalize_name(pin[1]), pin[2], []))
            continue
        via = _VIA.match(line)
        if via and found and via[1] != "via":
            found[-1][2].append(via[1])
    return [
        Pin(name, Version(version), tuple(_via(each) for each in via if not each.startswith("-c ")))
        for name, version, via in found
    ]


def _via(text: str) -> str:
    return ROOT if text.startswith("-r ") else canonicalize_name(text)


def _clean(text: str, index: str) -> str:
    """Take our own proxy out of uv's words."""
    text = text.replace(index.rpartition("/")[0], "the package index").replace(index, "the package index")
    text = text.replace("was not found in the package registry", "has no wheel that can be used")
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for line in lines if not line.startswith(("warning:", "DEBUG", _NO_SOLUTION))]
    if len(kept) > _LINES:
        # the conclusion is at the end
        kept = ["…", *kept[-_LINES:]]
    return "\n".join(kept).strip()
