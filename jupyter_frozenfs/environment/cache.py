"""Downloads that are kept under their SHA-256, for all builds of this machine."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from jupyter_frozenfs.errors import BuildError

from .files import replace, sha256_of, write_atomic
from .network import NetworkError, reason_of, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from .network import Network

_BLOCK = 1 << 20


class Sha256Error(BuildError):
    """A file has other bytes than it should have."""

    def __init__(self, file: str, where: str, expected: str, found: str) -> None:
        super().__init__(
            f"{file} has other bytes than expected: {where} has sha256 {found}, expected {expected}. The "
            "file was changed or damaged on its way: remove it and fetch it again. If it was rebuilt on "
            "purpose, resolve anew with `--upgrade`."
        )


class DownloadCache:
    """Wheels, and metadata of wheels, on this machine.

    Parameters
    ----------
    directory
        Where they are kept.
    """

    def __init__(self, directory: Path) -> None:
        self._wheels = directory / "wheels"
        self._metadata = directory / "metadata"

    def find(self, file: str, sha256: str) -> Path | None:
        """Return a wheel that was fetched before; its bytes are checked again."""
        path = self._wheels / sha256 / file
        if not path.is_file():
            return None
        if sha256_of(path) == sha256:
            return path
        path.unlink(missing_ok=True)
        return None

    def fetch(
        self,
        url: str,
        file: str,
        sha256: str | None,
        network: Network,
        progress: Callable[[int], None] | None = None,
    ) -> Path:
        """Fetch a wheel.

        Parameters
        ----------
        url
            Where it is.
        file
            Its name.
        sha256
            Its digest, None when nobody says.
        network
            To fetch with.
        progress
            Called with the number of bytes of each block.

        Raises
        ------
        NetworkError
            The server does not give it.
        Sha256Error
            It is not the file that was meant.
        """
        self._wheels.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".part", dir=self._wheels)
        temporary = Path(name)
        digest = hashlib.sha256()
        shown = without_credentials(url)
        try:
            with os.fdopen(handle, "wb") as out, network.get(url, stream=True) as response:
                length = response.headers.get("Content-Length")
                size = 0
                try:
                    for block in response.iter_content(_BLOCK):
                        out.write(block)
                        digest.update(block)
                        size += len(block)
                        if progress:
                            progress(len(block))
                except requests.RequestException as error:
                    raise NetworkError(shown, reason_of(error, network.timeout)) from error
            if (
                length
                and length.isdecimal()
                and "Content-Encoding" not in response.headers
                and size < int(length)
            ):
                raise NetworkError(shown, f"broke off after {size} of {length} bytes")
            found = digest.hexdigest()
            if sha256 is not None and found != sha256:
                raise Sha256Error(file, shown, sha256, found)
            target = self._wheels / found / file
            target.parent.mkdir(exist_ok=True)
            replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
        return target

    def metadata(self, sha256: str | None, read: Callable[[], bytes]) -> bytes:
        """Return the metadata of a wheel, read only once."""
        if sha256 is None:
            return read()
        path = self._metadata / sha256[:2] / sha256
        try:
            return path.read_bytes()
        except OSError:
            data = read()
            write_atomic(path, data)
            return data
