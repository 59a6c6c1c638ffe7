"""The panel in a real ipykernel, asked over comms as JupyterLab asks."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from jupyter_frozenfs.panel.comm import TARGET

pytest_plugins = ["pytest_jupyter.jupyter_client"]


class Lab:
    """The front end of a kernel: cells, comms and what they say."""

    def __init__(self, client):
        self.client = client
        self.messages = []
        self.subshell = None
        self._reader = asyncio.ensure_future(self._read())

    async def _read(self):
        while True:
            self.messages.append(await self.client.get_iopub_msg())

    async def until(self, condition):
        for _ in range(6000):
            for message in self.messages:
                if condition(message):
                    return message
            await asyncio.sleep(0.01)
        return pytest.fail("the kernel did not answer")

    async def close(self):
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    def cell(self, code):
        return self.client.execute(code)

    async def done(self, id_):
        """Wait for the end of a cell, and return what it shows."""
        await self.until(
            lambda m: (
                m["parent_header"].get("msg_id") == id_
                and m["msg_type"] == "status"
                and m["content"]["execution_state"] == "idle"
            )
        )
        shown = [m for m in self.messages if m["parent_header"].get("msg_id") == id_]
        errors = [m["content"] for m in shown if m["msg_type"] == "error"]
        assert not errors, errors
        return [m["content"]["data"] for m in shown if "data" in m["content"] and "metadata" in m["content"]]

    async def run(self, code):
        return await self.done(self.cell(code))

    async def make_subshell(self):
        """As JupyterLab does before it opens a comm."""
        message = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(message)
        reply = await self.client.control_channel.get_msg(timeout=60)
        self.subshell = reply["content"]["subshell_id"]

    def send(self, kind, content):
        message = self.client.session.msg(kind, content)
        if self.subshell is not None:
            message["header"]["subshell_id"] = self.subshell
        self.client.shell_channel.send(message)

    def open(self, target=TARGET):
        comm = uuid.uuid4().hex
        self.send("comm_open", {"comm_id": comm, "target_name": target, "data": {}})
        return Asked(self, comm, lambda message: message, lambda data: data)

    async def shown(self, code):
        """The panel that a cell shows."""
        [data] = await self.run(code)
        comm = data["application/vnd.jupyter.widget-view+json"]["model_id"]
        return Asked(
            self,
            comm,
            lambda message: {"method": "custom", "content": message},
            lambda data: data.get("content", {}) if data.get("method") == "custom" else {},
        )


class Asked:
    """A comm over which the kernel is asked."""

    def __init__(self, lab, comm, wrap, unwrap):
        self.lab = lab
        self.comm = comm
        self._wrap = wrap
        self._unwrap = unwrap

    def tell(self, message):
        self.lab.send("comm_msg", {"comm_id": self.comm, "data": self._wrap(message)})

    def request(self, verb, **options):
        id_ = uuid.uuid4().hex
        self.tell({"kind": "request", "id": id_, "verb": verb, "options": options})
        return id_

    async def hear(self, condition):
        message = await self.lab.until(
            lambda m: (
                m["msg_type"] == "comm_msg"
                and m["content"]["comm_id"] == self.comm
                and condition(self._unwrap(m["content"]["data"]))
            )
        )
        return self._unwrap(message["content"]["data"]), message["buffers"]

    async def answer(self, id_):
        return await self.hear(lambda said: said.get("id") == id_ and said["kind"] in ("result", "error"))

    async def ask(self, verb, **options):
        said, buffers = await self.answer(self.request(verb, **options))
        assert said["kind"] == "result", said
        return (said["value"], buffers) if buffers else said["value"]


@pytest.fixture
def in_lab(jp_start_kernel, jp_asyncio_loop, work):
    """Run a test in a front end, whose kernel works in the folder of images."""

    def run(test):
        async def ran():
            _, client = await jp_start_kernel("python3", cwd=str(work))
            lab = Lab(client)
            try:
                await lab.run("%load_ext jupyter_frozenfs")
                await test(lab)
            finally:
                await lab.close()

        jp_asyncio_loop.run_until_complete(ran())

    return run


#: a cell that ends when a file is there
BUSY = "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"


def test_the_sidebar_browses_and_works_with_files(in_lab, work):
    async def test(lab):
        await lab.make_subshell()
        panel = lab.open()
        facts = await panel.ask("hello")
        assert (facts["native"], facts["subshells"], facts["cwd"]) == (True, True, str(work))
        rows = await panel.ask("list")
        assert [row["name"] for row in rows] == ["base.img", "layer.img"]
        value, buffers = await panel.ask("outline", path="base.img")
        names = bytes(buffers[0]).decode().split("\0")
        assert value["count"] == len(names) == 7
        assert [name for name in names if ".csv" in name] == ["b.csv", "ä.csv"]
        _, [content] = await panel.ask("read", path="base.img", file="/a.txt")
        assert bytes(content) == b"first\n"
        changes = await panel.ask("compare", older="base.img", newer="layer.img")
        assert [row["path"] for row in changes] == ["/a.txt", "/data/b.csv", "/new.txt"]
        await panel.ask("pack", root="tree", file="own.img")
        await panel.ask("extract", path="own.img", root="out")
        assert (work / "out" / "new.txt").read_text(encoding="utf-8") == "new"
        said, _ = await panel.answer(panel.request("remove", path="tree/a.txt"))
        assert said["error"]["type"] == "ImageError"

    in_lab(test)


def test_while_a_cell_runs_the_sidebar_opens_and_answers(in_lab, work):
    async def test(lab):
        busy = lab.cell(BUSY)
        await lab.make_subshell()
        panel = lab.open()
        assert len(await panel.ask("list")) == 2
        await panel.ask("pack", root="tree", file="own.img")
        assert len(await panel.ask("list")) == 3
        (work / "go").touch()
        await lab.done(busy)

    in_lab(test)


def test_while_a_cell_runs_a_panel_in_a_notebook_answers(in_lab, work):
    async def test(lab):
        await lab.make_subshell()
        panel = await lab.shown("import jupyter_frozenfs\npanel = jupyter_frozenfs.Panel()\npanel")
        assert (await panel.ask("hello"))["native"]
        # what a cell sends must not lead the page's next message to the cell's shell
        await lab.run("panel.tab = 'changes'")
        busy = lab.cell(f"panel.tab = 'inside'\n{BUSY}")
        await lab.until(lambda m: m["parent_header"].get("msg_id") == busy and m["msg_type"] == "comm_msg")
        assert len(await panel.ask("list")) == 2
        value, _ = await panel.ask("outline", path="layer.img")
        assert value["missing"] is None
        (work / "go").touch()
        await lab.done(busy)

    in_lab(test)


def test_what_is_under_way_is_cancelled_while_a_cell_runs(in_lab, work):
    for number in range(200):
        (work / "tree" / f"{number}.bin").write_bytes(bytes(1 << 20))

    async def test(lab):
        await lab.make_subshell()
        panel = lab.open()
        busy = lab.cell(BUSY)
        id_ = panel.request("pack", root="tree", file="own.img")
        amount, _ = await panel.hear(lambda said: said.get("id") == id_)
        assert amount["kind"] == "progress"
        panel.tell({"kind": "cancel", "id": id_})
        said, _ = await panel.answer(id_)
        assert said["error"]["type"] == "CancelledError"
        assert not (work / "own.img").exists()
        (work / "go").touch()
        await lab.done(busy)

    in_lab(test)


def test_a_magic_tells_every_open_panel(in_lab, work):
    async def test(lab):
        await lab.make_subshell()
        sidebar = lab.open()
        notebook = await lab.shown("%frozen_fs panel")
        await sidebar.ask("hello")
        await notebook.ask("hello")
        await lab.run("%freeze_fs today.img --root tree")
        for panel in (sidebar, notebook):
            said, _ = await panel.hear(lambda said: said.get("kind") == "event")
            assert (said["what"], said["value"]) == ("images", "today.img")

    in_lab(test)


def test_a_panel_that_was_closed_is_asked_no_more(in_lab, work):
    async def test(lab):
        panel = lab.open()
        await panel.ask("hello")
        lab.send("comm_close", {"comm_id": panel.comm, "data": {}})
        await lab.run("%freeze_fs today.img --root tree")
        await lab.run("%unload_ext jupyter_frozenfs")
        refused = lab.open()
        await lab.until(lambda m: m["msg_type"] == "comm_close" and m["content"]["comm_id"] == refused.comm)
        told = [
            m for m in lab.messages if m["msg_type"] == "comm_msg" and m["content"]["comm_id"] == panel.comm
        ]
        assert [m["content"]["data"]["kind"] for m in told] == ["result"]

    in_lab(test)
