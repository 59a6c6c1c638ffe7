from __future__ import annotations

import shutil
import socket
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from conftest import lock_of, make_core
from wheelmaker import make_wheel, sha256

from jupyter_frozenfs.environment import resolve
from jupyter_frozenfs.environment.lockfile import read_lock
from jupyter_frozenfs.errors import BuildError

#: what the bundle brings, and what it needs
KERNEL = {"comm", "ipykernel", "ipython", "jedi", "micropip", "piplite", "pyodide-kernel"}


def versions(resolution):
    return {package.name: package.version for package in resolution.packages if package.name not in KERNEL}


def package(resolution, name):
    (found,) = (each for each in resolution.packages if each.name == name)
    return found


def refused(declare, options, report, *requirements, **more):
    with pytest.raises(BuildError) as error:
        resolve(declare(*requirements, **more), options, report)
    message = str(error.value)
    # the proxy's address is nobody's business
    assert "127.0.0.1" not in message.replace(urlsplit(options.index_url).netloc, "")
    return message


def test_every_kernel_gets_what_a_kernel_needs(declare, options, report):
    resolution = resolve(declare(), options, report)
    assert {each.name for each in resolution.packages} == KERNEL
    assert package(resolution, "pyodide-kernel").source == "kernel"
    assert package(resolution, "ipython").source == "index"
    assert package(resolution, "comm").asked_by == ("pyodide-kernel", "the kernel")


def test_requirements_come_with_what_they_require_on_this_platform(declare, options, report, server):
    server.add(
        "plots",
        requires=[
            "arrays >=2",
            "browser ; sys_platform == 'emscripten' and platform_machine == 'wasm32'",
            "server ; sys_platform != 'emscripten'",
            "old ; python_version < '3.14'",
            "extra ; extra == 'more'",
        ],
    )
    for name in ("arrays", "browser", "server", "old", "extra"):
        server.add(name, "2.5")
    resolution = resolve(declare("plots"), options, report)
    assert versions(resolution) == {"plots": "1.0", "arrays": "2.5", "browser": "2.5"}
    assert package(resolution, "arrays").asked_by == ("plots",)
    assert package(resolution, "plots").asked_by == ("the environment",)


def test_a_wheel_for_this_platform_is_found_in_an_index(declare, options, report, server):
    tag = "cp314-cp314-pyemscripten_2026_0_wasm32"
    wheel = server.add("fast", "2.0", tag=tag)
    server.add("fast", "2.0", tag="py3-none-any")
    server.add("fast", "3.0", tag="cp314-cp314-manylinux_2_28_x86_64")
    server.add("fast", "2.5", tag="cp313-cp313-pyodide_2025_0_wasm32")
    found = package(resolve(declare("fast"), options, report), "fast")
    assert found.file == wheel.name
    assert found.sha256 == sha256(wheel)
    assert found.url == f"{server.url}/files/{wheel.name}"


def test_an_index_in_html_without_metadata_ranges_or_digests_does_as_well(declare, options, report, server):
    server.style, server.metadata, server.ranges, server.hashes = "html", False, False, False
    server.add("plots", requires=["arrays"])
    wheel = server.add("arrays", "2.0")
    resolution = resolve(declare("plots"), options, report)
    assert package(resolution, "arrays").sha256 == sha256(wheel)


def test_versions_that_want_another_python_are_passed_over(declare, options, report, server):
    server.add("arrays", "1.0", requires_python=">=3.9")
    server.add("arrays", "2.0", requires_python=">=3.15")
    assert versions(resolve(declare("arrays"), options, report)) == {"arrays": "1.0"}


def test_withdrawn_versions_are_passed_over(declare, options, report, server):
    server.add("arrays", "1.0")
    server.yanked[server.add("arrays", "2.0").name] = "broken"
    assert versions(resolve(declare("arrays"), options, report)) == {"arrays": "1.0"}


def test_constraints_hold_only_for_what_is_installed_anyway(declare, options, report, server):
    server.add("arrays", "1.0")
    server.add("arrays", "2.0")
    environment = declare("arrays", constraints=["arrays <2", "unrelated >7"])
    assert versions(resolve(environment, options, report)) == {"arrays": "1.0"}


