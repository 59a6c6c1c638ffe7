"""Build the sites of the tests of freezing: `freezing`, and `freezing-rebuilt`, which has a package updated.

Both have the example course and a small environment, the notebooks of `examples/freezing`, the stock kernel
with all that it needs, and two wheels in their own index.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import jupyterlab

from jupyter_frozenfs.environment.freeze import write_builds

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "scripts"))

from stock_pyodide import PIPLITE, download, stock_pyodide  # noqa: E402 - a script, not a package

COURSE = ROOT / "examples" / "course"
BUILD = ROOT / "build" / "ui-tests"
CACHE = ROOT / ".cache" / "ui-tests"

#: restored from a snapshot, as kernels are unless their author says no
SMALL = """
[environment.small]
display_name = "Small"
"""

#: in the site's own index, where `%pip install` finds them
GREETING = 'def greet(name):\n    """Greet somebody."""\n    return f"Hello, {name}!"\n'
FAREWELL = 'def leave(name):\n    """Say goodbye."""\n    return f"Goodbye, {name}!"\n'

#: in the course, in a version that the rebuilt site has updated
CALENDAR = 'VERSION = "{version}"\n'


def write_changed(path: Path, data: bytes) -> None:
    """Write a file unless it is the same: what is older than the last build need not be built again."""
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def write_wheel(folder: Path, name: str, version: str, source: str) -> None:
    """Write a wheel of one module, the same bytes each time."""
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": source,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": f"{name}.py,,\n",
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    write_changed(folder / f"{name}-{version}-py3-none-any.whl", data.getvalue())


def lay_out(lite_dir: Path, calendar: str) -> None:
    """Write what `jupyter lite build` reads; `calendar` is the version of that package."""
    for place in ("data/fernhill.csv", "warm_up.py"):
        write_changed(lite_dir / place, (COURSE / place).read_bytes())
    # The course has a package more here, so its lock file becomes another one.
    lock = lite_dir / "frozen-course.lock"
    if not lock.exists():
        write_changed(lock, (COURSE / lock.name).read_bytes())
    for path in sorted((ROOT / "examples" / "freezing").glob("*.ipynb")):
        write_changed(lite_dir / "files" / path.name, path.read_bytes())
    declaration = (COURSE / "frozen.toml").read_text(encoding="utf-8")
    declaration = declaration.replace('"ipywidgets"]', f'"ipywidgets", "course_calendar=={calendar}"]')
    declaration = declaration.replace("default = true", "default = true\nsnapshot = false")
    write_changed(lite_dir / "frozen.toml", (declaration + SMALL).encode())
    write_wheel(lite_dir / "wheels", "course_calendar", calendar, CALENDAR.format(version=calendar))
    write_wheel(lite_dir / "pypi", "greeting", "1.0", GREETING)
    write_wheel(lite_dir / "pypi", "farewell", "1.0", FAREWELL)
    wheelhouse = COURSE / "wheelhouse"
    stock = lite_dir / "static" / "pyodide"
    if not stock.is_dir():
        stock_pyodide(ROOT / "labextension" / "node_modules" / "pyodide", wheelhouse, CACHE, stock)
    for wheel in (download(requirement, CACHE) for requirement in PIPLITE):
        write_changed(lite_dir / "pypi" / wheel.name, wheel.read_bytes())
    config = {"jupyter-lite-schema-version": 0, "jupyter-config-data": {"exposeAppInBrowser": True}}
    write_changed(lite_dir / "jupyter-lite.json", json.dumps(config).encode())
    galata = Path(jupyterlab.__file__).parent / "galata"
    lite = {
        "LiteBuildConfig": {"contents": ["files"], "no_sourcemaps": True},
        "FederatedExtensionAddon": {"extra_labextensions_path": [str(galata)]},
        "FrozenFSAddon": {"wheelhouse": [str(wheelhouse), str(lite_dir / "wheels")], "snapshot_level": 3},
    }
    write_changed(lite_dir / "jupyter_lite_config.json", json.dumps(lite).encode())


def build(lite_dir: Path, site: Path) -> None:
    """Build what has changed of a site."""
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(site)]
    subprocess.run(command, cwd=lite_dir, check=True)


def main() -> None:
    """Build what has changed."""
    lite_dir, site = BUILD / "lite-freezing", BUILD / "freezing"
    lay_out(lite_dir, "1.0")
    build(lite_dir, site)
    lite_dir, rebuilt = BUILD / "lite-freezing-rebuilt", BUILD / "freezing-rebuilt"
    lay_out(lite_dir, "2.0")
    build(lite_dir, rebuilt)
    # the build before is still there, as when one site is built twice
    before = next((site / "frozen" / "api" / "course").glob("*/environment.json")).parent
    shutil.copytree(before, rebuilt / "frozen" / "api" / "course" / before.name, dirs_exist_ok=True)
    write_builds(rebuilt / "frozen" / "api" / "course")


if __name__ == "__main__":
    main()
