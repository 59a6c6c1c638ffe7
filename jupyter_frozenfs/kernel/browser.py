"""What `frozenfs.mjs` does, with Python's values in and out."""

from __future__ import annotations

import importlib
import stat
import time
from typing import TYPE_CHECKING, Any

from . import events
from .action import action
from .bundle import from_object, to_object
from .image_results import Autoload, Debris, Difference, Images, Listing, StoredImage, Verified
from .results import Frozen, Thawed, ThawPlan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .options import FreezeOptions, ThawOptions

_KINDS = {"file": stat.S_IFREG, "directory": stat.S_IFDIR, "link": stat.S_IFLNK}


async def freeze(options: FreezeOptions) -> Frozen:
    """Freeze the live filesystem; see `api.freeze`."""
    title = f"Freezing {options.name or options.file}"
    async with action(title, shown=options.progress or options.download) as work:
        request = {
            "name": options.name,
            "root": options.root or "/",
            "include": list(options.include),
            "exclude": list(options.exclude),
            "includeMounts": options.include_mounts,
            "layer": options.layer,
            "base": options.base,
            "compress": options.gzip,
            "note": options.note,
            "force": options.force,
            "download": options.download,
            "file": options.file,
        }
        found = from_object(await work.module.freezeSession(work.session, to_object(request), work.channel))
    events.tell("images", found["name"])
    return Frozen(
        name=found["name"],
        sha256=found["sha256"],
        size=found["size"],
        uncompressed_size=found["uncompressedSize"],
        files=found["files"],
        base=found["base"],
        skipped=[(each["path"], each["why"]) for each in found["skipped"]],
        stored=found["stored"],
        downloaded=found["downloaded"],
        file=found["file"],
        persisted=found["persisted"],
        note=options.note,
        not_stored=found["instead"] or "",
    )


async def thaw(options: ThawOptions) -> Thawed | ThawPlan:
    """Bring an image back; see `api.thaw`."""
    title = f"Thawing {options.source}" if options.source else "Thawing a file of this computer"
    async with action(title, shown=options.progress or options.upload) as work:
        request = {
            "source": options.source,
            "upload": options.upload,
            "root": options.root,
            "include": list(options.include),
            "exclude": list(options.exclude),
            "clean": options.clean,
            "keepNewer": options.keep_newer,
            "dryRun": options.dry_run,
            "rebase": options.rebase,
            "trust": options.trust,
        }
        found = from_object(await work.module.thawSession(work.session, to_object(request), work.channel))
        # modules that were not there a moment ago
        importlib.invalidate_caches()
    conflicts = [
        (each["path"], f"{each['layer']} in the layer, {each['base']} in the image")
        for each in found["conflicts"]
    ]
    if not found["done"]:
        return ThawPlan(
            name=found["name"],
            root=found["root"],
            created=found["created"],
            changed=found["changed"],
            removed=found["removed"],
            kept=found["kept"],
            size=found["bytes"],
            dangerous=[(each["path"], each["why"]) for each in found["dangerous"]],
            conflicts=conflicts,
        )
    events.tell("files", found["root"])
    return Thawed(
        name=found["name"],
        root=found["root"],
        created=len(found["created"]),
        changed=len(found["changed"]),
        removed=len(found["removed"]),
        kept=len(found["kept"]),
        size=found["bytes"],
        conflicts=conflicts,
    )


async def images(*, all_sites: bool) -> Images:
    """List images; see `Store.list`."""
    async with action("Listing images", shown=False) as work:
        found = from_object(await work.module.listImages(work.session, all_sites))
    return Images(
        [_stored(each) for each in found["images"]], found["free"], found["persisted"], all_sites=all_sites
    )


async def info(name: str) -> StoredImage:
    """See `Store.info`."""
    async with action(f"Looking for {name}", shown=False) as work:
        return _stored(from_object(await work.module.imageInfo(work.session, name)))


async def ls(name: str, globs: Sequence[str]) -> Listing:
    """See `Store.ls`."""
    async with action(f"Reading {name}", shown=False) as work:
        rows = from_object(await work.module.listEntries(work.session, name, to_object(list(globs))))
    return Listing(
        [
            (
                stat.filemode(_KINDS[row["kind"]] | row["mode"]),
                row["size"],
                time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(row["mtime"])),
                f"{row['path']} -> {row['target']}" if row["target"] else row["path"],
            )
            for row in rows
        ]
    )


async def cat(name: str, path: str) -> bytes:
    """See `Store.cat`."""
    async with action(f"Reading {name}", shown=False) as work:
        return bytes((await work.module.readEntry(work.session, name, path)).to_bytes())


async def diff(old: str, new: str) -> Difference:
    """See `Store.diff`."""
    async with action(f"Comparing {old} and {new}") as work:
        found = from_object(await work.module.compareImages(work.session, old, new, work.channel))
    return Difference(old, new, **found)


async def rename(name: str, new_name: str, *, force: bool) -> StoredImage:
    """See `Store.rename`."""
    async with action(f"Renaming {name}", shown=False) as work:
        store = await work.session.store()
        return _stored(from_object(await store.rename(name, new_name, to_object({"force": force}))))


async def delete(name: str) -> None:
    """See `Store.delete`."""
    async with action(f"Deleting {name}", shown=False) as work:
        store = await work.session.store()
        await store.delete(name)


async def export(name: str, file: str | None) -> None:
    """See `Store.export`."""
    async with action(f"Exporting {name}") as work:
        await work.module.exportImage(work.session, name, to_object(file), work.channel)


async def import_image(
    source: str | None, *, upload: bool, name: str | None, note: str, force: bool
) -> StoredImage:
    """See `Store.import_`."""
    async with action(f"Importing {source or 'a file of this computer'}") as work:
        request = {"source": source, "upload": upload, "name": name, "note": note, "force": force}
        return _stored(
            from_object(await work.module.importImage(work.session, to_object(request), work.channel))
        )


async def verify(name: str) -> Verified:
    """See `Store.verify`."""
    async with action(f"Verifying {name}") as work:
        return Verified(name, int(await work.module.verifyImage(work.session, name, work.channel)))


async def gc(*, dry_run: bool) -> Debris:
    """See `Store.gc`."""
    async with action("Looking for what was left behind", shown=False) as work:
        found = from_object(await work.module.collectGarbage(work.session, dry_run))
    return Debris([(each["name"] or "unknown", each["size"]) for each in found], removed=not dry_run)


async def autoload(name: str | None, *, off: bool, trust: bool) -> Autoload:
    """See `Store.autoload`."""
    async with action("Setting what is thawed at a start", shown=False) as work:
        request = {"name": name, "off": off, "trust": trust}
        found = from_object(await work.module.setAutoload(work.session, to_object(request), work.channel))
    return Autoload(found["kernelspec"], found["name"], found["failed"] or "")


def _stored(record: Mapping[str, Any]) -> StoredImage:
    return StoredImage(
        name=record["name"],
        site=record["site"],
        sha256=record["sha256"],
        size=record["size"],
        uncompressed_size=record["uncompressedSize"],
        files=record["files"],
        created=record["created"],
        note=record["note"],
        base=record["base"],
        origin=record["origin"],
        kernelspec=record["kernelspec"] or "",
        root=record["root"] or "/",
    )
