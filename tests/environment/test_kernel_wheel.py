from __future__ import annotations

import subprocess
import sys
import zipfile

from packaging.utils import parse_wheel_filename

from jupyter_frozenfs import __version__
from jupyter_frozenfs.environment.kernel_wheel import KERNEL_WHEEL, kernel_wheel, write_kernel_wheel


def test_the_wheel_of_kernels_is_the_same_each_time():
    assert kernel_wheel() == kernel_wheel()


def test_its_name_says_what_it_is():
    name, version, _, tags = parse_wheel_filename(KERNEL_WHEEL)
    assert (name, str(version)) == ("jupyter-frozenfs", __version__)
    assert [str(tag) for tag in tags] == ["py3-none-any"]


def test_it_installs_with_pip_and_works_by_itself(tmp_path):
    wheel = tmp_path / KERNEL_WHEEL
    write_kernel_wheel(wheel)
    target = tmp_path / "target"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--target", str(target)]
    subprocess.run([*pip, str(wheel)], check=True)
    # neither this source tree nor what it depends on is there
    check = (
        "import sys; sys.path.insert(0, sys.argv[1]); import jupyter_frozenfs.kernel.magics, "
        "jupyter_frozenfs.image, jupyter_frozenfs.panel.live, jupyter_frozenfs.panel.disk; "
        "print(jupyter_frozenfs.__version__, jupyter_frozenfs.__file__)"
    )
    command = [sys.executable, "-ISc", check, str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [__version__, str(target / "jupyter_frozenfs" / "__init__.py")]


def test_it_holds_the_bundle_and_nothing_of_a_build(tmp_path):
    write_kernel_wheel(tmp_path / KERNEL_WHEEL)
    with zipfile.ZipFile(tmp_path / KERNEL_WHEEL) as wheel:
        names = wheel.namelist()
    assert "jupyter_frozenfs/bundle/frozenfs.mjs" in names
    assert not [name for name in names if "environment" in name or "addon" in name or "build.mjs" in name]


def test_the_wheel_of_another_release_goes_from_an_index(tmp_path):
    old = tmp_path / "jupyter_frozenfs-0.0.1-py3-none-any.whl"
    other = tmp_path / "another-1.0-py3-none-any.whl"
    for path in (old, other):
        path.write_bytes(b"wheel")
    write_kernel_wheel(tmp_path / KERNEL_WHEEL)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([other.name, KERNEL_WHEEL])
