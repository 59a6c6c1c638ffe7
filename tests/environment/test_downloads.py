from __future__ import annotations

import socket
import threading
import time

import pytest
from wheelmaker import sha256

from jupyter_frozenfs.environment.cache import DownloadCache, Sha256Error
from jupyter_frozenfs.environment.network import Network, NetworkError


@pytest.fixture
def network():
    return Network(0.3)


@pytest.fixture
def cache(tmp_path):
    return DownloadCache(tmp_path / "cache")


@pytest.fixture
def wheel(server):
    return server.add("numpy", "2.0", files={"numpy/core.py": "x = 1\n" * 10_000})


def test_a_wheel_is_kept_under_its_digest(server, network, cache, wheel):
    digest = sha256(wheel)
    assert cache.find(wheel.name, digest) is None
    fetched = cache.fetch(f"{server.url}/files/{wheel.name}", wheel.name, digest, network)
    assert fetched.read_bytes() == wheel.read_bytes()
    assert cache.find(wheel.name, digest) == fetched


def test_a_file_with_other_bytes_is_refused_with_both_digests(server, network, cache, wheel):
    url = f"{server.url}/files/{wheel.name}"
    server.faults[f"/files/{wheel.name}"] = "flip"
    with pytest.raises(Sha256Error) as error:
        cache.fetch(url, wheel.name, sha256(wheel), network)
    message = str(error.value)
    assert wheel.name in message
    assert url in message
    assert f"expected {sha256(wheel)}" in message
    assert cache.find(wheel.name, sha256(wheel)) is None


def test_a_file_that_is_damaged_in_the_cache_is_fetched_again(server, network, cache, wheel):
    url, digest = f"{server.url}/files/{wheel.name}", sha256(wheel)
    cache.fetch(url, wheel.name, digest, network).write_bytes(b"damaged")
    assert cache.find(wheel.name, digest) is None
    assert cache.fetch(url, wheel.name, digest, network).read_bytes() == wheel.read_bytes()


def test_a_transfer_that_breaks_off_leaves_nothing_behind(server, network, cache, wheel, tmp_path):
    server.faults[f"/files/{wheel.name}"] = "cut"
    with pytest.raises(NetworkError, match="broke off"):
        cache.fetch(f"{server.url}/files/{wheel.name}", wheel.name, sha256(wheel), network)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_server_with_a_fault_of_its_own_is_asked_again(server, network, cache, wheel):
    server.faults[f"/files/{wheel.name}"] = 500
    with pytest.raises(NetworkError, match="answered 500") as error:
        cache.fetch(f"{server.url}/files/{wheel.name}", wheel.name, None, network)
    assert not error.value.missing
    assert len(server.requests) == 3


def test_a_file_that_is_not_there_is_asked_for_once(server, network):
    with pytest.raises(NetworkError, match="answered 404") as error:
        network.get(f"{server.url}/files/nothing")
    assert error.value.missing
    assert len(server.requests) == 1


def test_a_server_that_says_nothing_is_not_waited_for_forever(server, network):
    server.faults["/files/"] = "hang"
    started = time.monotonic()
    with pytest.raises(NetworkError, match=r"did not answer within 0\.3 seconds.*`wheelhouse`"):
        network.get(f"{server.url}/files/a")
    assert time.monotonic() - started < 10


def test_a_port_where_nobody_listens_is_told_as_such(network):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    with pytest.raises(NetworkError, match="refused the connection"):
        network.get(f"http://127.0.0.1:{port}/")


def test_a_host_that_does_not_exist_is_told_as_such(network):
    with pytest.raises(NetworkError, match=r"host name that cannot be resolved|proxy"):
        network.get("http://no-such-host.invalid/")


def test_credentials_of_an_address_are_used_and_never_shown(server):
    url = server.url.replace("http://", "http://user:secret@")
    network = Network(1, [f"{url}/simple/"])
    with pytest.raises(NetworkError) as error:
        network.get(f"{server.url}/files/private")
    assert server.authorized == ["/files/private"]
    with pytest.raises(NetworkError) as error:
        network.get(f"{url}/files/private")
    assert "secret" not in str(error.value)


def test_two_builds_that_fetch_one_file_at_once_both_have_it(server, cache, wheel):
    found = []

    def fetch():
        url = f"{server.url}/files/{wheel.name}"
        found.append(cache.fetch(url, wheel.name, sha256(wheel), Network(5)))

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.read_bytes() for path in found] == [wheel.read_bytes()] * 4


def test_metadata_are_read_once(cache):
    calls = []

    def read():
        calls.append(1)
        return b"Name: a\n"

    for _ in range(2):
        assert cache.metadata("ab" * 32, read) == b"Name: a\n"
    assert len(calls) == 1