def test_a_wheelhouse_wins_over_pyodide_which_wins_over_the_index(declare, options, report, server, tmp_path):
    for version in ("1.0", "2.0", "3.0"):
        for name in ("a", "b", "c"):
            server.add(name, version)
    pyodide = make_core(
        tmp_path / "pyodide",
        lock_of(server.directory / "a-2.0-py3-none-any.whl", server.directory / "b-2.0-py3-none-any.whl"),
    )
    for wheel in server.directory.glob("?-2.0-*.whl"):
        shutil.copy(wheel, pyodide)
    wheelhouse = tmp_path / "wheels"
    make_wheel(wheelhouse, "a", "1.0")
    options = replace(options, wheelhouse=(wheelhouse,), pyodide=str(pyodide))
    resolution = resolve(declare("a", "b", "c"), options, report)
    assert {
        each: (package(resolution, each).version, package(resolution, each).source) for each in "abc"
    } == {
        "a": ("1.0", "wheelhouse"),
        "b": ("2.0", "pyodide"),
        "c": ("3.0", "index"),
    }


def test_a_requirement_that_wants_more_than_the_wheelhouse_has_is_met_elsewhere(
    declare, options, report, server, tmp_path
):
    make_wheel(tmp_path / "wheels", "arrays", "1.0")
    make_wheel(tmp_path / "wheels", "other", "1.0")
    server.add("arrays", "2.0")
    server.add("other", "2.0")
    options = replace(options, wheelhouse=(tmp_path / "wheels",))
    found = resolve(declare("arrays >=2", "other"), options, report)
    assert versions(found) == {"arrays": "2.0", "other": "1.0"}


def test_a_wheelhouse_with_everything_needs_no_index(declare, options, report, server, tmp_path):
    for name in ("ipython", "jedi", "micropip", "comm", "arrays"):
        make_wheel(tmp_path / "wheels", name)
    server.faults["/simple/"] = 500
    options = replace(options, wheelhouse=(tmp_path / "wheels",))
    assert versions(resolve(declare("arrays"), options, report)) == {"arrays": "1.0"}
    assert server.requests == []


def test_a_wheelhouse_that_is_not_there_is_told_and_is_no_error(declare, options, report, tmp_path):
    resolve(declare(), replace(options, wheelhouse=(tmp_path / "nowhere",)), report)
    assert f"There is no wheelhouse {tmp_path / 'nowhere'}" in report.text


def test_the_wheels_of_the_kernel_win_over_all_others(declare, options, report, server, tmp_path):
    make_wheel(tmp_path / "wheels", "ipykernel", "7.0", requires=["pyzmq"])
    server.add("ipykernel", "8.0", requires=["pyzmq"])
    options = replace(options, wheelhouse=(tmp_path / "wheels",))
    resolution = resolve(declare("ipykernel"), options, report)
    assert package(resolution, "ipykernel").source == "kernel"
    assert package(resolution, "ipykernel").asked_by == ("the environment", "the kernel")


def test_a_local_wheel_is_locked_by_its_path_from_the_project(declare, options, report):
    wheel = make_wheel(declare.directory / "wheels", "mine", "1.2")
    resolution = resolve(declare(f"wheels/{wheel.name}"), options, report)
    found = package(resolution, "mine")
    assert (found.source, found.path, found.url) == ("path", f"wheels/{wheel.name}", "")


def test_a_wheel_by_its_address_is_locked_with_it(declare, options, report, server):
    wheel = server.add("mine", "1.2")
    resolution = resolve(
        declare(f"mine @ {server.url}/files/{wheel.name}#sha256={sha256(wheel)}"), options, report
    )
    found = package(resolution, "mine")
    assert (found.source, found.url) == ("url", f"{server.url}/files/{wheel.name}")
    assert found.sha256 == sha256(wheel)


def test_a_wheel_of_the_wheelhouse_that_pyodide_has_too_is_locked_with_its_address(
    declare, options, report, server, tmp_path
):
    wheel = make_wheel(tmp_path / "wheels", "arrays")
    pyodide = make_core(tmp_path / "pyodide", lock_of(wheel))
    options = replace(options, wheelhouse=(wheel.parent,), pyodide=str(pyodide))
    found = package(resolve(declare("arrays"), options, report), "arrays")
    assert found.source == "wheelhouse"
    assert found.url.endswith(f"/{wheel.name}")


def test_a_lock_names_no_path_of_this_machine(declare, options, report, tmp_path):
    wheel = make_wheel(tmp_path / "elsewhere", "mine")
    resolve(declare(f"../elsewhere/{wheel.name}"), options, report)
    text = (declare.directory / "frozen-course.lock").read_text()
    assert str(tmp_path) not in text
    assert f'path = "../elsewhere/{wheel.name}"' in text


