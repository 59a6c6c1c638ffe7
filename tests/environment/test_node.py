from __future__ import annotations

import sys

import pytest

from jupyter_frozenfs.environment import node
from jupyter_frozenfs.environment.node import WarmUpError, run_job
from jupyter_frozenfs.errors import BuildError

HEAD = """
import json, sys
job = json.load(open(sys.argv[1]))
say = lambda **event: print(json.dumps(event), flush=True)
"""


@pytest.fixture
def run(tmp_path, report):
    """Give a function that runs a job in a program that says what the test wants."""

    def start(code):
        script = tmp_path / "job.py"
        script.write_text(f"{HEAD}\n{code}")
        return run_job({"job": "test", "value": "é"}, report, [sys.executable, str(script)])

    return start


def test_a_job_gets_its_data_and_gives_its_result(run):
    assert run('say(event="result", found=job["value"])')["found"] == "é"


def test_progress_and_messages_are_reported(run, report):
    run(
        'say(event="progress", step="compile", done=1, total=3, what="a.py")\n'
        'say(event="progress", step="compile", done=2, total=3)\n'
        'say(event="log", text="hello")\nprint("not json")\nprint("[1]")\nsay(event="result")'
    )
    assert report.done == [(1, 3, "a.py"), (2, 3, "")]
    assert report.texts == ["hello", "not json", "[1]"]


def test_an_error_of_the_authors_python_keeps_its_traceback(run):
    error = 'event="error", kind="python", message="the warm-up raised"'
    trace = "Traceback…\\nZeroDivisionError: division by zero"
    with pytest.raises(WarmUpError, match=r"(?s)the warm-up raised.*ZeroDivisionError: division by zero"):
        run(f'say({error}, traceback="{trace}"); sys.exit(1)')


def test_an_error_of_the_step_is_told_with_its_reason(run):
    with pytest.raises(BuildError, match="The step 'test' failed in Node: no such image") as error:
        run('say(event="error", kind="runtime", message="no such image"); sys.exit(1)')
    assert not isinstance(error.value, WarmUpError)


def test_a_job_that_has_its_result_and_does_not_end_is_ended(run, monkeypatch):
    monkeypatch.setattr(node, "_TIME_TO_END", 0.1)
    assert run('say(event="result", found=1)\nimport time\ntime.sleep(600)')["found"] == 1


def test_a_crash_is_told_with_what_was_said_last(run):
    with pytest.raises(BuildError, match=r"(?s)code 3 and no result.*out of memory"):
        run(
            'print("noise\\n" * 100000, file=sys.stderr)\n'
            'print("out of memory", file=sys.stderr)\nsys.exit(3)'
        )


def test_a_job_without_a_result_is_no_success(run):
    with pytest.raises(BuildError, match=r"code 0 and no result. It said nothing"):
        run("pass")


def test_a_program_that_cannot_be_started_is_named(tmp_path, report):
    with pytest.raises(BuildError, match="no-such-node cannot be started"):
        run_job({}, report, [str(tmp_path / "no-such-node")])


def test_a_report_that_is_interrupted_ends_the_job(run, report):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    report.log = interrupt
    with pytest.raises(KeyboardInterrupt):
        run('say(event="log", text="a")\nimport time\ntime.sleep(60)')
