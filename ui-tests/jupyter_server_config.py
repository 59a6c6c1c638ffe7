"""A JupyterLab with a server, for the tests of the panel with kernels that run outside of the browser."""

from __future__ import annotations

import os
from pathlib import Path

from jupyterlab.galata import configure_jupyter_server

FOLDER = Path(__file__).parents[1] / "build" / "ui-tests" / "native"
FOLDER.mkdir(parents=True, exist_ok=True)

c = get_config()  # type: ignore[name-defined] # noqa: F821 - traitlets puts it there
configure_jupyter_server(c)
c.Application.log_level = "ERROR"
c.ServerApp.allow_root = True
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = int(os.environ["FROZENFS_NATIVE_PORT"])
c.ServerApp.root_dir = str(FOLDER)
