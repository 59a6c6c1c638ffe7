"""Getting Pyodide's core: from npm's registry, a directory, an archive or a URL."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
import zipfile
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from jupyter_frozenfs.errors import BuildError

from .core import CORE_FILES, DIGEST_LENGTH, PYODIDE_VERSION, VERSION, open_core
from .files import new_directory, sha256_of, temporary_directory
from .network import Network
from .node import npm_command

if TYPE_CHECKING:
    from .core import Core
    from .options import BuildOptions
    from .report import Report


def find_core(options: BuildOptions, report: Report) -> Core:
    """Return the core that the options name, fetched if need be.

    Raises
    ------
    BuildError
        It cannot be fetched, or files are missing.
    """
    named = options.pyodide or PYODIDE_VERSION
    if urlsplit(named).scheme in {"http", "https"}:
        return _from_url(named, options, report)
    if VERSION.fullmatch(named):
        return open_core(_from_npm(named, options.cache, report))
    path = Path(named)
    if path.is_file():
        return _from_archive(path, options, named)
    if not path.is_dir():
        raise BuildError(
            f"pyodide is {named!r}, expected a version such as {PYODIDE_VERSION}, a URL, an archive, or a "
            f"directory with {', '.join(CORE_FILES)}. There is no such file or directory."
        )
    return _from_directory(path, options)


def _from_npm(version: str, cache: Path, report: Report) -> Path:
    """Return the directory of npm's package, installed by npm's client into the cache.

    For the pinned version npm checks its bytes against the lock file that we ship, for others against what
    the registry says.
    """
    pinned = version == PYODIDE_VERSION
    shipped = resources.files("jupyter_frozenfs.environment") / "core_npm"
    lock = (shipped / "package-lock.json").read_bytes()
    key = f"{version}-{hashlib.sha256(lock).hexdigest()[:8]}" if pinned else version
    target = cache / "core" / f"npm-{key}"
    package = target / "node_modules" / "pyodide"
    if target.is_dir():
        return package
    report.log(f"Pyodide {version} comes from npm's registry, once")
    with new_directory(target) as directory:
        if pinned:
            (directory / "package-lock.json").write_bytes(lock)
            (directory / "package.json").write_bytes((shipped / "package.json").read_bytes())
        else:
            wanted = {"name": "jupyter-frozenfs-core", "private": True, "dependencies": {"pyodide": version}}
            (directory / "package.json").write_text(json.dumps(wanted), encoding="utf-8")
        _npm(["ci" if pinned else "install"], directory, version)
        # npm tells success although a registry's page was not a package
        open_core(directory / "node_modules" / "pyodide")
    return package


def _npm(arguments: list[str], directory: Path, version: str) -> None:
    command = [*npm_command(), *arguments, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        command,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return
    lines = [line for line in done.stdout.splitlines() if line.strip() and "A complete log" not in line]
    said = "\n".join(lines[-8:])
    if "EINTEGRITY" in done.stdout:
        raise BuildError(
            f"npm's registry gave other bytes for Pyodide {version} than this release of jupyter-frozenfs "
            "was tested with. Somebody changed them on the way, or the cache of npm is damaged "
            f"(`npm cache verify`).\n{said}"
        )
    raise BuildError(
        f"npm's client could not fetch Pyodide {version}. Check the network and npm's `registry` and proxy "
        "settings; without a network, name a directory or archive with Pyodide's files as `pyodide` in the "
        "table [build].\n" + said
    )


def _from_directory(path: Path, options: BuildOptions, package_base_url: str | None = None) -> Core:
    """Stage a directory of the author's: Pyodide's loader wants the npm package ``ws`` beside it."""
    found = open_core(path, package_base_url=package_base_url)
    target = options.cache / "core" / f"copy-{found.digest}-{found.stdlib_sha256[:8]}"
    if not target.is_dir():
        with new_directory(target) as directory:
            package = directory / "node_modules" / "pyodide"
            package.mkdir(parents=True)
            for name in (*CORE_FILES, "package.json"):
                if (path / name).is_file():
                    shutil.copyfile(path / name, package / name)
            # imported at the start, used only by sockets, which no build step opens
            ws = directory / "node_modules" / "ws"
            ws.mkdir()
            (ws / "package.json").write_text('{"name": "ws", "main": "index.js"}', encoding="utf-8")
            (ws / "index.js").write_text("module.exports = {};\n", encoding="utf-8")
    has_wheels = next(path.glob("*.whl"), None) is not None
    return open_core(
        target / "node_modules" / "pyodide",
        package_base_url=found.package_base_url,
        wheels=path if has_wheels else None,
    )


def _from_url(url: str, options: BuildOptions, report: Report) -> Core:
    network = Network(options.timeout, [url])
    key = hashlib.sha256(url.encode()).hexdigest()[:DIGEST_LENGTH]
    target = options.cache / "core" / f"url-{key}"
    archive = PurePosixPath(urlsplit(url).path)
    if archive.name.endswith((".bz2", ".gz", ".xz", ".zip", ".tar", ".tgz")):
        if not (target / archive.name).is_file():
            report.log(f"Pyodide comes from {url}, once")
            with new_directory(target) as directory:
                (directory / archive.name).write_bytes(network.get(url).content)
        return _from_archive(target / archive.name, options, url)
    base = url if url.endswith("/") else f"{url}/"
    if not target.is_dir():
        report.log(f"Pyodide comes from {base}, once")
        with new_directory(target) as directory:
            for name in CORE_FILES:
                (directory / name).write_bytes(network.get(urljoin(base, name)).content)
    return _from_directory(target, options, package_base_url=base)


def _from_archive(path: Path, options: BuildOptions, named: str) -> Core:
    """Unpack an archive of Pyodide; its files may lie in a folder."""
    target = options.cache / "core" / f"archive-{sha256_of(path)[:DIGEST_LENGTH]}"
    if not target.is_dir():
        with temporary_directory(options.cache / "core") as unpacked:
            _unpack(path, unpacked, named)
            loaders = sorted(unpacked.rglob("pyodide.mjs"), key=lambda each: (len(each.parts), each))
            if not loaders:
                raise BuildError(
                    f"{named} holds no pyodide.mjs, expected Pyodide. Name another archive as `pyodide`."
                )
            with new_directory(target) as directory:
                for file in loaders[0].parent.iterdir():
                    if file.is_file():
                        shutil.copyfile(file, directory / file.name)
    return _from_directory(target, options)


def _unpack(path: Path, directory: Path, named: str) -> None:
    """Take the regular files out of an archive; none of them can land outside the directory."""
    try:
        # a tar that ends in a zip file would pass for one
        if not tarfile.is_tarfile(path):
            with zipfile.ZipFile(path) as archive:
                archive.extractall(directory)  # noqa: S202 - zipfile drops what would leave the directory
            return
        with tarfile.open(path) as tar:
            for member in tar:
                parts = PurePosixPath(member.name).parts
                if member.isfile() and ".." not in parts and not member.name.startswith("/"):
                    target = directory.joinpath(*parts)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    source = tar.extractfile(member)
                    if source is not None:
                        with source, target.open("wb") as out:
                            shutil.copyfileobj(source, out)
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise BuildError(
            f"{named} cannot be unpacked ({error}), expected a tar or zip archive of Pyodide."
        ) from error
