"""What docs/panel.md shows, run as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_frozenfs.image import pack
from jupyter_frozenfs.panel.disk import Disk
from jupyter_frozenfs.panel.live import Live

PAGE = (Path(__file__).parents[2] / "docs" / "panel.md").read_text(encoding="utf-8")


def test_the_examples(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("work").mkdir()
    Path("work/a.csv").write_text("1,2\n", encoding="utf-8")
    pack("work", "env.img")
    Path("work/new.txt").write_text("new", encoding="utf-8")
    names = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(code, names)  # noqa: S102 - it is our own
    assert capsys.readouterr().out == "['/a.csv']\n['/new.txt']\n"
    names["panel"].selected = "disk:env.img"
    assert capsys.readouterr().out == "disk:env.img\n"
    names["panel"].close()


def test_every_verb_is_named():
    table = PAGE[PAGE.index("| kernel | verbs |") :]
    named = set(re.findall(r"`(\w+)`", table.partition("\n\n")[0]))
    assert named == set(Disk().verbs) | set(Live().verbs)
