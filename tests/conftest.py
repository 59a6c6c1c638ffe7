from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def pytest_collection_modifyitems(items):
    """Keep in one process what shares things that take long to make: a file, and all tests of built sites."""
    for item in items:
        folder = item.path.parent.name
        item.add_marker(pytest.mark.xdist_group(folder if folder == "addon" else str(item.path)))


@pytest.fixture
def script_cwd(tmp_path_factory):
    """Keep what `script_runner` makes out of the folder that a test looks at."""
    return tmp_path_factory.mktemp("script")


@pytest.fixture
def frozenfs(script_runner, tmp_path, monkeypatch):
    """Run the command as people do, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path.parent / "config"))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)

    def run(*arguments, **options):
        command = [sys.executable, "-m", "jupyter_frozenfs.app", *map(str, arguments)]
        return script_runner.run(command, **options)

    return run
