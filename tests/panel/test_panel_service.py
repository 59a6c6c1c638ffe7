from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

import pytest

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.kernel import events
from jupyter_frozenfs.kernel.errors import CancelledError, DangerousError
from jupyter_frozenfs.kernel.mount_results import Mount, Mounts
from jupyter_frozenfs.panel.service import Answer, Service

REQUEST = ContextVar("REQUEST", default="none")


async def until(condition):
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    pytest.fail("nothing happened")


class Threads:
    """Verbs of a native kernel."""

    def __init__(self):
        self.go = threading.Event()

    @property
    def verbs(self):
        return {name: getattr(self, name) for name in ("add", "give", "fail", "sleep", "count", "seen")}

    def cancel(self, _id):
        return False

    def add(self, _work, a, b=1):
        return a + b

    def give(self, _work):
        return Answer({"size": 3}, [b"abc"])

    def fail(self, _work, what):
        raise {
            "image": ImageError("env.img is damaged\nchunk 7"),
            "danger": DangerousError("It runs by itself.", [("/a.pth", "is read")]),
            "fault": ZeroDivisionError("division by zero"),
        }[what]

    def sleep(self, work):
        while not self.go.wait(0.01):
            work.check()
        return "slept"

    def count(self, work):
        for number in range(1000):
            work.progress(files=number, total_files=1000, done=number * 10, total=10_000)
        return 1000

    def seen(self, _work):
        return REQUEST.get()


class Tasks:
    """Verbs of a kernel in a browser."""

    def __init__(self):
        self.undone = []

    @property
    def verbs(self):
        return {"sleep": self.sleep, "undo": self.undo}

    def cancel(self, id_):
        if id_ not in self.undone:
            return False
        self.undone.remove(id_)
        return True

    async def sleep(self, _work, seconds):
        await asyncio.sleep(seconds)
        return seconds

    async def undo(self, work):
        self.undone.append(work.id)
        await until(lambda: work.id not in self.undone)
        raise CancelledError("It was undone.")


def test_a_request_is_answered_with_its_id(new_page):
    page = new_page(Threads())
    assert page.ask("add", a=1, b=2) == 3
    assert page.ask("add", a=1) == 2
    assert page.ask("give") == ({"size": 3}, [b"abc"])


def test_requests_are_answered_while_another_runs(new_page):
    verbs = Threads()
    page = new_page(verbs)
    slow = page.send("sleep")
    assert page.ask("add", a=1) == 2
    verbs.go.set()
    assert page.answer(slow)[0]["value"] == "slept"


def test_cancel_ends_a_request_and_no_other(new_page):
    verbs = Threads()
    page = new_page(verbs)
    one, other = page.send("sleep"), page.send("sleep")
    page.cancel(one)
    page.cancel("nobody")
    assert page.answer(one)[0]["error"]["type"] == "CancelledError"
    verbs.go.set()
    assert page.answer(other)[0]["kind"] == "result"


def test_amounts_are_told_but_not_each(new_page):
    page = new_page(Threads())
    assert page.ask("count") == 1000
    amounts = [message["amount"] for message, _ in page.messages if message["kind"] == "progress"]
    assert amounts[0] == {"files": 0, "totalFiles": 1000, "bytes": 0, "totalBytes": 10_000}
    assert len(amounts) < 1000


def test_errors_are_written_for_people(new_page):
    page = new_page(Threads())
    assert page.failure("fail", what="image") == {
        "type": "ImageError",
        "message": "env.img is damaged",
        "details": "chunk 7",
    }
    assert page.failure("fail", what="danger")["dangerous"] == [{"path": "/a.pth", "why": "is read"}]
    fault = page.failure("fail", what="fault")
    assert (fault["type"], fault["message"]) == ("ZeroDivisionError", "division by zero")
    assert "Traceback" in fault["details"]


@pytest.mark.parametrize(
    ("verb", "options", "expected"),
    [
        ("nothing", {}, "does not know 'nothing'"),
        ("add", {}, "missing a required argument: 'a'"),
        ("add", {"a": 1, "c": 2}, "unexpected keyword argument 'c'"),
    ],
)
def test_a_request_that_nobody_understands_is_an_error(new_page, verb, options, expected):
    error = new_page(Threads()).failure(verb, **options)
    assert error["type"] == "UsageError"
    assert expected in error["message"]


def test_what_is_none_of_the_protocol_is_left_alone(new_page):
    page = new_page(Threads())
    for message in (None, [], {}, {"kind": "request"}, {"kind": "cancel"}, {"kind": "request", "id": 7}):
        page.service.handle(message)
    assert page.messages == []


def test_a_request_runs_in_the_context_in_which_it_came(new_page):
    page = new_page(Threads())
    token = REQUEST.set("subshell")
    assert page.ask("seen") == "subshell"
    REQUEST.reset(token)


def test_events_go_out_as_if_the_last_request_had_asked_for_them():
    seen = []
    service = Service(lambda message, _: seen.append((message, REQUEST.get())), Threads())
    events.tell("files", "/before")
    token = REQUEST.set("subshell")
    service.handle({"kind": "cancel", "id": "nothing"})
    REQUEST.reset(token)
    events.tell("mounts", Mounts([Mount("/data", "/", "a.img")]))
    service.close()
    events.tell("files", "/after")
    [(message, context)] = seen
    assert context == "subshell"
    assert (message["kind"], message["what"]) == ("event", "mounts")
    assert message["value"] == [
        {
            "path": "/data",
            "root": "/",
            "name": "a.img",
            "sha256": None,
            "writable": False,
            "layers": (),
            "changes": 0,
            "system": False,
        }
    ]


def test_in_a_browser_each_request_is_a_task(new_page):
    async def asked():
        page = new_page(Tasks())
        slow, quick = page.send("sleep", seconds=60), page.send("sleep", seconds=0)
        await until(lambda: page.messages)
        assert page.messages[0][0] == {"kind": "result", "id": quick, "value": 0}
        page.cancel(slow)
        await until(lambda: len(page.messages) == 2)
        return page.messages[1][0]["error"]

    assert asyncio.run(asked())["type"] == "CancelledError"


def test_what_undoes_itself_is_waited_for(new_page):
    async def asked():
        page = new_page(Tasks())
        id_ = page.send("undo")
        await asyncio.sleep(0.01)
        page.cancel(id_)
        await until(lambda: page.messages)
        return page.messages[0][0]["error"]

    assert asyncio.run(asked())["message"] == "It was undone."


def test_closing_cancels_what_is_under_way(new_page):
    page = new_page(Threads())
    id_ = page.send("sleep")
    page.service.close()
    assert page.answer(id_)[0]["error"]["type"] == "CancelledError"
