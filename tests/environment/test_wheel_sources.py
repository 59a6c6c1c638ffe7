"""One suite for all sources of wheels."""

from __future__ import annotations

import io

import pytest
from conftest import lock_of, make_core
from wheelmaker import make_wheel, sha256

from jupyter_frozenfs.environment.cache import DownloadCache
from jupyter_frozenfs.environment.core import open_core
from jupyter_frozenfs.environment.index import PackageIndex
from jupyter_frozenfs.environment.network import Network, NetworkError
from jupyter_frozenfs.environment.sources import IndexSource, LockSource, WheelList
from jupyter_frozenfs.environment.wheels import RangeFile, remote_metadata, wheel_metadata
from jupyter_frozenfs.errors import BuildError


@pytest.fixture
def network():
    return Network(1)


@pytest.fixture(
    params=["directory", "lock, on a server", "lock, in a directory", "index", "index without metadata"]
)
def source(request, tmp_path, server, network):
    wheel = server.add("some-package", "2.0", requires=["numpy >=2"], files={"big.py": "x" * 200_000})
    cache = DownloadCache(tmp_path / "cache")
    if request.param == "directory":
        return WheelList.of_directories("the wheelhouse", "wheelhouse", [server.directory])
    if request.param.startswith("lock"):
        directory = make_core(tmp_path / "pyodide", lock_of(wheel))
        local = server.directory if "directory" in request.param else None
        core = open_core(directory, package_base_url=f"{server.url}/files/", wheels=local)
        return LockSource(core, network, cache)
    server.metadata = "without" not in request.param
    return IndexSource(PackageIndex(server.simple, network), network, cache)


def test_a_source_has_the_wheels_of_a_package(source):
    (found,) = source.find("some-package")
    assert (found.name, str(found.version)) == ("some-package", "2.0")
    assert found.file == "some_package-2.0-py3-none-any.whl"


def test_a_source_has_nothing_of_a_package_that_it_does_not_know(source):
    assert source.find("nothing") == []


def test_a_source_reads_metadata(source):
    (found,) = source.find("some-package")
    assert b"Requires-Dist: numpy >=2" in source.metadata(found)


def test_a_wheelhouse_prefers_its_first_folder_and_passes_over_odd_names(tmp_path):
    first = make_wheel(tmp_path / "a", "mine")
    make_wheel(tmp_path / "b", "mine")
    make_wheel(tmp_path / "b", "mine", "2.0")
    (tmp_path / "b" / "odd.whl").write_bytes(b"")
    found = WheelList.of_directories("", "wheelhouse", [tmp_path / "a", tmp_path / "b"])
    assert {str(each.version): each.location.parent.name for each in found.find("mine")} == {
        "1.0": "a",
        "2.0": "b",
    }
    assert first in {each.location for each in found.find("mine")}


def test_a_wheel_of_the_lock_that_was_fetched_before_needs_no_server(tmp_path, server, network):
    wheel = server.add("numpy")
    core = open_core(make_core(tmp_path / "pyodide", lock_of(wheel)), package_base_url=f"{server.url}/files/")
    cache = DownloadCache(tmp_path / "cache")
    cache.fetch(f"{server.url}/files/{wheel.name}", wheel.name, sha256(wheel), network)
    server.requests.clear()
    (found,) = LockSource(core, network, cache).find("numpy")
    assert found.location.is_file()
    assert server.requests == []


def test_a_server_of_the_lock_that_is_down_is_waited_for_once(tmp_path, server):
    wheels = [server.add(name) for name in ("one", "two", "three")]
    core = open_core(
        make_core(tmp_path / "pyodide", lock_of(*wheels)), package_base_url=f"{server.url}/files/"
    )
    server.faults["/files/"] = "hang"
    source = LockSource(core, Network(0.1), DownloadCache(tmp_path / "cache"))
    for name in ("one", "two", "three"):
        with pytest.raises(NetworkError, match=f"{name}.*did not answer"):
            source.find(name)
    assert all("one-1.0" in path for path in server.requests)


def test_metadata_of_a_large_wheel_are_read_by_ranges(tmp_path, server, network):
    wheel = server.add("large", files={f"large/{n}.bin": bytes(range(256)) * n for n in range(200)})
    assert b"Name: large" in remote_metadata(f"{server.url}/files/{wheel.name}", wheel.name, network)
    server.ranges = False
    assert b"Name: large" in remote_metadata(f"{server.url}/files/{wheel.name}", wheel.name, network)


def test_a_file_read_by_ranges_is_the_file(server, network):
    content = bytes(range(256)) * 1000
    server.extra["/files/x.bin"] = content
    with io.BufferedReader(RangeFile(f"{server.url}/files/x.bin", network), 1 << 12) as file:
        assert file.read(10) == content[:10]
        file.seek(100_000)
        assert file.read(5000) == content[100_000:105_000]
        file.seek(-3, io.SEEK_END)
        assert file.read() == content[-3:]


def test_a_server_that_fails_within_a_wheel_is_told_with_its_address(tmp_path, server, network):
    wheel = server.add("large", files={"large/a.bin": bytes(range(256)) * 2000, "large/b.py": "#" * 10})
    file = RangeFile(f"{server.url}/files/{wheel.name}", network)
    server.faults["/files/"] = 503
    file._tail = b""
    with pytest.raises(NetworkError, match="answered 503"):
        wheel_metadata(io.BufferedReader(file), wheel.name)


def test_a_file_that_is_no_wheel_is_told_with_its_path(tmp_path):
    path = tmp_path / "mine-1.0-py3-none-any.whl"
    path.write_bytes(b"not a zip")
    with pytest.raises(BuildError, match=r"mine-1\.0-py3-none-any\.whl is not a wheel"):
        wheel_metadata(path, path.name)
