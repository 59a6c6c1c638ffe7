from __future__ import annotations

import inspect
import re
from argparse import SUPPRESS

import pytest

from jupyter_frozenfs.kernel import api
from jupyter_frozenfs.kernel.arguments import (
    HelpAsked,
    freeze_parser,
    frozen_parser,
    mount_parser,
    thaw_parser,
    unmount_parser,
)
from jupyter_frozenfs.kernel.errors import UsageError
from jupyter_frozenfs.kernel.python_call import python_call
from jupyter_frozenfs.kernel.store import Store

PARSERS = [freeze_parser, thaw_parser, mount_parser, unmount_parser, frozen_parser]

#: commands that are not about the store
FUNCTIONS = {"mounts": api.mounts, "panel": lambda: None}


def test_all_options_of_a_freeze():
    line = (
        "env.blob --root /home --include '*.py' --include data --exclude 'a b' --include-mounts --layer "
        "--base old --gzip --note 'before lesson 3' --force --download --file /drive/x.blob"
    )
    assert freeze_parser().parse_line(line) == {
        "name": "env.blob",
        "root": "/home",
        "include": ["*.py", "data"],
        "exclude": ["a b"],
        "include_mounts": True,
        "layer": True,
        "base": "old",
        "gzip": True,
        "note": "before lesson 3",
        "force": True,
        "download": True,
        "file": "/drive/x.blob",
    }


def test_all_options_of_a_thaw():
    line = "env.blob --root /home --include a --exclude b --clean --keep-newer --dry-run --rebase --trust"
    assert thaw_parser().parse_line(line) == {
        "source": "env.blob",
        "upload": False,
        "root": "/home",
        "include": ["a"],
        "exclude": ["b"],
        "clean": True,
        "keep_newer": True,
        "dry_run": True,
        "rebase": True,
        "trust": True,
    }


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a.blob /data", {"source": "a.blob", "path": "/data"}),
        ("--writable a.blob /data", {"source": "a.blob", "path": "/data", "writable": True}),
        ("a.blob --root /2026 /data", {"source": "a.blob", "path": "/data", "root": "/2026"}),
        ("--upload /data", {"path": "/data", "upload": True}),
        ("/data --upload", {"path": "/data", "upload": True}),
    ],
)
def test_options_of_a_mount_may_stand_anywhere(line, found):
    assert mount_parser().parse_line(line) == {"root": "/", "writable": False, "upload": False, **found}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", {"all_sites": False}),
        ("--all-sites", {"all_sites": True}),
        ("list", {"command": "list", "all_sites": False}),
        ("list --all-sites", {"command": "list", "all_sites": True}),
        ("info a", {"command": "info", "name": "a", "all_sites": False}),
        ("ls a '*.py'", {"command": "ls", "name": "a", "globs": ["*.py"], "all_sites": False}),
        ("cat a /b", {"command": "cat", "name": "a", "path": "/b", "all_sites": False}),
        ("diff a live", {"command": "diff", "old": "a", "new": "live", "all_sites": False}),
        (
            "rename a b --force",
            {"command": "rename", "name": "a", "new_name": "b", "force": True, "all_sites": False},
        ),
        ("delete a b", {"command": "delete", "names": ["a", "b"], "all_sites": False}),
        ("export a --file f", {"command": "export", "name": "a", "file": "f", "all_sites": False}),
        (
            "import f --name a",
            {
                "command": "import",
                "source": "f",
                "name": "a",
                "upload": False,
                "note": "",
                "force": False,
                "all_sites": False,
            },
        ),
        ("mounts", {"command": "mounts", "all_sites": False}),
        ("verify a", {"command": "verify", "name": "a", "all_sites": False}),
        ("gc --dry-run", {"command": "gc", "dry_run": True, "all_sites": False}),
        ("autoload --off", {"command": "autoload", "off": True, "trust": False, "all_sites": False}),
        (
            "autoload a",
            {"command": "autoload", "name": "a", "off": False, "trust": False, "all_sites": False},
        ),
    ],
)
def test_each_command_and_its_arguments(line, found):
    assert frozen_parser().parse_line(line) == found


