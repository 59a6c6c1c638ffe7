"""`jupyter frozenfs pack` and `extract` against `tar`, with the same level of compression.

    python bench/pack.py [WORK] [--runs 5] [--large 2000]

The tree is what this Python has installed: packages by their names, up to 10,000 files. Both programs run as
people run them, start included; the image is written with its index, checksums and SHA-256, and synced to the
disk, of which tar does nothing. Memory is that of packing and unpacking `--large` megabytes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[1]
FROZENFS = [sys.executable, "-m", "jupyter_frozenfs.app"]
LEVEL = 6
MOST_FILES, MOST_BYTES = 10_000, 200_000_000
#: Megabytes that packing 2 GB may take.
MEMORY_TARGET = 100

#: Runs the command line, then says how much memory it took at most: bytes resident, by the kernel's count.
MEASURED = """
import atexit, resource, sys
from jupyter_frozenfs.app import main

@atexit.register
def tell():
    unit = 1 if sys.platform == "darwin" else 1024
    try:
        with open("/proc/self/status") as status:
            peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    with open(sys.argv[1], "w") as out:
        out.write(str(peak))

main(sys.argv[2:])
"""


def make_tree(target: Path) -> None:
    """Copy installed packages, whole, in the order of their names."""
    if target.exists():
        return
    files = size = 0
    draft = target.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    for package in sorted(Path(sysconfig.get_path("purelib")).iterdir()):
        found = [path for path in package.rglob("*") if path.is_file()]
        weight = sum(path.stat().st_size for path in found)
        if not found or size + weight > MOST_BYTES or files >= MOST_FILES:
            continue
        shutil.copytree(package, draft / package.name, symlinks=True)
        files, size = files + len(found), size + weight
    draft.rename(target)


def make_large(tree: Path, target: Path, megabytes: int) -> None:
    """Make a tree of 20,000 files, of bytes that compress as packages do."""
    if target.exists():
        return
    draft = target.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    size = megabytes * 1_000_000 // 20_000
    with subprocess.Popen(["tar", "-cf", "-", "-C", tree, "."], stdout=subprocess.PIPE) as tar:
        data = tar.stdout.read(50_000_000) if tar.stdout else b""
    for number in range(20_000):
        folder, name = divmod(number, 1000)
        if name == 0:
            (draft / f"{folder:02}").mkdir()
        start = number * size % (len(data) - size)
        (draft / f"{folder:02}/{name:03}").write_bytes(data[start : start + size])
    draft.rename(target)


def timed(command: Sequence[str | Path], target: Path) -> float:
    """Run a command that makes `target`, and return seconds."""
    shutil.rmtree(target, ignore_errors=True)
    target.unlink(missing_ok=True)
    if command[0] == "tar" and "-C" in command and command[-1] == target:
        target.mkdir()
    os.sync()  # what was written before is not to be paid for now
    started = time.perf_counter()
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    return time.perf_counter() - started


def peak_megabytes(work: Path, *arguments: str | Path) -> float:
    """Run the command line, and return what it took of memory at most."""
    said = work / "peak"
    subprocess.run(
        [sys.executable, "-c", MEASURED, said, *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return int(said.read_text()) / 1e6


def table(rows: Sequence[Sequence[object]]) -> None:
    """Print rows of cells in aligned columns; the first row is the head."""
    text = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*text, strict=True)]
    for number, row in enumerate(text):
        cells = [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells))
        if number == 0:
            print("  ".join("-" * width for width in widths))


def compared(work: Path, runs: int) -> dict[str, dict[str, list[float]]]:
    """Time ours and theirs in turns, so that a busy moment of the machine hits both."""
    tree, out = work / "tree", work / "out"
    packed, plain = (work / "packed.img", work / "packed.tgz"), (work / "plain.img", work / "plain.tar")
    gzip = f"--use-compress-program=gzip -{LEVEL}"
    steps: dict[str, tuple[tuple[Sequence[str | Path], Path], ...]] = {
        "pack": (
            ([*FROZENFS, "pack", f"--level={LEVEL}", tree, packed[0]], packed[0]),
            (["tar", gzip, "-cf", packed[1], "-C", tree, "."], packed[1]),
        ),
        "extract": (
            ([*FROZENFS, "extract", packed[0], out], out),
            (["tar", "-xzf", packed[1], "-C", out], out),
        ),
        "pack, not compressed": (
            ([*FROZENFS, "pack", "--plain", tree, plain[0]], plain[0]),
            (["tar", "-cf", plain[1], "-C", tree, "."], plain[1]),
        ),
        "extract, not compressed": (
            ([*FROZENFS, "extract", plain[0], out], out),
            (["tar", "-xf", plain[1], "-C", out], out),
        ),
    }
    seconds: dict[str, dict[str, list[float]]] = {step: {"frozenfs": [], "tar": []} for step in steps}
    for run in range(runs):
        for step, commands in steps.items():
            for who, (command, target) in zip(("frozenfs", "tar"), commands, strict=True):
                seconds[step][who].append(timed(command, target))
            ours, theirs = seconds[step]["frozenfs"][-1], seconds[step]["tar"][-1]
            print(f"run {run + 1}/{runs} {step}: {ours:.2f} s, tar {theirs:.2f} s", file=sys.stderr)
    return seconds


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", nargs="?", type=Path, default=ROOT / "build/bench-pack")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--large", type=int, default=2000, help="megabytes of the tree whose memory is measured"
    )
    arguments = parser.parse_args()
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    make_tree(work / "tree")
    files = [path.stat().st_size for path in (work / "tree").rglob("*") if path.is_file()]
    print(
        f"{len(files):,} files, {sum(files) / 1e6:.0f} MB, gzip level {LEVEL}, {os.cpu_count()} processors\n"
    )

    seconds = compared(work, arguments.runs)
    sizes = {
        name: (work / name).stat().st_size for name in ("packed.img", "packed.tgz", "plain.img", "plain.tar")
    }
    large = work / f"large-{arguments.large}"
    make_large(work / "tree", large, arguments.large)
    shutil.rmtree(work / "out", ignore_errors=True)
    (work / "large.img").unlink(missing_ok=True)
    memory = {
        "pack": peak_megabytes(work, "pack", large, work / "large.img"),
        "verify": peak_megabytes(work, "verify", work / "large.img"),
        "extract": peak_megabytes(work, "extract", work / "large.img", work / "out"),
    }
    for path in (large, work / "out"):
        shutil.rmtree(path)
    (work / "large.img").unlink()

    middle: Callable[[str, str], float] = lambda step, who: statistics.median(seconds[step][who])  # noqa: E731
    table(
        [
            ["", "frozenfs s", "tar s", "ratio"],
            *(
                [
                    step,
                    f"{middle(step, 'frozenfs'):.2f}",
                    f"{middle(step, 'tar'):.2f}",
                    f"{ratio(seconds[step]):.2f}",
                ]
                for step in seconds
            ),
        ]
    )
    print()
    table(
        [
            [f"{arguments.large / 1000:g} GB", "peak MB"],
            *([step, f"{megabytes:.0f}"] for step, megabytes in memory.items()),
        ]
    )
    ratios = {
        **{step.replace(", not compressed", "_plain"): ratio(both) for step, both in seconds.items()},
        "size": sizes["packed.img"] / sizes["packed.tgz"],
        "size_plain": sizes["plain.img"] / sizes["plain.tar"],
        f"memory_{arguments.large / 1000:g}gb": memory["pack"] / MEMORY_TARGET,
    }
    print()
    table(
        [
            ["ratio (ours / theirs, memory: of 100 MB)", "value"],
            *([key, f"{value:.3f}"] for key, value in ratios.items()),
        ]
    )
    results = ROOT / "bench/results"
    results.mkdir(exist_ok=True)
    result = {
        "ratios": ratios,
        "seconds": seconds,
        "sizes": sizes,
        f"memory_{arguments.large / 1000:g}gb": memory,
    }
    (results / "pack.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def ratio(both: dict[str, list[float]]) -> float:
    """Compare medians."""
    return statistics.median(both["frozenfs"]) / statistics.median(both["tar"])


if __name__ == "__main__":
    main()
