"""What an author may tell the JupyterLite addon, in ``jupyter_lite_config.json`` or on the command line."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from jupyterlite_core.addons.base import BaseAddon
from jupyterlite_core.constants import JUPYTERLITE_JSON
from traitlets import Bool, CInt, Dict, List, TraitError, Unicode
from traitlets.config import Config

from .environment import (
    BuildOptions,
    Declaration,
    Environment,
    environment_from_mapping,
    load_declaration,
    options_from_mapping,
)
from .environment.core import CORE_FILES
from .environment.declare import DECLARATION, check_names
from .environment.manifest import MANIFEST
from .environment.options import SNAPSHOT_LEVEL
from .errors import BuildError
from .lite_config import keeps_visited
from .records import Record

if TYPE_CHECKING:
    from jupyterlite_core.manager import LiteManager

#: the folder of a site that holds environments
FROZEN = "frozen"

#: the folder in it whose files do not go through JupyterLite's service worker, and arrive earlier: it leaves
#: alone what has this in its path
DIRECT = "api"


class FrozenFSOptions(BaseAddon):
    """The traits of the addon, and what follows from them."""

    def __init__(self, manager: LiteManager, *args: Any, **kwargs: Any) -> None:
        # JupyterLite warns of an addon that raises here, and builds a site without it
        self.refusal: TraitError | None = None
        try:
            super().__init__(manager, *args, **kwargs)
        except TraitError as error:
            super().__init__(manager, *args, **kwargs, config=Config())
            self.refusal = error

    # traits
    frozen_toml = Unicode(
        DECLARATION, help="The file that declares environments, relative to ``lite_dir``"
    ).tag(config=True)

    environments = List(
        Dict(),
        help="Environments beside those of ``frozen_toml``: what its tables hold, and a ``name``",
    ).tag(config=True)

    wheelhouse = List(
        Unicode(),
        help="Folders of wheels, relative to ``lite_dir``, before all other sources; wins over ``[build]``",
    ).tag(config=True)

    pyodide = Unicode(
        None,
        allow_none=True,
        help="A version of Pyodide, or a folder, archive or URL with its core; wins over ``[build]``",
    ).tag(config=True)

    index = Unicode(
        None,
        allow_none=True,
        help="A package index, not the one that uv and pip are configured for; wins over ``[build]``",
    ).tag(config=True)

    upgrade = Bool(
        default_value=False,
        help="Resolve packages anew, without regard to lock files",
    ).tag(config=True)

    keep = CInt(
        None,
        allow_none=True,
        min=1,
        help="How many builds of an environment stay on the site (default 3); wins over ``[build]``",
    ).tag(config=True)

    part_size = CInt(
        None,
        allow_none=True,
        min=0,
        help="Bytes after which an image is split, 0 for never (default 95 MB); wins over ``[build]``",
    ).tag(config=True)

    snapshot_level = CInt(
        None,
        allow_none=True,
        min=1,
        max=SNAPSHOT_LEVEL,
        help="How hard zstd tries to make snapshots small, 1 to 19 (default 19, the smallest and slowest); "
        "wins over ``[build]``",
    ).tag(config=True)

    cache = Unicode(
        None,
        allow_none=True,
        help="Where downloads and installed trees are kept for the next build (default: the user's cache)",
    ).tag(config=True)

    # CLI
    aliases: ClassVar = {
        "frozen-toml": "FrozenFSAddon.frozen_toml",
        "frozenfs-cache": "FrozenFSAddon.cache",
        "frozenfs-index": "FrozenFSAddon.index",
        "frozenfs-keep": "FrozenFSAddon.keep",
        "frozenfs-part-size": "FrozenFSAddon.part_size",
        "frozenfs-pyodide": "FrozenFSAddon.pyodide",
        "frozenfs-snapshot-level": "FrozenFSAddon.snapshot_level",
        "frozenfs-wheelhouse": "FrozenFSAddon.wheelhouse",
    }

    flags: ClassVar = {
        "upgrade": (
            {"FrozenFSAddon": {"upgrade": True}},
            "Resolve the packages of frozen environments anew, without regard to their lock files",
        )
    }

    # properties
    @cached_property
    def declaration(self) -> Declaration:
        """All that is declared, in ``frozen.toml`` and in Jupyter's configuration."""
        if self.refusal:
            raise BuildError(
                f"jupyter_lite_config.json, or an option on the command line: {self.refusal} Correct this "
                "value."
            ) from self.refusal
        path = self.lite_dir / self.frozen_toml
        if path.exists() or self.frozen_toml != DECLARATION:
            declared = load_declaration(path)
        else:
            declared = Declaration(path, (), {})
        more = [environment_from_mapping(each, self.lite_dir) for each in self.environments]
        return Declaration(path, check_names([*declared.environments, *more]), declared.build)

    @cached_property
    def options(self) -> BuildOptions:
        """How to build: the table ``[build]``, and traits that win over it."""
        table = dict(self.declaration.build)
        if self.wheelhouse:
            table["wheelhouse"] = [str(self.lite_dir / path) for path in self.wheelhouse]
        if self.pyodide:
            local = self.lite_dir / self.pyodide
            table["pyodide"] = str(local) if local.exists() else self.pyodide
        traits = {
            "index": self.index,
            "keep": self.keep,
            "part_size": self.part_size,
            "snapshot_level": self.snapshot_level,
        }
        table.update({key: value for key, value in traits.items() if value is not None})
        return options_from_mapping(
            table,
            self.declaration.path.parent,
            cache=Path(self.cache).resolve() if self.cache else None,
            source_date_epoch=self.manager.source_date_epoch,
            upgrade=self.upgrade,
        )

    @property
    def lite_dir(self) -> Path:
        """Where the author's files are."""
        return Path(self.manager.lite_dir)

    @property
    def output_dir(self) -> Path:
        """The site."""
        return Path(self.manager.output_dir)

    @property
    def frozen_dir(self) -> Path:
        """The folder of the site for environments: in sight of a service worker that keeps what it sees."""
        configured = [self.lite_dir, *(self.lite_dir / app for app in self.manager.apps)]
        return self.output_dir / FROZEN / ("" if keeps_visited(configured) else DIRECT)

    @property
    def output_config(self) -> Path:
        """The site's configuration; the apps' own inherit from it."""
        return self.output_dir / JUPYTERLITE_JSON

    @property
    def local_pyodide(self) -> list[Path]:
        """The files of a Pyodide that lies on this machine, none of one that is fetched."""
        path = Path(self.options.pyodide or "")
        files = [path] if path.suffix else [path / name for name in CORE_FILES]
        return [file for file in files if self.options.pyodide and file.is_file()]

    def installed(self, environment: Environment) -> Record:
        """Return the record of the tree that was installed last."""
        return Record(Path(self.manager.cache_dir) / "frozenfs" / f"{environment.name}.tree.json")

    def frozen(self, environment: Environment) -> Record:
        """Return the record of the digest that was frozen last."""
        return Record(Path(self.manager.cache_dir) / "frozenfs" / f"{environment.name}.digest.json")

    def manifest(self, environment: Environment) -> Path | None:
        """Return the manifest of an environment's last build, None when there is none."""
        digest = self.frozen(environment).read()
        return self.frozen_dir / environment.name / digest / MANIFEST if digest else None
