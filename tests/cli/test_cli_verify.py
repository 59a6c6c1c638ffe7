from __future__ import annotations

import pytest


def test_verify_says_which_images_are_whole_and_fails_when_one_is_not(frozenfs, vectors):
    good, bad = vectors / "boot.packed.img", vectors / "damaged/chunk-byte.img"
    assert frozenfs("verify", good).stdout == f"{good}: OK\n"
    done = frozenfs("verify", bad, good)
    assert done.returncode == 1
    assert done.stdout == f"{bad}: DAMAGED\n{good}: OK\n"
    assert f"jupyter frozenfs: {bad}: chunk 0 is damaged" in done.stderr


@pytest.mark.parametrize("name", ["text", "gzip", "truncated", "gzip-crc", "padding", "order", "spaces"])
def test_what_is_no_canonical_image_is_damaged(frozenfs, vectors, name):
    assert frozenfs("verify", vectors / f"damaged/{name}.img").returncode == 1


def test_what_could_not_be_checked_is_not_called_damaged(frozenfs, vectors):
    newer, bad = vectors / "damaged/version.img", vectors / "damaged/text.img"
    done = frozenfs("verify", "none.img", newer, bad)
    assert done.returncode == 2
    assert done.stdout == f"none.img: NOT CHECKED\n{newer}: NOT CHECKED\n{bad}: DAMAGED\n"
    assert "none.img cannot be read: No such file" in done.stderr
    assert "a newer jupyter-frozenfs may read it" in done.stderr


def test_standard_input_is_verified(piped, vectors):
    data = (vectors / "chunks.packed.img").read_bytes()
    assert piped("verify", "-", input=data).stdout == b"-: OK\n"
    assert piped("verify", "-", input=data[:-1]).returncode == 1


def test_an_environment_is_verified_with_all_its_files(frozenfs, environment):
    assert frozenfs("verify", environment).stdout == f"{environment}: OK\n"
    start = environment / "start.img"
    start.write_bytes(start.read_bytes()[::-1])
    done = frozenfs("verify", environment)
    assert (done.returncode, done.stdout) == (1, f"{environment}: DAMAGED\n")
    assert "start.img is damaged" in done.stderr


def test_an_environment_is_verified_with_the_runtime_that_has_its_libraries(frozenfs, awake):
    assert frozenfs("verify", awake).stdout == f"{awake}: OK\n"
    linked = awake / "linked.wasm"
    linked.write_bytes(linked.read_bytes()[::-1])
    done = frozenfs("verify", awake)
    assert (done.returncode, done.stdout) == (1, f"{awake}: DAMAGED\n")
    assert "linked.wasm is damaged" in done.stderr


def test_a_missing_part_is_damage(frozenfs, environment):
    (environment / "image.img.002").unlink()
    done = frozenfs("verify", environment / "image.img.000")
    assert done.returncode == 1
    assert "the image is truncated" in done.stderr
