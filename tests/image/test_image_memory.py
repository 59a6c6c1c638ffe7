"""Memory is bounded, however large the image: measured by the kernel's count, of the real command.

`make test` packs 200 MB, `make soak` and `make bench NAME=pack` 2 GB.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEGABYTES = 2000 if "FROZENFS_SOAK" in os.environ else 200
PROGRAM = """
import atexit, sys
from jupyter_frozenfs.app import main

@atexit.register
def tell():
    with open("/proc/self/status") as status:
        peak = next(line for line in status if line.startswith("VmHWM"))
    sys.stderr.write(peak)

main(sys.argv[1:])
"""


def peak(folder, *arguments):
    """Run the command, and return the mebibytes that it had resident at most."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return int(done.stderr.split()[-2]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says how much it was at most")
@pytest.mark.parametrize("options", [[], ["--plain"], ["--part-size=50MB"]], ids=["packed", "plain", "parts"])
def test_packing_checking_and_unpacking_stay_under_100_mb(tmp_path, options):
    # Holes take no room on the disk; a part of each file is noise, which deflate cannot make smaller.
    (tmp_path / "tree").mkdir()
    for number in range(5):
        with (tmp_path / f"tree/{number}").open("wb") as file:
            file.write(os.urandom(4_000_000))
            file.truncate(MEGABYTES * 200_000)
    assert peak(tmp_path, "pack", "tree", "a.img", *options) < 100
    assert peak(tmp_path, "verify", "a.img") < 100
    assert peak(tmp_path, "extract", "a.img", "out") < 100
    assert (tmp_path / "out/4").stat().st_size == MEGABYTES * 200_000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says how much it was at most")
def test_an_image_from_a_pipe_is_not_held_in_memory(tmp_path):
    with (tmp_path / "large").open("wb") as file:
        file.write(os.urandom(4_000_000))
        file.truncate(MEGABYTES * 1_000_000)
    (tmp_path / "tree").mkdir()
    (tmp_path / "large").rename(tmp_path / "tree/large")
    pack = f"{sys.executable} -m jupyter_frozenfs.app pack --plain tree -"
    command = f"{pack} | {sys.executable} -c '{PROGRAM}' verify -"
    done = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == "-: OK\n"
    assert int(done.stderr.split()[-2]) / 1024 < 100
