from __future__ import annotations

import shutil

import pytest
from litesite import LiteSite, prepare, with_snapshot

#: 15 June 2025
EPOCH = 1_750_000_000


class Workshop:
    """Built sites to start from: a test changes what it likes, the next one finds the site as it was built.

    They all lie in one folder, since what doit remembers names files in full.
    """

    def __init__(self, directory):
        self.cache = directory / "cache"
        self.directory = directory / "site"
        self._kept = directory / "kept"
        self._said = {}

    def open(self, name, site, build):
        """Return a site as `build` leaves it, which runs once."""
        if name not in self._said:
            self._said[name] = None
            self._said[name] = build(site)
            shutil.copytree(self.directory, self._kept / name, symlinks=True)
        if self._said[name] is None:
            pytest.fail(f"the site {name!r} could not be built, see the first test that wanted it")
        shutil.rmtree(self.directory)
        shutil.copytree(self._kept / name, self.directory, symlinks=True)
        site.first_build = self._said[name]
        return site


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    return Workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch, tmp_path):
    """Keep the person's own configuration out, and the clock."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter-config"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")


@pytest.fixture
def site(workshop, script_runner):
    """Give a built site with the environment ``tiny``."""

    def build(site):
        prepare(site, workshop.cache)
        return site.built()

    return workshop.open("tiny", LiteSite(workshop.directory, script_runner), build)


@pytest.fixture
def pair(site, workshop):
    """Give a built site with a second environment, ``other``, that Jupyter's configuration declares."""

    def build(site):
        other = {
            "name": "other",
            "display_name": "Other",
            "requirements": ["greeting"],
            "snapshot": False,
        }
        site.reconfigure("FrozenFSAddon", environments=[other])
        return site.built()

    return workshop.open("pair", site, build)


@pytest.fixture
def changed(site, workshop):
    """Give a site with old builds, which was built once more after a data file had changed."""

    def build(site):
        site.old_build("0" * 16, runtime="a" * 16, age=1000)
        site.old_build("1" * 16, runtime="b" * 16, age=2000)
        site.write("data/stars.csv", "name,light\nDeneb,2\n")
        return site.built()

    site.before = site.manifest_path()
    return workshop.open("changed", site, build)


@pytest.fixture
def awake(site, workshop):
    """Give a built site whose kernel wakes up from a snapshot."""

    def build(site):
        with_snapshot(site)
        return site.built()

    return workshop.open("awake", site, build)


@pytest.fixture
def new_site(tmp_path, script_runner, workshop):
    """Give the folder of an author who has not built yet."""
    site = LiteSite(tmp_path / "new", script_runner)
    prepare(site, workshop.cache)
    return site
