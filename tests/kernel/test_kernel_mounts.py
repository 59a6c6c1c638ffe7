from __future__ import annotations

from jupyter_frozenfs.kernel import events
from jupyter_frozenfs.kernel.mount_results import Mount, Mounts, Unmounted

KERNEL = Mount(
    "/lib/python3.14", "/lib/python3.14", "course", "a" * 64, writable=True, changes=3, system=True
)
DATA = Mount("/data", "/", "data <1>.blob")
LAYER = Mount("/today", "/home", "today", writable=True, layers=["course"], changes=1200)


def test_a_mount_says_what_can_be_done_with_it():
    assert repr(DATA) == "data <1>.blob is mounted on /data\naccess  read-only"
    assert "writable" in repr(LAYER)
    assert "1,200 paths" in repr(LAYER)
    assert "folder of the image  /home" in repr(LAYER)
    assert "the kernel runs from it" in repr(KERNEL)
    assert "data &lt;1&gt;.blob is mounted on /data" in DATA._repr_html_()


def test_mounts_are_a_table():
    mounts = Mounts([DATA, KERNEL, LAYER])
    head, *rows = repr(mounts).splitlines()
    assert head.split() == ["path", "image", "folder", "access", "lies", "on", "changed"]
    assert [row.split()[0] for row in rows] == ["/data", "/lib/python3.14", "/today"]
    assert mounts["/today"] is LAYER
    assert mounts[0] is DATA
    assert len(mounts) == len(list(mounts)) == 3
    assert "data &lt;1&gt;.blob" in mounts._repr_html_()
    assert repr(Mounts([])) == "No images are mounted in this kernel."


def test_what_is_lost_with_a_mount_is_said():
    assert repr(Unmounted(DATA)) == "data <1>.blob is no longer mounted on /data"
    assert "changes of 1,200 paths" in repr(Unmounted(LAYER))


def test_listeners_hear_of_changes_until_they_stop():
    heard = []
    stop = events.listen(lambda what, value: heard.append((what, value)))
    events.tell("files", "/data")
    stop()
    stop()
    events.tell("files", "/other")
    assert heard == [("files", "/data")]
