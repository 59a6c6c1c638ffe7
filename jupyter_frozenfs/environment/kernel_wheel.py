"""What of this package runs in a kernel, as a wheel: for each environment, and for the site's own index.

The wheel of PyPI carries the labextension and the tools of a build beside it, which no kernel in a browser
has a use for.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_frozenfs import __version__

from .files import write_atomic
from .node import bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

#: the package, as `%pip install` and requirements name it
NAME = "jupyter-frozenfs"

_PACKAGE = Path(__file__).parent.parent
_MODULES = ("__init__.py", "_version.py", "errors.py", "image/*.py", "kernel/*.py", "panel/*.py")
_BUNDLE = "frozenfs.mjs"
_STEM = f"jupyter_frozenfs-{__version__}"

#: the file's name
KERNEL_WHEEL = f"{_STEM}-py3-none-any.whl"

_METADATA = f"""\
Metadata-Version: 2.4
Name: {NAME}
Version: {__version__}
Summary: Freeze and thaw the filesystem of a kernel in the browser
License-Expression: BSD-3-Clause
Requires-Python: >=3.10
"""
_WHEEL = """\
Wheel-Version: 1.0
Generator: jupyter-frozenfs
Root-Is-Purelib: true
Tag: py3-none-any
"""


def wheel_inputs() -> list[Path]:
    """Return the files of this machine that the wheel is made of, sorted."""
    modules = (path for pattern in _MODULES for path in _PACKAGE.glob(pattern))
    return sorted([*modules, bundle() / _BUNDLE])


def kernel_wheel() -> bytes:
    """Return the wheel: the same inputs give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        records = []
        for name, data in _contents():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            records.append(f"{name},sha256={digest},{len(data)}\n")
        record = f"{_STEM}.dist-info/RECORD"
        archive.writestr(zipfile.ZipInfo(record), "".join([*records, f"{record},,\n"]))
    return out.getvalue()


def write_kernel_wheel(path: Path) -> None:
    """Write the wheel into a site's index; those of other releases, which lie beside it, go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for other in path.parent.glob("jupyter_frozenfs-*-py3-none-any.whl"):
        if other.name != path.name:
            other.unlink()
    write_atomic(path, kernel_wheel())


def _contents() -> Iterator[tuple[str, bytes]]:
    for path in wheel_inputs():
        inside = Path("bundle", path.name) if path.name == _BUNDLE else path.relative_to(_PACKAGE)
        yield f"jupyter_frozenfs/{inside.as_posix()}", path.read_bytes()
    yield f"{_STEM}.dist-info/METADATA", _METADATA.encode()
    yield f"{_STEM}.dist-info/WHEEL", _WHEEL.encode()
