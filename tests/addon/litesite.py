"""A JupyterLite site that is built and checked by the commands that people type."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from importlib.metadata import entry_points
from pathlib import Path

from wheelmaker import make_wheel

ROOT = Path(__file__).parents[2]

#: as `jupyter labextension` would show it
LABEXTENSION = ROOT / "jupyter_frozenfs" / "labextension"

#: needs no network
PYODIDE = ROOT / "labextension" / "node_modules" / "pyodide"

#: the addons of the stock kernel, which expect its labextension wherever they run
STOCK_ADDONS = [
    each.name
    for each in entry_points(group="jupyterlite.addon.v0")
    if each.module.startswith("jupyterlite_pyodide_kernel")
]

JUPYTER = shutil.which("jupyter", path=Path(sys.executable).parent)

#: the kernel's packages, one of our own, a data file, a script
DECLARATION = """
[build]
wheelhouse = "wheelhouse"

[environment.tiny]
display_name = "Tiny"
requirements = ["greeting"]
files = { "data" = "/home/pyodide/" }
warm_up = "warm_up.py"
snapshot = false
"""

#: how doit tells that a task runs, is up to date, is ignored
_MARK = re.compile(r"^(\.|--|!!) +(\w+):jupyter-frozenfs:(\S+)$", re.MULTILINE)


#: how it lists a task that would run
_DUE = re.compile(r"^R (?:post_)?build:jupyter-frozenfs:(\S+)", re.MULTILINE)


class Run:
    """What a command did.

    Attributes
    ----------
    text
        All that it printed.
    ran, skipped
        Names of our tasks that ran and that were up to date, those of `status` left out.
    """

    def __init__(self, result):
        self.returncode = result.returncode
        self.text = result.stdout + result.stderr
        marks = [(mark, task) for mark, phase, task in _MARK.findall(result.stdout) if phase != "status"]
        self.ran = [task for mark, task in marks if mark == "."]
        self.skipped = [task for mark, task in marks if mark == "--"]


class LiteSite:
    """A folder of an author's, and the site that is built from it."""

    def __init__(self, directory, script_runner):
        self.directory = directory
        self.script_runner = script_runner

    @property
    def output(self):
        return self.directory / "_output"

    @property
    def frozen(self):
        return self.output / "frozen" / "api"

    def run(self, command, *arguments, cwd=None):
        assert JUPYTER, f"there is no `jupyter` beside {sys.executable}"
        command = [JUPYTER, "lite", command, *map(str, arguments)]
        return Run(self.script_runner.run(command, cwd=cwd or self.directory))

    def build(self, *arguments, **more):
        return self.run("build", *arguments, **more)

    def built(self, *arguments, **more):
        """Build, which must go well."""
        done = self.build(*arguments, **more)
        assert done.returncode == 0, done.text
        return done

    def check(self):
        return self.run("check")

    def due(self):
        """Return the tasks of a build that would run now, by name."""
        result = self.script_runner.run([JUPYTER, "lite", "list"], cwd=self.directory)
        assert result.returncode == 0
        return set(_DUE.findall(result.stdout))

    def write(self, name, text):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def replace(self, name, old, new):
        """Edit a file of the author's."""
        text = (self.directory / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def configure(self, cache, /, **classes):
        """Configure a site with one app, as on a machine without the stock kernel."""
        config = {
            "LiteBuildConfig": {
                "apps": ["lab"],
                "disable_addons": STOCK_ADDONS,
                "federated_extensions": [str(LABEXTENSION)],
                "ignore_sys_prefix": True,
                "no_sourcemaps": True,
            },
            "FrozenFSAddon": {"cache": str(cache), "pyodide": str(PYODIDE)},
        }
        for name, traits in classes.items():
            config.setdefault(name, {}).update(traits)
        self.write("jupyter_lite_config.json", json.dumps(config))

    def reconfigure(self, name, /, **traits):
        """Change traits of one class in ``jupyter_lite_config.json``."""
        path = self.directory / "jupyter_lite_config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        config.setdefault(name, {}).update(traits)
        path.write_text(json.dumps(config), encoding="utf-8")

    def add_wheel(self, version, **options):
        return make_wheel(self.directory / "wheelhouse", "greeting", version, **options)

    @property
    def config(self):
        """What the built ``jupyter-lite.json`` tells JupyterLab."""
        whole = json.loads((self.output / "jupyter-lite.json").read_text(encoding="utf-8"))
        return whole["jupyter-config-data"]

    @property
    def plugins(self):
        return self.config.get("litePluginSettings", {})

    @property
    def kernels(self):
        return self.plugins.get("jupyter-frozenfs:kernel", {}).get("environments", [])

    @property
    def default_kernel(self):
        return self.config["defaultKernelName"]

    def manifest_path(self, name="tiny"):
        url = next(kernel["url"] for kernel in self.kernels if kernel["name"] == name)
        return self.output / url

    def manifest(self, name="tiny"):
        return json.loads(self.manifest_path(name).read_text(encoding="utf-8"))

    def runtime(self, name="tiny"):
        """Return the folder of the Pyodide that an environment starts."""
        return (self.manifest_path(name).parent / self.manifest(name)["runtime"]["url"]).resolve()

    def old_build(self, digest, runtime, age):
        """Leave a build of former days with a Pyodide of its own."""
        folder = self.manifest_path().parent.with_name(digest)
        manifest = self.manifest()
        manifest["runtime"]["url"] = f"../../runtime/{runtime}/"
        folder.mkdir()
        (folder / "environment.json").write_text(json.dumps(manifest))
        os.utime(folder, (age, age))
        (self.frozen / "runtime" / runtime).mkdir()

    def digests(self, name="tiny"):
        return {path.name for path in (self.frozen / name).iterdir() if path.is_dir()}

    def contents(self):
        """Return the SHA-256 of each file of the site."""
        return {
            path.relative_to(self.output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.output.rglob("*")
            if path.is_file()
        }

    def written(self):
        """Return when each file of ours in the site was written."""
        return {path: path.stat().st_mtime_ns for path in self.frozen.rglob("*") if path.is_file()}


def prepare(site, cache):
    """Write what the author of a small course has."""
    site.configure(cache)
    site.write("frozen.toml", DECLARATION)
    site.write("data/stars.csv", "name,light\nVega,1\n")
    site.write("warm_up.py", "import greeting\n")
    site.write("files/first.ipynb", '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n')
    site.add_wheel("1.0")


def with_snapshot(site):
    """Have an author say nothing about snapshots, who then gets one; it need not be small."""
    site.replace("frozen.toml", "snapshot = false\n", "")
    site.reconfigure("FrozenFSAddon", snapshot_level=1)
