"""Starting a kernel from a draft of the image, to learn what a start reads and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_frozenfs.image import write_image

from .node import WarmUpError, run_job

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .core import Core
    from .declare import Environment
    from .gather import Tree
    from .lockfile import Resolution
    from .report import Report


@dataclass(frozen=True, slots=True)
class WarmUp:
    """The warm-up of one environment.

    Attributes
    ----------
    environment
        Declares what is imported or run.
    resolution
        The packages that the kernel has.
    core
        The Pyodide that runs.
    work
        A directory for drafts and for what the warm-up leaves; the caller removes it.
    report
        Is told how far it is.
    """

    environment: Environment
    resolution: Resolution
    core: Core
    work: Path
    report: Report

    def run(self, contents: Tree) -> tuple[str, list[str]]:
        """Run the warm-up, and add to the tree what it leaves.

        A warm-up that leaves files runs once more: what a first run reads only to write a cache, a kernel
        that finds the cache does not read.

        Returns
        -------
        tuple
            The version of Python, and the boot list: the files that were read, in order.

        Raises
        ------
        WarmUpError
            The author's code raised; the message holds its traceback.
        """
        self.report.step("warm up")
        first = self._start(contents, "first")
        if not contents.apply_changes(first, self._output("first"), self.report):
            return first["python"], first["boot"]
        self.report.step("warm up again")
        try:
            second = self._start(contents, "second")
        except WarmUpError as error:
            reason = str(error).splitlines()[-1]
            self.report.log(f"The warm-up runs only once: with the files that it left it fails ({reason})")
            return first["python"], first["boot"]
        contents.apply_changes(second, self._output("second"), self.report)
        return second["python"], second["boot"]

    def job(self, image: Path, mounts: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Return what each job says that starts a kernel from an image and runs the warm-up in it."""
        warm_up = self.environment.warm_up
        script = warm_up if isinstance(warm_up, Path) else None
        return {
            "pyodide": str(self.core.directory),
            "image": str(image),
            "mounts": list(mounts),
            "packages": [
                {"name": package.name, "in_lock": package.name in self.core.packages}
                for package in self.resolution.packages
            ],
            "modules": [] if isinstance(warm_up, Path) else list(warm_up),
            "script": script.read_text(encoding="utf-8") if script else None,
            "script_name": script.name if script else "warm_up.py",
            "expose": list(self.environment.expose),
        }

    def _output(self, name: str) -> Path:
        return self.work / name

    def _start(self, contents: Tree, name: str) -> dict[str, Any]:
        output = self._output(name)
        output.mkdir()
        draft = self.work / f"{name}.img"
        mounts = contents.mounts(self.core)
        write_image(draft, contents.entries(), compress=False)
        result = run_job({"job": "warm-up", **self.job(draft, mounts), "output": str(output)}, self.report)
        draft.unlink()
        times = result["milliseconds"]
        self.report.log(
            f"Python starts in {times['start']} ms, the kernel in {times['kernel']} ms, "
            f"the warm-up takes {times['warm_up']} ms"
        )
        return result
