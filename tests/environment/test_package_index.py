from __future__ import annotations

import sys

import pytest

from jupyter_frozenfs.environment.index import PYPI, PackageIndex, configured_index
from jupyter_frozenfs.environment.network import Network, NetworkError
from jupyter_frozenfs.errors import BuildError


@pytest.fixture
def index(server):
    return PackageIndex(server.simple, Network(1))


@pytest.fixture(params=["json", "html"])
def style(request, server):
    server.style = request.param
    return request.param


def test_wheels_are_listed_with_what_the_index_says_of_them(server, index, style):
    wheel = server.add("numpy", "2.0", requires_python=">=3.9,<4")
    server.yanked[wheel.name] = "broken"
    (found,) = index.files("NumPy")
    assert (found.name, str(found.version), found.file) == ("numpy", "2.0", wheel.name)
    assert found.location == f"{server.url}/files/{wheel.name}"
    assert found.requires_python == ">=3.9,<4"
    assert found.yanked == "broken"
    assert found.metadata_url == f"{found.location}.metadata"
    assert len(found.sha256) == 64


def test_files_that_are_no_wheels_are_named(server, index, style):
    (server.directory / "old-1.0.tar.gz").write_bytes(b"")
    assert index.files("old") == ["old-1.0.tar.gz"]


def test_an_index_without_digests_and_metadata_is_read_all_the_same(server, index, style):
    server.hashes = server.metadata = False
    server.add("numpy", "2.0")
    (found,) = index.files("numpy")
    assert (found.sha256, found.metadata_url) == (None, None)


def test_a_package_that_is_not_there_is_missing(index):
    with pytest.raises(NetworkError) as error:
        index.files("nothing")
    assert error.value.missing


def test_a_page_that_is_not_of_an_index_is_told(server, index):
    server.page = lambda _: ("application/json", b'["not an index"]')
    with pytest.raises(BuildError, match="is no page of a package index"):
        index.files("odd")


def test_an_index_that_is_a_folder_belongs_into_the_wheelhouse():
    with pytest.raises(BuildError, match=r"expected an http or https address.*`wheelhouse`"):
        PackageIndex("file:///wheels", Network(1))


@pytest.fixture
def bare(monkeypatch, tmp_path):
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.setattr(
        "jupyter_frozenfs.environment.index.platformdirs.user_config_path", lambda *_, **__: tmp_path / "user"
    )
    monkeypatch.setattr(
        "jupyter_frozenfs.environment.index.platformdirs.site_config_path", lambda *_, **__: tmp_path / "site"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


def test_the_variables_of_uv_and_pip_name_the_index(bare):
    bare.setenv("PIP_INDEX_URL", "https://pip/")
    assert configured_index() == "https://pip/"
    bare.setenv("UV_INDEX_URL", "https://uv/")
    assert configured_index() == "https://uv/"
    bare.setenv("UV_DEFAULT_INDEX", "company=https://default/?a=b")
    assert configured_index() == "https://default/?a=b"


def test_the_configuration_file_of_pip_names_the_index(bare, tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://configured/100%/\n")
    assert configured_index() == "https://configured/100%/"


def test_a_broken_configuration_file_of_pip_is_passed_over(bare, tmp_path):
    (tmp_path / "pip.conf").write_text("index-url = https://no-section/\n")
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "pip.conf").write_text("[global]\nindex-url = https://user/\n")
    assert configured_index() == "https://user/"


def test_pypi_is_the_index_when_nobody_says(bare, tmp_path):
    bare.setattr("jupyter_frozenfs.environment.index._pip_files", lambda: iter([tmp_path / "pip.conf"]))
    assert configured_index() == PYPI
