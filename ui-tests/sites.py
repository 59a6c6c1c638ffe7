"""Build the sites of the browser tests, into `build/ui-tests`.

`site` is the example course with further environments, two wheels of its own, and what Galata needs on the
page. The others are the same, each with one thing wrong or different: `damaged` has a few bytes of the
course's image turned, `truncated` has lost the end of it, in `older` the page names an environment that a
newer build has taken away, and `cached` has JupyterLite's service worker keep what it has seen.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import jupyterlab

HERE = Path(__file__).parent
ROOT = HERE.parent
COURSE = ROOT / "examples" / "course"
BUILD = ROOT / "build" / "ui-tests"
CACHE = ROOT / ".cache" / "ui-tests"

#: further kernels: the standard library and what every kernel has; many compiled libraries; a snapshot
#: that passes the check of the build, which runs in Node, and fails in a browser
ENVIRONMENTS = """
[environment.small]
display_name = "Small"
snapshot = false

[environment.libraries]
display_name = "Libraries"
snapshot = "required"
requirements = ["numpy", "pandas", "matplotlib", "pydantic-core==2.50.4", "msgpack==1.2.4"]
warm_up = ["numpy", "pandas", "matplotlib.pyplot", "pydantic_core", "msgpack"]

[environment.fragile]
display_name = "Fragile"
snapshot = "required"
warm_up = "fragile.py"
"""

#: more than 200 compiled libraries, for `make soak`
SCIENCE = """
[environment.science]
display_name = "Science"
snapshot = "required"
requirements = ["numpy", "pandas", "scipy", "scikit-learn"]
warm_up = [
    "pandas", "scipy.cluster.hierarchy", "scipy.cluster.vq", "scipy.fft", "scipy.fftpack", "scipy.integrate",
    "scipy.interpolate", "scipy.io", "scipy.linalg", "scipy.ndimage", "scipy.odr", "scipy.optimize",
    "scipy.signal", "scipy.sparse.csgraph", "scipy.sparse.linalg", "scipy.spatial.transform", "scipy.special",
    "scipy.stats", "sklearn.cluster", "sklearn.datasets", "sklearn.decomposition", "sklearn.ensemble",
    "sklearn.feature_extraction.text", "sklearn.linear_model", "sklearn.manifold", "sklearn.metrics",
    "sklearn.model_selection", "sklearn.neighbors", "sklearn.pipeline", "sklearn.preprocessing",
    "sklearn.svm", "sklearn.tree",
]
"""

FRAGILE = """\
import random

from js import navigator

seed = random.seed


def seed_in_node_only(*arguments):
    if "Chrome" in navigator.userAgent:
        raise OSError("there is no entropy here")
    seed(*arguments)


