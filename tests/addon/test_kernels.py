"""What `jupyter-lite.json` of a site says of several kernels, ours and others."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.build

STOCK = "@jupyterlite/pyodide-kernel-extension:kernel"
OURS = "jupyter-frozenfs:kernel"
PATCH = ["patch:jupyter-lite.json"]


def own_config(site, **data):
    """Write a `jupyter-lite.json` as an author does."""
    site.write(
        "jupyter-lite.json", json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": data})
    )


def test_two_environments_make_two_kernels_wherever_they_are_declared(pair):
    assert [(kernel["name"], kernel["display_name"]) for kernel in pair.kernels] == [
        ("tiny", "Tiny"),
        ("other", "Other"),
    ]
    assert pair.default_kernel == "tiny", "the first one"
    assert (pair.directory / "frozen-other.lock").is_file()
    assert pair.manifest("tiny")["runtime"]["url"] == pair.manifest("other")["runtime"]["url"]
    done = pair.check()
    assert (done.returncode, done.ran) == (0, ["labextension", "environment:tiny", "environment:other"])


def test_an_environment_moves_to_jupyters_configuration_without_being_built_again(site):
    tiny = {
        "name": "tiny",
        "display_name": "Tiny",
        "requirements": ["greeting"],
        "files": {"data": "/home/pyodide/"},
        "warm_up": "warm_up.py",
        "snapshot": False,
    }
    contents = site.contents()
    (site.directory / "frozen.toml").unlink()
    site.reconfigure("FrozenFSAddon", environments=[tiny], wheelhouse=["wheelhouse"])
    assert site.built().ran == []
    assert site.contents() == contents


def test_the_environment_that_says_so_is_the_default(pair):
    own_config(pair, defaultKernelName="python")
    other = {
        "name": "other",
        "display_name": "Other",
        "requirements": ["greeting"],
        "snapshot": False,
        "default": True,
    }
    pair.reconfigure("FrozenFSAddon", environments=[other])
    assert pair.built().ran == PATCH
    assert pair.default_kernel == "other"
    assert {kernel["name"]: kernel["default"] for kernel in pair.kernels} == {"tiny": False, "other": True}


def test_a_page_is_told_which_kernels_it_must_not_prewarm(pair):
    pair.replace("frozen.toml", "snapshot = false", "snapshot = false\nprewarm = false")
    assert pair.built().ran == PATCH
    assert {kernel["name"]: kernel["prewarm"] for kernel in pair.kernels} == {"tiny": False, "other": True}


def test_the_authors_own_default_stays_where_no_environment_says_so(pair):
    own_config(pair, defaultKernelName="python")
    pair.built()
    assert pair.default_kernel == "python"
    assert not any(kernel["default"] for kernel in pair.kernels)
    assert [kernel["name"] for kernel in pair.kernels] == ["tiny", "other"]


def test_an_environment_that_is_not_declared_any_more_is_no_kernel(pair):
    folder = pair.frozen / "other"
    pair.reconfigure("FrozenFSAddon", environments=[])
    done = pair.built()
    assert done.ran == [*PATCH, "weigh"]
    assert [kernel["name"] for kernel in pair.kernels] == ["tiny"]
    assert f"{folder} is of an environment that is not declared any more" in done.text


@pytest.mark.parametrize("name", ["jupyter-lite.json", "lab/jupyter-lite.ipynb"])
def test_a_service_worker_sees_environments_where_it_keeps_what_it_sees(site, name):
    config = {"jupyter-lite-schema-version": 0, "jupyter-config-data": {"enableServiceWorkerCache": True}}
    notebook = {"cells": [], "metadata": {"jupyter-lite": config}, "nbformat": 4, "nbformat_minor": 5}
    site.write(name, json.dumps(notebook if name.endswith("ipynb") else config))
    done = site.built()
    assert done.ran == ["freeze:tiny", *PATCH, "weigh"]
    [kernel] = site.kernels
    assert kernel["url"] == f"./frozen/tiny/{site.manifest_path().parent.name}/environment.json"
    assert kernel["runtime"] == f"./frozen/runtime/{site.runtime().name}/"
    for former in ("tiny", "runtime"):
        assert f"{site.frozen / former} is of a build that did not use {site.output / 'frozen'}" in done.text
    checked = site.check()
    assert checked.returncode == 0, checked.text


def test_of_the_last_environment_nothing_stays_in_the_configuration(site):
    (site.directory / "frozen.toml").unlink()
    site.built()
    assert site.kernels == []
    assert site.default_kernel == "python"
    assert site.check().ran == []


@pytest.fixture
def beside_stock(site, workshop):
    """Give a site with all labextensions of this machine, and settings for the stock kernel."""

    def build(site):
        site.reconfigure(
            "LiteBuildConfig", disable_addons=[], federated_extensions=[], ignore_sys_prefix=False
        )
        site.reconfigure("PipliteAddon", piplite_urls=["wheelhouse/greeting-1.0-py3-none-any.whl"])
        own_config(site, litePluginSettings={STOCK: {"disablePyPIFallback": True}})
        return site.built()

    return workshop.open("beside-stock", site, build)


def settings_of_both(site):
    stock, ours = site.plugins[STOCK], site.plugins[OURS]
    assert stock["disablePyPIFallback"] is True
    assert "./pypi/all.json" in {url.partition("?")[0] for url in stock["pipliteUrls"]}
    assert [kernel["name"] for kernel in ours["environments"]] == ["tiny"]
    return {STOCK: {**stock, "pipliteUrls": sorted(stock["pipliteUrls"])}, OURS: ours}


def test_the_stock_kernel_beside_ours_keeps_its_settings_and_we_keep_ours(beside_stock):
    site = beside_stock
    first = settings_of_both(site)
    assert site.built().ran == []
    assert settings_of_both(site) == first
    site.write("data/stars.csv", "name,light\nDeneb,2\n")
    assert "freeze:tiny" in site.built().ran
    again = settings_of_both(site)
    assert again[STOCK] == first[STOCK]
    assert again[OURS] != first[OURS]
    checked = site.check()
    assert checked.returncode == 0, checked.text


def test_the_stock_kernel_can_be_disabled(beside_stock):
    site = beside_stock
    own_config(site, disabledExtensions=["@jupyterlite/pyodide-kernel-extension"])
    site.built()
    assert site.config["disabledExtensions"] == ["@jupyterlite/pyodide-kernel-extension"]
    assert site.plugins[OURS]["environments"][0]["name"] == "tiny"
    assert site.default_kernel == "tiny"
    checked = site.check()
    assert checked.returncode == 0, checked.text
