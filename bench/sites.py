"""Build the sites of the benchmarks.

A stock one and a frozen one have the packages of the example course; both are what a careful author of an
offline site would publish. The stock site carries Pyodide, the wheels, and a lock file that names them: the
stock kernel fetches nothing from elsewhere. A third one starts from its image, without a snapshot; a fourth
has scipy and scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "scripts"))

from stock_pyodide import PIPLITE, download, stock_pyodide  # noqa: E402 - a script, not a package

COURSE = ROOT / "examples" / "course"

#: what the course imports
COURSE_PACKAGES = ("numpy", "pandas", "matplotlib")
#: in no Pyodide lock file: the stock kernel's installer looks for them on the site
WIDGETS = ("ipywidgets", "jupyterlab_widgets")

#: what a notebook has to say to a stock kernel first, to have the course's packages
STOCK_CELL = "%pip install -q ipywidgets\n\n"

NOTEBOOK_CELL = """\
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
import ipywidgets

frame = pd.DataFrame({"x": np.arange(50), "y": np.random.default_rng(1).normal(size=50).cumsum()})
frame.plot(x="x", y="y")
plt.show()
"""

SCIENCE = """\
[environment.science]
display_name = "Science"
snapshot = "required"
requirements = ["numpy", "scipy", "scikit-learn"]
warm_up = "warm_up.py"
"""
SCIENCE_WARM_UP = """\
import scipy.fft, scipy.integrate, scipy.interpolate, scipy.linalg, scipy.ndimage, scipy.optimize
import scipy.signal, scipy.sparse.linalg, scipy.spatial, scipy.special, scipy.stats
import sklearn.cluster, sklearn.datasets, sklearn.decomposition, sklearn.ensemble, sklearn.linear_model
import sklearn.model_selection, sklearn.neighbors, sklearn.pipeline, sklearn.preprocessing, sklearn.svm
import sklearn.tree
"""

JsonObject = dict[str, Any]


def notebook(source: str, kernel: str) -> str:
    """Return a notebook of one code cell."""
    return json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "id": "first",
                    "execution_count": None,
                    "metadata": {},
                    "outputs": [],
                    "source": source,
                }
            ],
            "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def write_contents(lite_dir: Path, kernel: str, cell: str = NOTEBOOK_CELL) -> None:
    """Write the notebooks of the benchmark and let the page be driven by its command registry."""
    files = lite_dir / "files"
    files.mkdir(parents=True, exist_ok=True)
    (files / "plot.ipynb").write_text(notebook(cell, kernel), encoding="utf-8")
    (files / "one.ipynb").write_text(notebook("1 + 1", kernel), encoding="utf-8")
    (lite_dir / "jupyter-lite.json").write_text(
        json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": {"exposeAppInBrowser": True}}),
        encoding="utf-8",
    )


def lite_build(lite_dir: Path, output: Path, labextension: str, config: JsonObject) -> None:
    """Run `jupyter lite build` with one labextension."""
    extension = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / labextension
    build = {"federated_extensions": [str(extension)], "ignore_sys_prefix": ["federated_extensions"]}
    (lite_dir / "jupyter_lite_config.json").write_text(
        json.dumps({"LiteBuildConfig": build, **config}), encoding="utf-8"
    )
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(output)]
    subprocess.run(command, cwd=lite_dir, check=True)


def build_stock(pyodide: Path, wheelhouse: Path, work: Path, output: Path) -> None:
    """Build the stock site."""
    lite_dir = work / "stock"
    shutil.rmtree(lite_dir, ignore_errors=True)
    write_contents(lite_dir, "python", STOCK_CELL + NOTEBOOK_CELL)
    stock = lite_dir / "static" / "pyodide"
    stock_pyodide(pyodide, wheelhouse, work / "wheels", stock, COURSE_PACKAGES)
    wheels = [str(download(requirement, work / "wheels")) for requirement in (*PIPLITE, *WIDGETS)]
    config = {"PipliteAddon": {"piplite_urls": wheels}}
    lite_build(lite_dir, output, "@jupyterlite/pyodide-kernel-extension", config)


def build_frozen(wheelhouse: Path, work: Path, output: Path, *, snapshot: bool) -> None:
    """Build a frozen site: the course's environment, without the stock kernel."""
    lite_dir = work / output.name
    shutil.rmtree(lite_dir, ignore_errors=True)
    write_contents(lite_dir, "course")
    ignored = shutil.ignore_patterns("_output", ".*", "files", "wheelhouse", "*.json")
    shutil.copytree(COURSE, lite_dir, dirs_exist_ok=True, ignore=ignored)
    if not snapshot:
        declared = lite_dir / "frozen.toml"
        head = "[environment.course]\n"
        text = declared.read_text(encoding="utf-8")
        declared.write_text(text.replace(head, f"{head}snapshot = false\n"), encoding="utf-8")
    lite_build(lite_dir, output, "jupyter-frozenfs", {"FrozenFSAddon": {"wheelhouse": [str(wheelhouse)]}})


def build_science(wheelhouse: Path, work: Path, output: Path) -> None:
    """Build the site with more than 200 compiled libraries."""
    lite_dir = work / "science"
    lite_dir.mkdir(parents=True, exist_ok=True)
    (lite_dir / "frozen.toml").write_text(SCIENCE, encoding="utf-8")
    (lite_dir / "warm_up.py").write_text(SCIENCE_WARM_UP, encoding="utf-8")
    write_contents(lite_dir, "science", "import sklearn")
    lite_build(lite_dir, output, "jupyter-frozenfs", {"FrozenFSAddon": {"wheelhouse": [str(wheelhouse)]}})


def main() -> None:
    """Build the sites; the stock one where it is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyodide", type=Path, required=True, help="folder with Pyodide's core")
    parser.add_argument("--wheelhouse", type=Path, default=COURSE / "wheelhouse")
    parser.add_argument(
        "--science", action="store_true", help="build the site with scipy and scikit-learn too"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench")
    options = parser.parse_args()
    wheelhouse = options.wheelhouse.resolve()
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1767225600")
    work = options.output / "work"
    build_frozen(wheelhouse, work, options.output / "frozen", snapshot=True)
    build_frozen(wheelhouse, work, options.output / "image", snapshot=False)
    if options.science:
        build_science(wheelhouse, work, options.output / "science")
    if not (options.output / "stock" / "index.html").exists():
        build_stock(options.pyodide, wheelhouse, work, options.output / "stock")


if __name__ == "__main__":
    main()