random.seed = seed_in_node_only
"""

#: a pure wheel in the site's own index, which `%pip install greeting` finds
GREETING = {
    "greeting.py": 'def greet(name):\n    """Greet somebody."""\n    return f"Hello, {name}!"\n',
    "greeting-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n",
    "greeting-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "greeting-1.0.dist-info/RECORD": "greeting.py,,\n",
}

#: a compiled wheel in the site's own index, in none of its environments, and not in Pyodide's distribution
COMPILED = "css-inline==0.23.1"
COMPILED_SHA256 = "eb9e214d774c3ec516fc8d90c55e647726bc9d8db3525fa61bb2ff1ff26e8cb5"
TARGET = ("--platform", "pyemscripten_2026_0_wasm32", "--python-version", "3.14", "--abi", "cp314")


def write_changed(path: Path, data: bytes) -> None:
    """Write a file unless it is the same: what is older than the last build need not be built again."""
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def write_wheel(path: Path) -> None:
    """Write the wheel, the same bytes each time."""
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in GREETING.items():
            archive.writestr(zipfile.ZipInfo(name), text)


def download_wheel(folder: Path) -> None:
    """Have pip fetch the compiled wheel, once, and compare its digest."""
    name = COMPILED.replace("-", "_").replace("==", "-")
    if any(folder.glob(f"{name}-*.whl")):
        return
    listed = CACHE / "requirements.txt"
    write_changed(listed, f"{COMPILED} --hash=sha256:{COMPILED_SHA256}\n".encode())
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", *TARGET, "--dest", str(CACHE), "--requirement", str(listed)]
    subprocess.run(command, check=True)
    wheel = next(CACHE.glob(f"{name}-*.whl"))
    write_changed(folder / wheel.name, wheel.read_bytes())


def lay_out(lite_dir: Path) -> None:
    """Write what `jupyter lite build` reads."""
    for path in sorted(COURSE.rglob("*")):
        place = path.relative_to(COURSE)
        if path.is_file() and not place.parts[0].startswith((".", "_", "wheelhouse")):
            write_changed(lite_dir / place, path.read_bytes())
    declaration = (COURSE / "frozen.toml").read_text(encoding="utf-8")
    further = ENVIRONMENTS + (SCIENCE if os.environ.get("FROZENFS_SOAK") else "")
    write_changed(lite_dir / "frozen.toml", (declaration + further).encode())
    write_changed(lite_dir / "fragile.py", FRAGILE.encode())
    write_wheel(lite_dir / "pypi" / "greeting-1.0-py3-none-any.whl")
    download_wheel(lite_dir / "pypi")
    config = {"jupyter-lite-schema-version": 0, "jupyter-config-data": {"exposeAppInBrowser": True}}
    write_changed(lite_dir / "jupyter-lite.json", json.dumps(config).encode())
    lite = {
        "LiteBuildConfig": {"contents": ["files"], "no_sourcemaps": True},
        "FederatedExtensionAddon": {
            "extra_labextensions_path": [str(Path(jupyterlab.__file__).parent / "galata")]
        },
        "FrozenFSAddon": {"wheelhouse": [str(COURSE / "wheelhouse")], "snapshot_level": 3},
    }
    write_changed(lite_dir / "jupyter_lite_config.json", json.dumps(lite).encode())


def copy_site(site: Path, name: str) -> Path:
    """Copy a site without its bytes: what is changed in the copy has to be unlinked first."""
    destination = BUILD / name
    shutil.rmtree(destination, ignore_errors=True)
    shutil.copytree(site, destination, copy_function=os.link)
    return destination


def replace(path: Path, data: bytes) -> None:
    """Change a file of a copy, but not the original."""
    path.unlink()
    path.write_bytes(data)


def manifests(site: Path) -> list[Path]:
    """Return the manifests of the course."""
    return sorted((site / "frozen" / "api" / "course").glob("*/environment.json"))


def damage(site: Path) -> None:
    """Turn some bytes in the middle of what a start reads of the course."""
    for manifest in manifests(copy_site(site, "damaged")):
        middle = json.loads(manifest.read_text(encoding="utf-8"))["image"]["boot"] // 2
        for path in manifest.parent.glob("*.img"):
            data = bytearray(path.read_bytes())
            data[middle : middle + 16] = bytes(byte ^ 0xFF for byte in data[middle : middle + 16])
            replace(path, bytes(data))


def truncate(site: Path) -> None:
    """Lose the second half of each file of the course's image, as an upload that broke off."""
    for manifest in manifests(copy_site(site, "truncated")):
        for path in manifest.parent.glob("*.img"):
            data = path.read_bytes()
            replace(path, data[: len(data) // 2])


def age(site: Path) -> None:
    """Take away the environment that the page names: the page is older than the site."""
    for manifest in manifests(copy_site(site, "older")):
        shutil.rmtree(manifest.parent)


def cache(site: Path) -> None:
    """Have JupyterLite's own service worker keep what it sees; environments lie as in such a build."""
    copy = copy_site(site, "cached")
    frozen = copy / "frozen"
    for environment in (frozen / "api").iterdir():
        environment.rename(frozen / environment.name)
    path = copy / "jupyter-lite.json"
    config = json.loads(path.read_text(encoding="utf-8").replace("./frozen/api/", "./frozen/"))
    config["jupyter-config-data"]["enableServiceWorkerCache"] = True
    replace(path, json.dumps(config).encode())


def main() -> None:
    """Build what has changed."""
    lite_dir, site = BUILD / "lite", BUILD / "site"
    lay_out(lite_dir)
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(site)]
    subprocess.run(command, cwd=lite_dir, check=True)
    for differ in (damage, truncate, age, cache):
        differ(site)


if __name__ == "__main__":
    main()
