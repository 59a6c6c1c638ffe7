"""Where in a kernel an image may appear."""

from __future__ import annotations

from pathlib import PurePosixPath

#: folders that the running system makes: an image there would hide them, or be hidden
SYSTEM_FOLDERS = ("/dev", "/proc", "/sys", "/drive", "/tmp")  # noqa: S108 - of the kernel

#: folders that every kernel has and that hold more than one thing: images appear below them
SHARED_FOLDERS = ("/home", "/lib")

#: where notebooks without a folder of their own start
HOME = "/home/pyodide"


def mount_point(path: str) -> str | None:
    """Return the folder at which an image must appear to hold a file, None when it cannot hold it.

    Nothing can be mounted on ``/``, and nothing may be mounted over what a kernel has of its own.

    Parameters
    ----------
    path
        Of the file, absolute in the kernel.
    """
    parts = PurePosixPath(path).parts[1:]
    if not parts or f"/{parts[0]}" in SYSTEM_FOLDERS:
        return None
    depth = 2 if f"/{parts[0]}" in SHARED_FOLDERS else 1
    return "/" + "/".join(parts[:depth]) if len(parts) > depth else None