# --- the lock, the next time ---


def test_an_unchanged_declaration_is_not_resolved_again(declare, options, report, server):
    server.add("arrays", "1.0")
    first = resolve(declare("arrays"), options, report)
    server.add("arrays", "2.0")
    server.requests.clear()
    assert resolve(declare("arrays"), options, report) == first
    assert server.requests == []


def test_a_changed_declaration_keeps_the_versions_that_still_fit(declare, options, report, server):
    server.add("arrays", "1.0")
    resolve(declare("arrays"), options, report)
    server.add("arrays", "2.0")
    server.add("plots", "1.0")
    assert versions(resolve(declare("arrays", "plots"), options, report)) == {"arrays": "1.0", "plots": "1.0"}


def test_a_requirement_file_and_a_local_wheel_are_part_of_the_declaration(declare, options, report, server):
    server.add("arrays", "1.0")
    server.add("plots", "1.0")
    (declare.directory / "requirements.txt").write_text("arrays\n")
    make_wheel(declare.directory, "mine", files={"mine.py": "a = 1"})
    environment = declare("-r requirements.txt", "mine-1.0-py3-none-any.whl")
    first = resolve(environment, options, report)
    (declare.directory / "requirements.txt").write_text("plots\n")
    second = resolve(environment, options, report)
    assert versions(second) == {"plots": "1.0", "mine": "1.0"}
    make_wheel(declare.directory, "mine", files={"mine.py": "a = 2"})
    third = resolve(environment, options, report)
    assert package(third, "mine").sha256 != package(first, "mine").sha256


def test_an_upgrade_takes_the_newest_versions(declare, options, report, server):
    server.add("arrays", "1.0")
    resolve(declare("arrays"), options, report)
    server.add("arrays", "2.0")
    found = resolve(declare("arrays"), replace(options, upgrade=True), report)
    assert versions(found) == {"arrays": "2.0"}
    assert read_lock(declare.directory / "frozen-course.lock", "course") == found


def test_the_lock_can_be_elsewhere(declare, options, report, tmp_path):
    resolve(declare(), replace(options, lock_dir=tmp_path / "locks"), report)
    assert (tmp_path / "locks" / "frozen-course.lock").is_file()


# --- bad input and bad days ---


def test_a_package_that_does_not_exist_is_named_with_who_asks(declare, options, report, server):
    server.add("plots", requires=["nunpy >=2"])
    message = refused(declare, options, report, "plots")
    assert "There is no package 'nunpy' in any source" in message
    assert "plots 1.0 (nunpy>=2)" in message


def test_a_requirement_that_does_not_exist_is_named_with_its_file(declare, options, report):
    (declare.directory / "requirements.txt").write_text("\nnunpy\n")
    message = refused(declare, options, report, "-r requirements.txt")
    assert "There is no package 'nunpy'" in message
    assert "requirements.txt, line 2 (nunpy)" in message


def test_a_package_without_a_wheel_for_this_platform_is_named_with_the_tags_that_were_found(
    declare, options, report, server
):
    server.add("plots", requires=["torch"])
    tags = ["cp314-cp314-manylinux_2_28_x86_64", "cp314-cp314-win_amd64", "cp313-cp313-pyodide_2025_0_wasm32"]
    for tag in [*tags, *(f"cp3{minor}-cp3{minor}-macosx_11_0_arm64" for minor in range(10, 20))]:
        server.add("torch", "2.9", tag=tag)
    message = refused(declare, options, report, "plots")
    assert "torch has no wheel for this platform" in message
    assert "plots 1.0 (torch)" in message
    assert all(tag in message for tag in tags)
    assert "and 7 more" in message
    assert "expected cp314-cp314-pyemscripten_2026_0_wasm32 or py3-none-any" in message
    assert "pyodide build" in message


def test_a_package_with_sources_only_is_told_as_such(declare, options, report, server):
    (server.directory / "old-1.0.tar.gz").write_bytes(b"")
    message = refused(declare, options, report, "old")
    assert "old has no wheels at all, only old-1.0.tar.gz" in message
    assert "asked for by the environment (old)" in message


