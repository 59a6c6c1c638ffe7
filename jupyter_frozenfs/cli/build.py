"""``jupyter frozenfs build``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Bool, List, Unicode

from jupyter_frozenfs.errors import BuildError

from .command import FLAGS, Command, say, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_frozenfs.environment import BuildOptions, Declaration, Environment


class BuildApp(Command):
    """Build environments without a site."""

    name = "jupyter-frozenfs-build"
    usage = "jupyter frozenfs build [OPTION …] [FROZEN.TOML]"
    arguments = (0, 1)
    description = """
    Build the environments that a frozen.toml declares, the one in the current folder by default.

    Each becomes a folder FOLDER/NAME/DIGEST with its image and environment.json; the Pyodide that
    they share is in FOLDER/runtime. `jupyter lite build` does the same within a site.
    """
    examples = """
    jupyter frozenfs build
    jupyter frozenfs build --environment=course --upgrade
    jupyter frozenfs build lectures/frozen.toml --output-dir=public/frozen --wheelhouse=wheels
    """
    flags = FLAGS | {
        "upgrade": ({"BuildApp": {"upgrade": True}}, "Choose packages anew, without regard to lock files"),
    }
    aliases = Command.aliases | {
        "cache": "BuildApp.cache",
        "environment": "BuildApp.environments",
        "index": "BuildApp.index",
        "output-dir": "BuildApp.output_dir",
        "pyodide": "BuildApp.pyodide",
        "wheelhouse": "BuildApp.wheelhouse",
    }

    cache = Unicode("", help="Where downloads are kept for the next build (default: the user's cache)").tag(
        config=True
    )
    environments = List(
        Unicode(), help="Which environments to build, by name; may be repeated (default: all)"
    ).tag(config=True)
    index = Unicode("", help="A package index, wins over the table [build]").tag(config=True)
    output_dir = Unicode("", help="The folder to write (default: `frozen` beside frozen.toml)").tag(
        config=True
    )
    pyodide = Unicode("", help="A version of Pyodide, or a folder or address with its files").tag(config=True)
    upgrade = Bool(default_value=False, help="Choose packages anew, without regard to lock files").tag(
        config=True
    )
    wheelhouse = List(Unicode(), help="A folder of wheels, before all other sources; may be repeated").tag(
        config=True
    )

    def run(self, arguments: Sequence[str]) -> None:
        """Build one environment after the other."""
        # Not before: the other commands start faster without it.
        from jupyter_frozenfs.environment import load_declaration  # noqa: PLC0415

        declaration = load_declaration(Path(arguments[0] if arguments else ".").resolve())
        chosen = self.chosen(declaration)
        options = self.options(declaration)
        output = Path(self.output_dir).resolve() if self.output_dir else declaration.path.parent / "frozen"
        for environment in chosen:
            self.build(environment, options, output)

    def build(self, environment: Environment, options: BuildOptions, output: Path) -> None:
        """Build one environment and say what it weighs."""
        from jupyter_frozenfs.environment import build_environment, terminal_report  # noqa: PLC0415
        from jupyter_frozenfs.environment.report import RichReport  # noqa: PLC0415
        from jupyter_frozenfs.environment.site import weigh  # noqa: PLC0415

        report = terminal_report(prefix=f"[{environment.name}] ")
        with report if isinstance(report, RichReport) else nullcontext():
            frozen = build_environment(environment, options, output / environment.name, report)
        say(f"{environment.name}: {frozen.path}")
        for line in weigh(frozen.path).lines():
            say(f"  {line}")

    def chosen(self, declaration: Declaration) -> list[Environment]:
        """Find the environments that were asked for."""
        declared = {environment.name: environment for environment in declaration.environments}
        if not declared:
            raise BuildError(
                f"{declaration.path} declares no environment, expected a table such as [environment.course]"
            )
        for name in self.environments:
            if name not in declared:
                raise BuildError(
                    f"{declaration.path} declares no environment {name!r}{suggestion(name, list(declared))}"
                )
        return [declared[name] for name in self.environments or declared]

    def options(self, declaration: Declaration) -> BuildOptions:
        """Join the table [build] and the command line, which wins."""
        from jupyter_frozenfs.environment import options_from_mapping  # noqa: PLC0415

        given: dict[str, object] = {"index": self.index}
        # Unlike those in the file, these paths are relative to where the command was typed.
        given["wheelhouse"] = [str(Path(path).resolve()) for path in self.wheelhouse]
        given["pyodide"] = str(Path(self.pyodide).resolve()) if Path(self.pyodide).exists() else self.pyodide
        if not self.pyodide:
            given["pyodide"] = ""
        return options_from_mapping(
            {**declaration.build, **{key: value for key, value in given.items() if value}},
            declaration.path.parent,
            cache=Path(self.cache).resolve() if self.cache else None,
            upgrade=self.upgrade,
        )
