"""From what an author declares to a frozen environment, on the machine that builds a site.

``declare → resolve → install → compile → warm up → gather → write``; each step can be called alone.
"""

from __future__ import annotations

from .build import build_environment
from .declare import Declaration, Environment, environment_from_mapping, load_declaration, load_environments
from .freeze import FrozenEnvironment, freeze_environment, write_runtime
from .install import install
from .lockfile import Package, Resolution
from .options import BuildOptions, options_from_mapping
from .report import PlainReport, Report, SilentReport, terminal_report
from .resolve import resolve

__all__ = [
    "BuildOptions",
    "Declaration",
    "Environment",
    "FrozenEnvironment",
    "Package",
    "PlainReport",
    "Report",
    "Resolution",
    "SilentReport",
    "build_environment",
    "environment_from_mapping",
    "freeze_environment",
    "install",
    "load_declaration",
    "load_environments",
    "options_from_mapping",
    "resolve",
    "terminal_report",
    "write_runtime",
]