def test_a_version_that_only_other_platforms_have_is_told_as_such(declare, options, report, server):
    server.add("arrays", "1.0")
    server.add("arrays", "2.0", tag="cp314-cp314-manylinux_2_28_x86_64")
    message = refused(declare, options, report, "arrays >=2")
    assert "arrays 2.0 has no wheel for this platform (asked for by the environment (arrays>=2))" in message
    assert "Found: cp314-cp314-manylinux_2_28_x86_64; the newest version that has one is 1.0" in message
    assert "uv explains" in message


def test_requirements_that_contradict_each_other_are_explained(declare, options, report, server):
    server.add("arrays", "1.0")
    server.add("arrays", "2.0")
    server.add("plots", requires=["arrays <2"])
    message = refused(declare, options, report, "plots", "arrays >=2")
    assert "contradict each other" in message
    assert "plots" in message
    assert "arrays<2" in message.replace(" ", "")


def test_an_index_that_does_not_answer_is_told_with_address_reason_and_a_way_out(
    declare, options, report, server
):
    server.faults["/simple/arrays"] = "hang"
    message = refused(declare, replace(options, timeout=0.2), report, "arrays")
    assert f"{server.simple}arrays/ did not answer within 0.2 seconds" in message
    assert "`wheelhouse`" in message
    assert "arrays may be where no answer came from" in message


def test_an_index_that_is_not_there_is_told_once_for_all_packages(declare, options, report):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    message = refused(
        declare, replace(options, index_url=f"http://127.0.0.1:{port}/simple/"), report, "arrays"
    )
    assert message.count("refused the connection") == 1


def test_an_index_with_a_fault_of_its_own_is_told_with_the_status(declare, options, report, server):
    server.faults["/simple/arrays"] = 503
    message = refused(declare, options, report, "arrays")
    assert f"{server.simple}arrays/ answered 503" in message


def test_metadata_that_cannot_be_had_are_told_with_their_address(declare, options, report, server):
    wheel = server.add("arrays")
    server.faults[f"/files/{wheel.name}"] = 500
    message = refused(declare, options, report, "arrays")
    assert f"/files/{wheel.name}" in message
    assert "answered 500" in message


def test_pyodides_server_out_of_reach_leads_to_the_index(declare, options, report, server, tmp_path):
    wheel = server.add("arrays", "1.0")
    make_core(tmp_path / "static", lock_of(wheel))
    for path in (tmp_path / "static").iterdir():
        server.extra[f"/pyodide/{path.name}"] = path.read_bytes()
    server.faults[f"/pyodide/{wheel.name}"] = 500
    found = package(
        resolve(declare("arrays"), replace(options, pyodide=f"{server.url}/pyodide/"), report), "arrays"
    )
    assert found.source == "index"


def test_a_wheel_that_only_pyodides_server_has_is_told_when_it_is_out_of_reach(
    declare, options, report, server, tmp_path
):
    wheel = make_wheel(tmp_path, "arrays")
    make_core(tmp_path / "static", lock_of(wheel))
    for path in (tmp_path / "static").iterdir():
        server.extra[f"/pyodide/{path.name}"] = path.read_bytes()
    server.faults[f"/pyodide/{wheel.name}"] = 500
    message = refused(declare, replace(options, pyodide=f"{server.url}/pyodide/"), report, "arrays")
    assert f"{server.url}/pyodide/{wheel.name} answered 500" in message
    assert "`wheelhouse`" in message


def test_a_wheel_by_its_address_with_another_digest_is_refused(declare, options, report, server):
    wheel = server.add("mine")
    message = refused(declare, options, report, f"mine @ {server.url}/files/{wheel.name}#sha256={'0' * 64}")
    assert f"expected {'0' * 64}" in message
    assert sha256(wheel) in message


def test_a_library_outside_of_wheels_is_told(declare, options, report, server, tmp_path):
    wheel = make_wheel(tmp_path / "wheels", "spice")
    packages = lock_of(wheel, depends={"spice": ["libspice"]})
    packages["libspice"] = {
        "name": "libspice",
        "version": "1",
        "file_name": "libspice-1.zip",
        "sha256": "0" * 64,
        "depends": [],
    }
    options = replace(
        options, wheelhouse=(tmp_path / "wheels",), pyodide=str(make_core(tmp_path / "pyodide", packages))
    )
    resolve(declare("spice"), options, report)
    assert "spice needs libspice" in report.text


def test_the_variables_of_uv_do_not_reach_the_resolver(declare, options, report, server, monkeypatch):
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2001-01-01")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server.add("arrays")
    assert versions(resolve(declare("arrays"), options, report)) == {"arrays": "1.0"}
