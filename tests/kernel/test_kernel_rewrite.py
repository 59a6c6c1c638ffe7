from __future__ import annotations

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from jupyter_frozenfs.kernel.rewrite import AwaitMagics

AWAITED = "(await get_ipython().run_line_magic('freeze_fs', 'x'))"


def rewritten(cell):
    lines = TransformerManager().transform_cell(cell).splitlines(keepends=True)
    return "".join(AwaitMagics({"freeze_fs"})(lines))


@pytest.mark.parametrize(
    "cell",
    [
        "%freeze_fs x\n",
        "for i in range(3):\n    %freeze_fs x\n",
        "if True:\n    pass\nelse:\n    while True:\n        %freeze_fs x\n",
        "try:\n    %freeze_fs x\nfinally:\n    pass\n",
        "with open('f') as f:\n    %freeze_fs x\n",
        "async def f():\n    %freeze_fs x\n",
        "def f():\n    async def g():\n        %freeze_fs x\n",
        "done = %freeze_fs x\n",
        "größe = 'ü'; done = get_ipython().run_line_magic('freeze_fs', 'x').size\n",
        "a = [get_ipython().run_line_magic('freeze_fs', 'x') for _ in 'ab']\n",
    ],
)
def test_a_magic_is_awaited_where_python_allows_it(cell):
    source = rewritten(cell)
    assert source.count(AWAITED) == 1
    compile(source, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize(
    "cell",
    [
        "def f():\n    %freeze_fs x\n",
        "class C:\n    %freeze_fs x\n",
        "async def f():\n    def g():\n        %freeze_fs x\n",
        "f = lambda: get_ipython().run_line_magic('freeze_fs', 'x')\n",
        "g = (get_ipython().run_line_magic('freeze_fs', 'x') for _ in 'ab')\n",
    ],
)
def test_a_magic_is_left_alone_where_python_does_not(cell):
    source = rewritten(cell)
    assert "await" not in source
    compile(source, "cell", "exec")


def test_what_is_awaited_already_is_not_awaited_twice():
    source = f"{AWAITED}\n"
    assert rewritten(source) == source


def test_several_magics_in_one_line_are_all_awaited():
    call = "get_ipython().run_line_magic('freeze_fs', 'x')"
    source = rewritten(f"a, b = {call}, {call}\n")
    assert source == f"a, b = {AWAITED}, {AWAITED}\n"


@pytest.mark.parametrize("cell", ["%time 1\n", "freeze_fs = 1\n", "freeze_fs = (\n", "'freeze_fs'\n"])
def test_other_cells_are_not_changed(cell):
    lines = TransformerManager().transform_cell(cell).splitlines(keepends=True)
    assert AwaitMagics({"freeze_fs"})(lines) == lines
