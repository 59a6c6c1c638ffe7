from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_frozenfs.environment.core import RUNTIME_FILES
from jupyter_frozenfs.image import Entry, pack, write_image

ROOT = Path(__file__).parents[2]

# A shell starts what runs in the background with interrupts ignored, and the programs of these tests would
# inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def vectors():
    return ROOT / "tests/vectors"


@pytest.fixture
def piped(tmp_path):
    """Run the command with bytes instead of text, in the folder of the test."""

    def run(*arguments, **options):
        return subprocess.run(
            [sys.executable, "-m", "jupyter_frozenfs.app", *map(str, arguments)],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            **options,
        )

    return run


@pytest.fixture
def course(tmp_path):
    """A folder with a bit of everything."""
    folder = tmp_path / "course"
    (folder / "data").mkdir(parents=True)
    (folder / "data/stars.csv").write_text("name\nvega\n")
    (folder / "data/long.csv").write_text("1,2,3\n" * 60_000)
    (folder / "lesson.py").write_text("print('hello')\n")
    (folder / "lesson.py").chmod(0o755)
    (folder / "latest").symlink_to("lesson.py")
    os.link(folder / "data/stars.csv", folder / "again.csv")
    for path in folder.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000), follow_symlinks=False)
    return folder


@pytest.fixture
def image(course, tmp_path):
    pack(course, tmp_path / "course.img")
    return tmp_path / "course.img"


@pytest.fixture
def layered(course, image, tmp_path):
    """The image, and a layer that adds, changes and removes."""
    changed = tmp_path / "changed"
    course.rename(changed)
    (changed / "data/long.csv").unlink()
    (changed / "lesson.py").write_text("print('good bye')\n")
    (changed / "notes").mkdir()
    (changed / "notes/mine.txt").write_text("mine\n")
    return image, changed


def write(path, *entries, **options):
    write_image(path, entries, **options)


def file(path, data=b""):
    return Entry(path, "file", 0o644, 1_600_000_000, len(data), content=lambda: io.BytesIO(data))


@pytest.fixture
def environment(tmp_path):
    """A built environment, whose image is in three parts, beside its Pyodide."""
    contents = {name: name.encode() * 100 for name in RUNTIME_FILES}
    digests = "".join(f"{name} {hashlib.sha256(data).hexdigest()}\n" for name, data in contents.items())
    digest = hashlib.sha256(digests.encode()).hexdigest()[:16]
    runtime = tmp_path / "frozen/runtime" / digest
    runtime.mkdir(parents=True)
    for name, data in contents.items():
        (runtime / name).write_bytes(data)
    draft = tmp_path / "frozen/course/draft"
    draft.mkdir(parents=True)
    site = "/lib/python3.14/site-packages"
    tree = [
        file(f"{site}/numpy/core.py", os.urandom(3000)),
        file(f"{site}/numpy/fft/fast.py", os.urandom(500)),
        file(f"{site}/six.py", os.urandom(100)),
    ]
    summary = write_image(draft / "image.img", tree, part_size=2000)
    start = b"the start"
    (draft / "start.img").write_bytes(start)
    manifest = {
        "version": 2,
        "name": "course",
        "display_name": "Course",
        "python": "3.14.2",
        "runtime": {"version": "314.0.7", "url": f"../../runtime/{digest}/", "package_base_url": ""},
        "image": {
            "parts": [{"file": f"image.img.{n:03}", "size": size} for n, size in enumerate(summary.parts)],
            "size": summary.size,
            "sha256": summary.sha256,
            "boot": summary.boot,
            "last_chunk": summary.last_chunk,
            "uncompressed_size": summary.uncompressed_size,
            "start": {
                "parts": [{"file": "start.img", "size": len(start)}],
                "sha256": hashlib.sha256(start).hexdigest(),
            },
        },
        "mounts": [],
        "packages": [
            {"name": "numpy", "version": "2.4.3", "source": "lock", "size": 3500, "in_lock": True},
            {"name": "six", "version": "1.17.0", "source": "pypi", "size": 100, "in_lock": False},
        ],
        "warm_up": {"modules": [], "script": None},
    }
    return settle(draft, manifest)


def settle(draft, manifest):
    """Give a folder its manifest, and the name that follows from it."""
    data = json.dumps(manifest).encode()
    (draft / "environment.json").write_bytes(data)
    return draft.rename(draft.parent / hashlib.sha256(data).hexdigest()[:16])


@pytest.fixture
def awake(environment):
    """The same with a snapshot."""
    manifest = json.loads((environment / "environment.json").read_text())
    contents = {
        "memory": 94_240_768,
        "kernel": {"bytes": 45_973_504, "modules": 787},
        "warm_up": [
            {"package": "numpy", "bytes": 9_306_112, "modules": 91},
            *({"package": f"small{n}", "bytes": 1000 - n, "modules": 1} for n in range(20)),
        ],
        "libraries": [
            {
                "path": "/lib/python3.14/site-packages/numpy/core.cpython-314-wasm32-emscripten.so",
                "size": 2000,
            },
            {"path": "/lib/libz.so", "size": 100},
        ],
    }
    files = {
        "snapshot.img": b"the snapshot",
        "linked.wasm": b"the runtime with the libraries",
        "index.img": b"index",
        "snapshot.json": json.dumps(contents).encode(),
    }
    for name, data in files.items():
        (environment / name).write_bytes(data)

    def described(name):
        parts = [{"file": name, "size": len(files[name])}]
        return {"parts": parts, "sha256": hashlib.sha256(files[name]).hexdigest()}

    manifest["snapshot"] = {
        **described("snapshot.img"),
        "size": len(files["snapshot.img"]),
        "linked": {**described("linked.wasm"), "size": len(files["linked.wasm"])},
        "index": described("index.img"),
        "contents": described("snapshot.json"),
    }
    return settle(environment, manifest)
