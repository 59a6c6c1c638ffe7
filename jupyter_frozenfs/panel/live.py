"""What a kernel in a browser does for the panel: all that needs its live filesystem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_frozenfs import __version__
from jupyter_frozenfs.kernel import api
from jupyter_frozenfs.kernel.action import cancel, shown_by_page

from .rows import frozen_row, mount_rows, plan_row, thawed_row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_frozenfs.kernel.results import Thawed, ThawPlan

    from .service import Work

#: where the file browser's files are
_DRIVE = "/drive"


class Live:
    """The verbs of a kernel in a browser.

    Their options are those of the functions of `jupyter_frozenfs`. What takes a while is an action of the
    request's id: the page follows it, and answers it, while the kernel hears nothing.
    """

    @property
    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """By their names in the protocol."""
        return {
            "hello": self.hello,
            "mounts": self.mounts,
            "check_mount": self.check_mount,
            "mount": self.mount,
            "unmount": self.unmount,
            "plan_thaw": self.plan_thaw,
            "thaw": self.thaw,
            "freeze": self.freeze,
            "compare_live": self.compare_live,
        }

    def cancel(self, id: str) -> bool:  # noqa: A002 - its name there
        """Stop the action of a request: it ends when it has undone what it had begun."""
        return cancel(id)

    async def hello(self, _work: Work) -> dict[str, Any]:
        """Say what kernel this is."""
        from jupyter_frozenfs.kernel.bundle import session  # noqa: PLC0415 - it needs a browser

        _, own = await session()
        kernel = own.kernel
        return {
            "native": False,
            "kernelspec": kernel.kernelspec,
            "cwd": str(Path.cwd()),
            "subshells": False,
            "environment": kernel.environment or None,
            "version": __version__,
            "contents_drive": _drive(),
            "mounts": mount_rows(await api.mounts()),
        }

    async def mounts(self, _work: Work) -> list[dict[str, Any]]:
        """List what is mounted."""
        return mount_rows(await api.mounts())

    async def check_mount(self, _work: Work, path: str) -> dict[str, Any]:
        """Say whether an image can be mounted at a path, and if not, why."""
        from jupyter_frozenfs.kernel.mounting import problem  # noqa: PLC0415 - as above

        found = await problem(path)
        return {"ok": found is None, "problem": found}

    async def mount(self, work: Work, **options: Any) -> dict[str, Any]:
        """Mount an image; see `api.mount`."""
        with shown_by_page(work.id):
            return mount_rows([await api.mount(**options)])[0]

    async def unmount(self, work: Work, path: str) -> dict[str, Any]:
        """Unmount an image; see `api.unmount`."""
        with shown_by_page(work.id):
            return mount_rows([(await api.unmount(path)).mount])[0]

    async def plan_thaw(self, work: Work, **options: Any) -> dict[str, Any]:
        """Tell what a thaw would do; see `api.thaw`."""
        with shown_by_page(work.id):
            plan: ThawPlan = await api.thaw(**{**options, "dry_run": True})  # type: ignore[assignment]
        return plan_row(plan)

    async def thaw(self, work: Work, **options: Any) -> dict[str, Any]:
        """Thaw an image; see `api.thaw`."""
        with shown_by_page(work.id):
            thawed: Thawed = await api.thaw(**{**options, "dry_run": False})  # type: ignore[assignment]
        return thawed_row(thawed)

    async def freeze(self, work: Work, **options: Any) -> dict[str, Any]:
        """Freeze the live filesystem; see `api.freeze`."""
        with shown_by_page(work.id):
            return frozen_row(await api.freeze(**options))

    async def compare_live(
        self, work: Work, source: str | None = None, *, upload: bool = False, root: str | None = None
    ) -> list[dict[str, Any]]:
        """Tell what has changed in the live filesystem since an image was made."""
        from jupyter_frozenfs.kernel.action import action  # noqa: PLC0415 - as above
        from jupyter_frozenfs.kernel.bundle import from_object, to_object  # noqa: PLC0415

        request = {"source": source, "upload": upload, "root": root}
        with shown_by_page(work.id):
            async with action(f"Comparing {source or 'a file of this computer'}", shown=False) as doing:
                found = await doing.module.compareLiveSession(
                    doing.session, to_object(request), doing.channel
                )
        rows: list[dict[str, Any]] = from_object(found)
        return rows


def _drive() -> str | None:
    return _DRIVE if Path(_DRIVE).is_dir() else None
