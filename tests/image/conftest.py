from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest

from jupyter_frozenfs.image import Entry, write_image

VECTORS = Path(__file__).parent.parent / "vectors"
DOCUMENT = json.loads((VECTORS / "vectors.json").read_text(encoding="utf-8"))


class Make:
    """Short ways to say a tree."""

    @staticmethod
    def file(path, data=b"", mode=0o644, mtime=1_700_000_000):
        return Entry(path, "file", mode, mtime, len(data), content=lambda: io.BytesIO(data))

    @staticmethod
    def hard(path, first, mode=0o644, mtime=1_700_000_000):
        return Entry(path, "file", mode, mtime, target=first)

    @staticmethod
    def directory(path, mode=0o755, mtime=1_700_000_000):
        return Entry(path, "directory", mode, mtime)

    @staticmethod
    def link(path, target, mtime=1_700_000_000):
        return Entry(path, "link", 0o777, mtime, target=target)

    @staticmethod
    def image(entries, **options):
        """Return an image in memory."""
        buffer = io.BytesIO()
        write_image(buffer, entries, **options)
        return buffer.getvalue()


@pytest.fixture(scope="session")
def make():
    return Make()


@pytest.fixture(scope="session")
def vectors():
    return VECTORS


@pytest.fixture
def rng():
    return random.Random(20261120)  # noqa: S311 - the same in each run


@pytest.fixture(params=[False, True], ids=["plain", "packed"])
def compress(request):
    return request.param


def pytest_generate_tests(metafunc):
    if "vector_image" in metafunc.fixturenames:
        pairs = [(image, file) for image in DOCUMENT["images"] for file in image["files"]]
        metafunc.parametrize("vector_image", pairs, ids=[file for _, file in pairs])
    if "vector_damage" in metafunc.fixturenames:
        damaged = DOCUMENT["damaged"]
        metafunc.parametrize("vector_damage", damaged, ids=[Path(one["file"]).stem for one in damaged])
