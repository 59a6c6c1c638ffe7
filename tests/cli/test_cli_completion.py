"""The scripts run in the real shells; `.ci/run` installs those that a machine lacks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_frozenfs.app import SUBCOMMANDS

pytestmark = pytest.mark.skipif(os.name == "nt", reason="these shells are not at home on Windows")


@pytest.fixture
def script(frozenfs, tmp_path):
    """The file of a shell's script."""

    def make(shell):
        if shutil.which(shell) is None:
            # A gap must be seen where all is expected to be there.
            (pytest.fail if "FROZENFS_ALL_TOOLS" in os.environ else pytest.skip)(f"{shell} is not installed")
        done = frozenfs("completion", shell)
        assert (done.returncode, done.stderr) == (0, "")
        path = tmp_path / f"completion.{shell}"
        path.write_text(done.stdout)
        return path

    return make


@pytest.fixture
def files(tmp_path):
    (tmp_path / "work/folder").mkdir(parents=True)
    (tmp_path / "work/image.img").write_bytes(b"")
    (tmp_path / "work/two words.img").write_bytes(b"")
    return tmp_path / "work"


@pytest.fixture
def in_bash(script, files):
    path = script("bash")

    def complete(*words, command="jupyter-frozenfs"):
        # bash hands over `--base=a` in three words.
        split = [part for word in words for part in ([*word.partition("=")] if "=" in word else [word])]
        split = [part for part in split[:-1] if part] + split[-1:]
        quoted = " ".join(f"'{word}'" for word in (*command.split(), *split))
        first = command.split()[0]
        lines = [
            f"source '{path}'",
            f"COMP_WORDS=({quoted}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))",
            f"$(complete -p {first} | sed 's/.* -F \\([^ ]*\\) .*/\\1/') 2>/dev/null",
            "printf '%s\\n' \"${COMPREPLY[@]}\"",
        ]
        done = subprocess.run(
            ["bash", "--norc", "-c", "\n".join(lines)], capture_output=True, text=True, check=True, cwd=files
        )
        return done.stdout.splitlines()

    return complete


def test_bash_completes_commands_options_words_and_files(in_bash):
    assert in_bash("") == list(SUBCOMMANDS)
    assert in_bash("ex") == ["extract"]
    assert in_bash("ls", "--") == ["--base=", "--debug", "--long", "--tree", "--json", "--help"]
    assert in_bash("pack", "--par") == ["--part-size="]
    assert in_bash("completion", "") == ["bash", "zsh", "fish"]
    assert in_bash("cat", "i") == ["image.img"]
    assert in_bash("cat", "image.img", "t") == ["two words.img"]
    assert in_bash("ls", "--base=im") == ["image.img"]
    assert sorted(in_bash("ls", "--base=")) == ["folder", "image.img", "two words.img"]
    assert in_bash("build", "--output-dir=") == ["folder"]
    assert in_bash("pack", "--level=") == [""]


def test_bash_completes_behind_jupyter_too_and_leaves_others_alone(in_bash):
    assert in_bash("verif", command="jupyter frozenfs") == ["verify"]
    assert in_bash("ls", "--tr", command="jupyter frozenfs") == ["--tree"]
    assert in_bash("fro", command="jupyter") == ["frozenfs"]


def test_bash_keeps_what_completes_other_commands_of_jupyter(script):
    lines = [
        "_theirs() { COMPREPLY=(theirs); }",
        "complete -F _theirs jupyter",
        f"source '{script('bash')}'",
        f"source '{script('bash')}'",  # once more, as people's rc files do
        "COMP_WORDS=(jupyter lab); COMP_CWORD=1",
        "_jupyter_with_frozenfs",
        "echo ${COMPREPLY[@]}",
    ]
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "theirs\n"


def test_fish_completes_commands_options_words_and_files(script, files):
    path = script("fish")

    def complete(line):
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source '{path}'; complete -C '{line}'"],
            capture_output=True,
            text=True,
            check=True,
            cwd=files,
            env={**os.environ, "HOME": str(files)},
        )
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    for command in ("jupyter-frozenfs", "jupyter frozenfs"):
        assert sorted(complete(f"{command} ")) == sorted(SUBCOMMANDS)
        assert complete(f"{command} ls --tr") == ["--tree"]
        assert complete(f"{command} pack --part-si") == ["--part-size"]
        assert complete(f"{command} completion z") == ["zsh"]
        assert complete(f"{command} cat im") == ["image.img"]
        assert complete(f"{command} ls --base=im") == ["--base=image.img"]
    assert "frozenfs" in complete("jupyter froz")


ZSH = """
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PS1='> '; autoload -U compinit; compinit -u -d {dump}"
zpty -w shell "source {script}; cd {folder}; bindkey '^I' complete-word; setopt no_beep no_list_beep"
zpty -w shell "print ready"
sleep {wait}
zpty -n -w shell $'{line}\\t'
sleep {wait}
zpty -n -w shell $'\\x01print -r -- \\"\\x05\\"\\n'
sleep {wait}
zpty -r shell output
while zpty -rt shell more; do output+=$more; done
print -r -- $output
"""


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("jupyter-frozenfs extr", "jupyter-frozenfs extract"),
        ("jupyter-frozenfs ls --tr", "jupyter-frozenfs ls --tree"),
        ("jupyter-frozenfs pack --part-s", "jupyter-frozenfs pack --part-size"),
        ("jupyter-frozenfs cat im", "jupyter-frozenfs cat image.img"),
        ("jupyter frozenfs ls --base=im", "jupyter frozenfs ls --base=image.img"),
        ("jupyter frozenfs completion f", "jupyter frozenfs completion fish"),
    ],
)
def test_zsh_completes_commands_options_words_and_files(script, files, tmp_path, line, completed):
    path = script("zsh")
    # A terminal is what zsh completes on; a busy machine may need longer for it.
    for wait in (0.5, 2, 8):
        program = ZSH.format(dump=tmp_path / "dump", script=path, folder=files, line=line, wait=wait)
        done = subprocess.run(["zsh", "-f", "-c", program], capture_output=True, text=True, check=False)
        if completed in done.stdout:
            return
        time.sleep(0.1)
    raise AssertionError(done.stdout + done.stderr)


def test_the_scripts_know_every_option_of_every_command(frozenfs):
    for shell, written in (("bash", "--{}"), ("zsh", "--{}"), ("fish", " -l {}")):
        text = frozenfs("completion", shell).stdout
        for command, _ in SUBCOMMANDS.values():
            for option in command.list_options():
                for name in option.names:
                    assert written.format(name) in text or len(name) == 1


def test_a_shell_that_is_not_known_is_answered_with_those_that_are(frozenfs):
    done = frozenfs("completion", "tcsh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no script for 'tcsh'" in done.stderr


def test_completion_needs_no_argument_that_is_a_file(tmp_path):
    """It runs at the start of each shell."""
    root = Path(__file__).parents[2]
    code = "import sys; from jupyter_frozenfs.app import main; sys.argv[1:] = ['completion', 'bash']; main()"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    for heavy in ("requests", "jupyterlite_core", "rich"):
        assert f" {heavy}\n" not in done.stderr
