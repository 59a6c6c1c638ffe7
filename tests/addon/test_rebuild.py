"""A build does what has changed, and nothing else."""

from __future__ import annotations

import pytest

from jupyter_frozenfs.image import Image

pytestmark = pytest.mark.build

FREEZE = ["freeze:tiny", "patch:jupyter-lite.json", "weigh"]
INSTALL = ["install:tiny", *FREEZE]
RESOLVE = ["resolve:tiny", *INSTALL]


def test_a_second_build_runs_nothing_and_writes_nothing(site):
    contents, written = site.contents(), site.written()
    lock = (site.directory / "frozen-tiny.lock").stat().st_mtime_ns
    done = site.built()
    assert done.ran == []
    assert done.skipped == ["wheel", *RESOLVE]
    assert site.contents() == contents
    assert site.written() == written
    assert (site.directory / "frozen-tiny.lock").stat().st_mtime_ns == lock


def test_a_second_build_takes_no_second_snapshot(awake):
    written = awake.written()
    assert awake.built().ran == []
    assert awake.written() == written


def test_a_changed_data_file_is_frozen_without_resolving_or_installing(changed):
    assert changed.first_build.ran == FREEZE
    assert changed.manifest_path() != changed.before
    image = Image.open(changed.manifest_path().with_name("image.img"))
    assert image.read("/home/pyodide/data/stars.csv") == b"name,light\nDeneb,2\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "due"),
    [
        ("frozen.toml", '"Tiny"', '"Tiny 2"', {"freeze:tiny", "patch:jupyter-lite.json"}),
        ("frozen.toml", '"warm_up.py"', '["greeting"]', {"freeze:tiny"}),
        ("warm_up.py", "import greeting", "import greeting, json.tool", {"freeze:tiny"}),
        ("frozen.toml", '"/home/pyodide/"', '"/data/"', {"freeze:tiny"}),
        ("frozen.toml", "[build]", "[build]\npart_size = 5000000", {"freeze:tiny"}),
        ("frozen.toml", "[build]", "[build]\nkeep = 1", {"freeze:tiny"}),
        ("frozen.toml", "[build]", '[build]\nindex = "http://127.0.0.1/"', {"resolve:tiny"}),
        ("frozen.toml", "warm_up =", 'exclude = ["idlelib"]\nwarm_up =', {"install:tiny", "freeze:tiny"}),
        ("frozen.toml", "warm_up =", 'constraints = ["jedi"]\nwarm_up =', {"resolve:tiny"}),
        ("frozen.toml", "warm_up =", "default = true\nwarm_up =", set()),
        ("frozen.toml", "snapshot = false", "snapshot = false\nprewarm = false", {"patch:jupyter-lite.json"}),
        ("frozen.toml", "snapshot = false", 'snapshot = "required"', {"freeze:tiny"}),
        ("frozen.toml", "snapshot = false", 'check = "1"', {"freeze:tiny"}),
        ("frozen.toml", "snapshot = false", 'expose = ["greeting"]', {"freeze:tiny"}),
        ("frozen.toml", "[build]", "[build]\nsnapshot_level = 1", {"freeze:tiny"}),
    ],
)
def test_a_change_concerns_some_tasks_only(site, file, old, new, due):
    site.replace(file, old, new)
    assert site.due() == due


@pytest.mark.parametrize(
    "change",
    [
        lambda data: (data / "stars.csv").chmod(0o755),
        lambda data: (data / "later.csv").symlink_to("stars-2027.csv"),
        lambda data: (data / "empty").mkdir(),
        lambda data: (data / "stars.csv").rename(data / "light.csv"),
    ],
    ids=["a mode", "a link to nothing", "an empty folder", "a name"],
)
def test_what_a_data_folder_holds_beside_bytes_is_frozen_too(site, change):
    change(site.directory / "data")
    assert site.due() == {"freeze:tiny"}


def test_what_the_last_build_left_is_missed(site):
    (site.directory / ".cache").rename(site.directory / "cache-of-before")
    assert site.due() >= {"install:tiny", "freeze:tiny"}
    (site.directory / "cache-of-before").rename(site.directory / ".cache")
    assert site.due() == set()
    (site.directory / "frozen-tiny.lock").unlink()
    assert "resolve:tiny" in site.due()


def test_a_new_release_is_taken_when_the_author_asks_for_it(site):
    site.add_wheel("2.0")
    assert site.built().ran == [], "the lock file holds"
    assert site.built("--upgrade").ran == RESOLVE
    assert version_of_greeting(site) == "2.0"


def test_a_changed_requirement_is_resolved(site):
    site.add_wheel("2.0")
    site.replace("frozen.toml", '"greeting"', '"greeting >=2"')
    assert site.built().ran == RESOLVE
    assert version_of_greeting(site) == "2.0"


def version_of_greeting(site):
    return next(each["version"] for each in site.manifest()["packages"] if each["name"] == "greeting")
