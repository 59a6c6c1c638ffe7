from __future__ import annotations

import pytest
from packaging.utils import parse_wheel_filename

from jupyter_frozenfs.environment.tags import Platform

PYTHON_314 = Platform("3.14.2", "2026_0")


def rank(platform, tag):
    return platform.rank(parse_wheel_filename(f"a-1.0-{tag}.whl")[3])


@pytest.mark.parametrize(
    "tag",
    [
        "py3-none-any",
        "py2.py3-none-any",
        "py314-none-any",
        "cp314-none-any",
        "cp314-cp314-pyemscripten_2026_0_wasm32",
        "cp39-abi3-pyemscripten_2026_0_wasm32",
        "cp314-abi3-pyemscripten_2026_0_wasm32",
        "py3-none-pyemscripten_2026_0_wasm32",
    ],
)
def test_this_platform_takes(tag):
    assert rank(PYTHON_314, tag) is not None


@pytest.mark.parametrize(
    "tag",
    [
        "py2-none-any",
        "cp313-cp313-pyemscripten_2026_0_wasm32",
        "cp314-cp314-pyodide_2025_0_wasm32",
        "cp314-cp314-pyemscripten_2026_1_wasm32",
        "cp314-cp314t-pyemscripten_2026_0_wasm32",
        "cp315-abi3-pyemscripten_2026_0_wasm32",
        "cp314-cp314-manylinux_2_28_x86_64",
        "cp314-cp314-macosx_11_0_arm64",
        "cp314-cp314-win_amd64",
    ],
)
def test_this_platform_does_not_take(tag):
    assert rank(PYTHON_314, tag) is None


def test_a_compiled_wheel_is_better_than_a_pure_one():
    assert rank(PYTHON_314, "cp314-cp314-pyemscripten_2026_0_wasm32") < rank(PYTHON_314, "py3-none-any")


def test_before_python_3_14_the_platform_is_called_pyodide():
    assert Platform("3.13.2", "2025_0").tag == "pyodide_2025_0_wasm32"