@pytest.mark.parametrize(
    ("parser", "function"),
    [
        (freeze_parser, api.freeze),
        (thaw_parser, api.thaw),
        (mount_parser, api.mount),
        (unmount_parser, api.unmount),
    ],
)
def test_a_magic_has_the_options_of_its_function(parser, function):
    options = {action.dest for action in parser()._actions} - {SUPPRESS}
    assert options == set(inspect.signature(function).parameters) - {"progress"}


def test_each_command_has_the_options_of_a_method_of_the_store_or_of_a_function():
    commands = next(action for action in frozen_parser()._actions if action.dest == "command").choices
    for name, command in commands.items():
        options = {action.dest for action in command._actions} - {SUPPRESS, "all_sites"}
        method = FUNCTIONS.get(name) or getattr(Store, {"import": "import_"}.get(name, name))
        assert options == set(inspect.signature(method).parameters) - {"self"}, name


@pytest.mark.parametrize("parser", PARSERS)
def test_an_unknown_option_is_named_with_what_can_be_written(parser):
    line = {mount_parser: "a /b --nope", unmount_parser: "/b --nope"}.get(parser, "--nope")
    with pytest.raises(UsageError, match=r"--nope[\s\S]*usage: %[\s\S]*--help"):
        parser().parse_line(line)


def test_an_argument_that_is_missing_is_named():
    with pytest.raises(UsageError, match=r"PATH[\s\S]*usage: %mount_fs"):
        mount_parser().parse_line("--writable")


def test_an_option_is_not_abbreviated():
    with pytest.raises(UsageError, match="--forc"):
        freeze_parser().parse_line("a --forc")


def test_a_quote_that_is_not_closed_is_an_error():
    with pytest.raises(UsageError, match="No closing quotation"):
        freeze_parser().parse_line("a --note 'x")


@pytest.mark.parametrize("parser", PARSERS)
def test_help_is_text_and_has_every_option(parser):
    with pytest.raises(HelpAsked) as asked:
        parser().parse_line("--help")
    text = str(asked.value)
    for action in parser()._actions:
        assert all(option in text for option in action.option_strings)
    assert max(map(len, text.splitlines())) <= 100


def test_each_command_has_help():
    for name in re.findall(r"(?m)^    (\w+)  ", str(_help(frozen_parser(), "--help"))):
        assert f"%frozen_fs {name}" in str(_help(frozen_parser(), f"{name} --help"))


def _help(parser, line):
    with pytest.raises(HelpAsked) as asked:
        parser.parse_line(line)
    return asked.value


@pytest.mark.parametrize(
    ("magic", "line", "call"),
    [
        ("freeze_fs", "env.blob --layer", "await frozenfs.freeze('env.blob', layer=True)"),
        (
            "thaw_fs",
            "e --include a --include b",
            "await frozenfs.thaw('e', include=['a', 'b'])",
        ),
        ("thaw_fs", "--upload", "await frozenfs.thaw(upload=True)"),
        ("frozen_fs", "", "await frozenfs.images()"),
        ("frozen_fs", "--all-sites", "await frozenfs.images(all_sites=True)"),
        ("frozen_fs", "delete a b", "await frozenfs.Store().delete(names=['a', 'b'])"),
        ("frozen_fs", "import f --name a", "await frozenfs.Store().import_(source='f', name='a')"),
        ("mount_fs", "a /b --writable", "await frozenfs.mount('a', '/b', writable=True)"),
        ("mount_fs", "a /b --root /c", "await frozenfs.mount('a', '/b', root='/c')"),
        ("mount_fs", "/b --upload", "await frozenfs.mount(upload=True, path='/b')"),
        ("unmount_fs", "/b", "await frozenfs.unmount('/b')"),
        ("frozen_fs", "mounts", "await frozenfs.mounts()"),
        ("frozen_fs", "panel", "frozenfs.Panel()"),
        ("freeze_fs", "--nope", "await frozenfs.freeze()"),
    ],
)
def test_a_magic_as_a_python_call(magic, line, call):
    assert python_call(magic, line) == call
