"""What a notebook sees: `%freeze_fs`, `%thaw_fs`, `%mount_fs`, `%frozen_fs`, and the same as functions.

In a browser all work is done by `frozenfs.mjs`, which is loaded when it is first needed; on other kernels
`jupyter_frozenfs.image` packs and extracts directories. Importing this package imports neither.
"""
