"""Real wheels, small ones."""

from __future__ import annotations

import base64
import hashlib
import zipfile


def make_wheel(
    directory,
    name,
    version="1.0",
    *,
    tag="py3-none-any",
    requires=(),
    requires_python=None,
    files=None,
    data=None,
    metadata=None,
):
    """Write a wheel with a valid record, the same bytes each time.

    `files` are below site-packages, `data` below ``NAME.data`` (``{"data/share/x": b""}``).
    """
    stem = name.replace("-", "_")
    info = f"{stem}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {each}" for each in requires]
    if requires_python:
        lines.append(f"Requires-Python: {requires_python}")
    contents = {}
    for path, content in {f"{stem}/__init__.py": f"version = {version!r}\n", **(files or {})}.items():
        contents[path] = content.encode() if isinstance(content, str) else content
    for path, content in (data or {}).items():
        contents[f"{stem}-{version}.data/{path}"] = content.encode() if isinstance(content, str) else content
    contents[f"{info}/METADATA"] = metadata or ("\n".join(lines) + "\n").encode()
    contents[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode()
    )
    rows = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in contents.items()]
    contents[f"{info}/RECORD"] = ("\n".join([*rows, f"{info}/RECORD,,"]) + "\n").encode()
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / f"{stem}-{version}-{tag}.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in contents.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), content)
    return target


def _digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
