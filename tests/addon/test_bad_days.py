"""What is declared wrongly ends a build with a message that helps, and leaves the site as it was."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.build


@pytest.fixture
def refuse(site):
    """Give a function that builds, expects a message, and finds the site as it was."""
    contents = site.contents()

    def build(*messages):
        done = site.build()
        assert done.returncode != 0
        for message in messages:
            assert message in done.text
        assert 'File "' not in done.text.replace('File "warm_up.py"', ""), "our insides are nobody's business"
        assert site.contents() == contents
        return done

    return build


def test_two_environments_of_one_name(site, refuse):
    site.reconfigure("FrozenFSAddon", environments=[{"name": "tiny"}])
    done = refuse("Two environments are called 'tiny'", "Give one of the two another name.")
    assert done.ran == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("display_name", "displayname", "has an unknown key 'displayname'. Did you mean 'display_name'?"),
        ("wheelhouse =", "wheelhous =", "[build] has an unknown key 'wheelhous'. Did you mean 'wheelhouse'?"),
        ("[build]", "[build", "is not TOML"),
        ("environment.tiny", "environment.runtime", "the site needs a folder of this name"),
        ("warm_up.py", "warmup.py", "warmup.py, which does not exist. Correct the path."),
        ('"greeting"', '"-r wishes.txt"', "wishes.txt"),
        ('"data"', '"dat"', "dat, which does not exist. Correct the path"),
        ('"data"', '"../.."', "'../..', which leaves"),
        ('"/home/pyodide/"', '"/home/pyodide/../../lib/"', "which leaves its folder or has a backslash"),
    ],
)
def test_a_declaration_that_makes_no_sense(site, refuse, old, new, message):
    site.replace("frozen.toml", old, new)
    assert refuse(message).ran in ([], ["declaration"]), "before anything is resolved"


def test_a_package_that_does_not_exist(site, refuse):
    site.replace("frozen.toml", '"greeting"', '"greeting-that-nobody-wrote"')
    done = refuse("greeting-that-nobody-wrote")
    assert done.ran == ["resolve:tiny"]


def test_a_warm_up_that_raises_shows_its_traceback(site, refuse):
    site.write("warm_up.py", "def light(star):\n    return star / 0\n\n\nlight(1)\n")
    done = refuse(
        'File "warm_up.py", line 5', 'File "warm_up.py", line 2', "ZeroDivisionError: division by zero"
    )
    assert done.ran == ["freeze:tiny"]


def test_a_damaged_lock_file(site, refuse):
    site.write("frozen-tiny.lock", "version = 1\npackage = 3\n")
    refuse("frozen-tiny.lock")


@pytest.mark.parametrize(
    ("traits", "message"),
    [
        ({"keep": 0}, "'keep' trait"),
        ({"part_size": "large"}, "'part_size' trait"),
        ({"environments": {"tiny": {}}}, "'environments' trait"),
    ],
)
def test_a_configuration_of_the_wrong_kind(site, refuse, traits, message):
    site.reconfigure("FrozenFSAddon", **traits)
    assert refuse("jupyter_lite_config.json", message, "Correct this value.").ran == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [('{ "jupyter-config-data": ', "is not JSON"), ("[]", "holds list, expected an object")],
)
def test_a_configuration_of_jupyterlite_that_cannot_be_read_is_named(new_site, text, problem):
    path = new_site.write("jupyter-lite.json", text)
    done = new_site.build()
    assert done.returncode != 0
    assert f"{path} {problem}" in done.text
    assert "Traceback" not in done.text
