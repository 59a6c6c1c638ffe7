"""The JupyterLite addon: `jupyter lite build` freezes environments into the site.

Each environment is resolved, installed and frozen by tasks of their own, so that a changed data file does not
resolve packages again, and an unchanged site runs nothing. What these steps do is in `environment/`.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import doit.tools
from doit.exceptions import TaskFailed
from jupyterlite_core.constants import JSON_FMT, JUPYTERLITE_JSON, LAB_EXTENSIONS, UTF8

from . import __version__
from .addon_options import DIRECT, FROZEN, FrozenFSOptions
from .environment import freeze_environment, install, resolve, terminal_report
from .environment.build import prune_cache
from .environment.freeze import RUNTIME
from .environment.kernel_wheel import KERNEL_WHEEL, kernel_wheel, wheel_inputs, write_kernel_wheel
from .environment.lockfile import read_lock
from .environment.node import bundle
from .environment.own_files import host_paths, layout
from .environment.report import RichReport
from .environment.requirements import read_requirements
from .environment.resolve import lock_path
from .environment.site import (
    check_environment,
    linked_files,
    missing_files,
    prune_runtimes,
    runtime_folder,
    undeclared,
    weigh,
)
from .errors import BuildError, FrozenFSError
from .lite_config import frozen_kernels, kernel_entry, with_kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyterlite_core.manager import LiteManager

    from .environment import Environment, Resolution

    Task = dict[str, Any]

#: the labextension, as its package.json names it
LABEXTENSION = "jupyter-frozenfs"

#: the folder of a site in which the addon of the stock kernel indexes wheels
WHEELS = "pypi"

_TAG = "[lite] [frozenfs]"


class FrozenFSAddon(FrozenFSOptions):
    """Freeze environments, and give the site a kernel for each."""

    __all__ = ("build", "check", "post_build", "status")

    # hooks
    def status(self, manager: LiteManager) -> Iterator[Task]:  # noqa: ARG002 - JupyterLite's signature
        """Report on the environments."""
        yield self.task(name="environments", actions=[(self.attempt, [self.print_status])])

    def build(self, manager: LiteManager) -> Iterator[Task]:  # noqa: ARG002
        """Freeze each environment, by one task for each step."""
        if self.has_index:
            yield self.wheel_task()
        tasks = []
        try:
            for environment in self.declaration.environments:
                tasks.append(self.resolve_task(environment))
                tasks.append(self.install_task(environment))
                tasks.append(self.freeze_task(environment))
        except FrozenFSError as error:
            # a task that fails shows the message alone, a generator that raises shows our insides
            tasks = [self.task(name="declaration", actions=[(self.fail, [str(error)])])]
        yield from tasks

    def post_build(self, manager: LiteManager) -> Iterator[Task]:  # noqa: ARG002
        """Name the kernels in the site's configuration, and tell what the site weighs."""
        environments = self.declaration.environments
        if not environments and not frozen_kernels(self.output_config):
            return
        records = [self.frozen(environment).path for environment in environments]
        yield self.task(
            name=f"patch:{JUPYTERLITE_JSON}",
            doc=f"ensure that {JUPYTERLITE_JSON} names the frozen kernels",
            # Other addons write this file after ours: not its bytes count, but what it says of our kernels.
            uptodate=[self.is_patched],
            actions=[(self.attempt, [self.patch])],
        )
        yield self.task(
            name="weigh",
            doc="tell what the frozen environments weigh",
            file_dep=records,
            uptodate=[
                _unchanged(names=[environment.name for environment in environments], folder=self.folder)
            ],
            actions=[(self.attempt, [self.tell_weight])],
        )

    def check(self, manager: LiteManager) -> Iterator[Task]:  # noqa: ARG002
        """Check every file that the site's configuration refers to."""
        kernels = frozen_kernels(self.output_config)
        if kernels:
            yield self.task(
                name="labextension",
                doc="ensure that the site has the labextension of the kernels",
                actions=[(self.attempt, [self.check_labextension])],
            )
        for kernel in kernels:
            yield self.task(
                name=f"environment:{kernel['name']}",
                doc=f"ensure that {kernel['url']} and all that it refers to is whole",
                actions=[(self.attempt, [check_environment, self.output_dir / kernel["url"]])],
            )

    def wheel_task(self) -> Task:
        """Return the task that lets stock kernels of the site install this package."""
        wheel = self.output_dir / WHEELS / KERNEL_WHEEL
        task: Task = self.task(
            name="wheel",
            doc=f"let kernels without a frozen environment install {KERNEL_WHEEL}",
            file_dep=wheel_inputs(),
            targets=[wheel],
            actions=[(self.attempt, [write_kernel_wheel, wheel]), (self.maybe_timestamp, [wheel])],
        )
        return task

    # tasks of one environment
    def resolve_task(self, environment: Environment) -> Task:
        """Return the task that chooses packages: it depends on what asks for them."""
        lock = lock_path(environment, self.options)
        task: Task = self.task(
            name=f"resolve:{environment.name}",
            doc=f"choose the packages of {environment.name}, and write {lock.name}",
            file_dep=[
                *read_requirements(environment).inputs,
                *sorted((bundle() / "pypi").glob("*.whl")),
                *self.local_pyodide,
            ],
            uptodate=[
                _unchanged(
                    pyodide=self.options.pyodide,
                    requirements=environment.requirements,
                    constraints=environment.constraints,
                    index=self.options.index_url,
                    wheelhouse=list(map(str, self.options.wheelhouse)),
                ),
                not self.upgrade,
            ],
            targets=[lock],
            actions=[(self.attempt, [self.resolve_environment, environment])],
        )
        return task

    def install_task(self, environment: Environment) -> Task:
        """Return the task that unpacks packages: it depends on the lock file and on what is left out."""
        task: Task = self.task(
            name=f"install:{environment.name}",
            doc=f"unpack the packages of {environment.name}",
            file_dep=[lock_path(environment, self.options), *self.local_pyodide],
            uptodate=[
                _unchanged(
                    pyodide=self.options.pyodide,
                    exclude=environment.exclude,
                    cache=str(self.options.cache),
                    own=hashlib.sha256(kernel_wheel()).hexdigest(),
                ),
                (self.is_installed, [environment]),
            ],
            targets=[self.installed(environment).path],
            actions=[(self.attempt, [self.install_environment, environment])],
        )
        return task

    def freeze_task(self, environment: Environment) -> Task:
        """Return the task that writes an image: it depends on all that goes into it."""
        task: Task = self.task(
            name=f"freeze:{environment.name}",
            doc=f"compile and warm up {environment.name}, and write its image",
            file_dep=[
                lock_path(environment, self.options),
                self.installed(environment).path,
                bundle() / "build.mjs",
                *environment.scripts(),
                *host_paths(environment),
            ],
            uptodate=[
                _unchanged(
                    version=__version__,
                    pyodide=self.options.pyodide,
                    folder=self.folder,
                    display_name=environment.display_name,
                    files=dict(environment.files),
                    layout=layout(environment),
                    warm_up=str(environment.warm_up),
                    exclude=environment.exclude,
                    snapshot=environment.snapshot,
                    expose=environment.expose,
                    check=str(environment.check),
                    snapshot_level=self.options.snapshot_level,
                    keep=self.options.keep,
                    part_size=self.options.part_size,
                    source_date_epoch=self.options.source_date_epoch,
                ),
                (self.is_frozen, [environment]),
            ],
            targets=[self.frozen(environment).path],
            actions=[(self.attempt, [self.freeze_environment, environment])],
        )
        return task

    # actions
    def attempt(self, action: Callable[..., None], *arguments: Any) -> TaskFailed | None:
        """Run an action; of an error that is meant for people, show the message and no traceback of ours."""
        try:
            action(*arguments)
        except FrozenFSError as error:
            return self.fail(str(error))
        return None

    def fail(self, message: str) -> TaskFailed:
        """End the build with a message."""
        return TaskFailed(f"{_TAG} {message}")

    def resolve_environment(self, environment: Environment) -> None:
        """Choose packages, and write them into the lock file."""
        with self.report(environment) as report:
            resolve(environment, self.options, report)

    def install_environment(self, environment: Environment) -> None:
        """Unpack what the lock file names."""
        with self.report(environment) as report:
            tree = install(environment, self.resolution(environment), self.options, report)
        self.installed(environment).write(str(tree))

    def freeze_environment(self, environment: Environment) -> None:
        """Compile, warm up, and write the image into the site."""
        tree = Path(self.installed(environment).read() or "")
        frozen = self.frozen_dir
        with self.report(environment) as report:
            made = freeze_environment(
                environment,
                self.resolution(environment),
                tree,
                self.options,
                frozen / environment.name,
                report,
            )
        for path in (*made.directory.iterdir(), *made.runtime.iterdir()):
            self.maybe_timestamp(path)
        self.frozen(environment).write(made.digest)
        prune_runtimes(frozen)
        prune_cache(self.options.cache)

    def patch(self) -> None:
        """Write the kernels into the site's configuration."""
        text = json.dumps(self.patched(), **JSON_FMT)  # type: ignore[arg-type]
        self.output_config.write_text(text, **UTF8)
        self.maybe_timestamp(self.output_config)

    def tell_weight(self) -> None:
        """Log what each environment weighs, and what a first visit fetches."""
        for environment in self.declaration.environments:
            path = self.manifest(environment)
            if path:
                for line in weigh(path).lines():
                    self.log.info("%s [%s] %s", _TAG, environment.name, line)
        names = [environment.name for environment in self.declaration.environments]
        for path in undeclared(self.frozen_dir, names):
            text = "is of an environment that is not declared any more; delete this folder if nobody needs it"
            self.log.warning("%s %s %s", _TAG, path, text)
        both = {self.output_dir / FROZEN, self.output_dir / FROZEN / DIRECT}
        [former] = both - {self.frozen_dir}
        for path in (*undeclared(former, ()), former / RUNTIME):
            if path.is_dir():
                text = (
                    f"is of a build that did not use {self.frozen_dir}; delete this folder if nobody needs it"
                )
                self.log.warning("%s %s %s", _TAG, path, text)

    def check_labextension(self) -> None:
        """Find the labextension among those of the site."""
        path = self.output_dir / LAB_EXTENSIONS / LABEXTENSION / "package.json"
        if not path.is_file():
            raise BuildError(
                f"{path} does not exist: without it the site has no frozen kernels. "
                "Build with the Python that has jupyter-frozenfs, and without `--ignore-sys-prefix`."
            )

    def print_status(self) -> None:
        """Print what is declared and what is built; changes nothing."""
        lines = [f"declaration: {self.declaration.path}"]
        for environment in self.declaration.environments:
            resolution = read_lock(lock_path(environment, self.options), environment.name)
            packages = f"{len(resolution.packages)} packages" if resolution else "not resolved"
            built = self.frozen(environment).read() if self.is_frozen(environment) else "not built"
            lines.append(f"{environment.name}: {packages}, {built}")
        print("\n".join(f"    {line}" for line in lines), flush=True)  # noqa: T201 - as other addons do

    # helpers
    @property
    def folder(self) -> str:
        """The path of the folder of environments in the site."""
        return self.frozen_dir.relative_to(self.output_dir).as_posix()

    @property
    def has_index(self) -> bool:
        """Whether the stock kernel's addon is here, and the author brings no wheel of this name."""
        given = self.lite_dir / WHEELS / KERNEL_WHEEL
        return find_spec("jupyterlite_pyodide_kernel") is not None and not given.exists()

    def report(self, environment: Environment) -> Any:
        """Return a context that shows progress on a terminal, and plain lines elsewhere."""
        report = terminal_report(prefix=f"{_TAG} [{environment.name}] ")
        return report if isinstance(report, RichReport) else nullcontext(report)

    def resolution(self, environment: Environment) -> Resolution:
        """Return what the lock file of an environment says."""
        path = lock_path(environment, self.options)
        resolution = read_lock(path, environment.name)
        if resolution is None:
            raise BuildError(f"{path} vanished while the site was built. Build again.")
        return resolution

    def is_installed(self, environment: Environment) -> bool:
        """Tell whether the tree that was installed last is still in the cache."""
        tree = self.installed(environment).read()
        return tree is not None and Path(tree).is_dir()

    def is_frozen(self, environment: Environment) -> bool:
        """Tell whether the site has what was frozen last, by a release that writes the same manifests."""
        path = self.manifest(environment)
        try:
            return path is not None and not missing_files(path)
        except BuildError:
            return False

    def is_patched(self) -> bool:
        """Tell whether the site's configuration says what it should."""
        try:
            return bool(json.loads(self.output_config.read_text(**UTF8)) == self.patched())
        except (BuildError, FileNotFoundError):
            # `jupyter lite list` asks before anything is built
            return False

    def patched(self) -> dict[str, Any]:
        """Return what the site's configuration should say."""
        kernels = []
        for environment in self.declaration.environments:
            path = self.manifest(environment)
            if path is None:
                raise BuildError(f"environment {environment.name!r} was not frozen. Build again.")
            runtime = runtime_folder(path).relative_to(self.output_dir)
            kernels.append(
                kernel_entry(
                    environment.name,
                    environment.display_name,
                    f"./{path.relative_to(self.output_dir).as_posix()}",
                    f"./{runtime.as_posix()}/",
                    [f"./{file.relative_to(self.output_dir).as_posix()}" for file in linked_files(path)],
                    default=environment.default,
                    prewarm=environment.prewarm,
                )
            )
        return with_kernels(self.output_config, kernels, self.lite_dir / JUPYTERLITE_JSON)


def _unchanged(**settings: Any) -> Any:
    """Return a condition that holds while the settings are those of the last time."""
    return doit.tools.config_changed(settings)
