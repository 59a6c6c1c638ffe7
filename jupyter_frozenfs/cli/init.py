"""``jupyter frozenfs init``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Bool, Unicode

from jupyter_frozenfs.errors import BuildError

from .command import FLAGS, Command, say
from .starter import starter

if TYPE_CHECKING:
    from collections.abc import Sequence


class InitApp(Command):
    """Write a frozen.toml to start from."""

    name = "jupyter-frozenfs-init"
    usage = "jupyter frozenfs init [OPTION …] [FOLDER]"
    arguments = (0, 1)
    description = """
    Write a commented frozen.toml into the folder of the notebooks, the current one by default.

    It can be built as it is. When the folder holds a requirements.txt, a folder `data` or a folder
    `wheelhouse`, the declaration uses them.
    """
    examples = """
    jupyter frozenfs init
    jupyter frozenfs init --name=statistics lectures/
    """
    flags = FLAGS | {"force": ({"InitApp": {"force": True}}, "Replace a frozen.toml that is there")}
    aliases = Command.aliases | {"name": "InitApp.environment"}

    force = Bool(default_value=False, help="Replace a frozen.toml that is there").tag(config=True)
    environment = Unicode(
        "course", help="What the environment is called, in lower case (default: course)"
    ).tag(config=True)

    def run(self, arguments: Sequence[str]) -> None:
        """Write the file."""
        # Not before: it reads network settings and the like, which no other command needs.
        from jupyter_frozenfs.environment import environment_from_mapping  # noqa: PLC0415
        from jupyter_frozenfs.environment.declare import DECLARATION  # noqa: PLC0415

        folder = Path(arguments[0] if arguments else ".")
        if not folder.is_dir():
            raise BuildError(f"{folder} is not a folder, expected the one with the notebooks")
        environment_from_mapping({"name": self.environment}, folder)
        path = folder / DECLARATION
        if path.exists() and not self.force:
            raise BuildError(f"{path} is there already; change it, or replace it with --force")
        try:
            path.write_text(starter(folder, self.environment), encoding="utf-8", newline="\n")
        except OSError as error:
            raise BuildError(f"{path} cannot be written: {error.strerror or error}") from error
        say(f"{path} written. Name your packages in it, then build the site with `jupyter lite build`.")
