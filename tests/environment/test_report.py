from __future__ import annotations

import io

from jupyter_frozenfs.environment.report import PlainReport, RichReport, terminal_report


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_pipe_gets_one_line_a_step_and_a_message():
    stream = io.StringIO()
    report = terminal_report(stream, "[course] ")
    assert isinstance(report, PlainReport)
    report.step("resolve")
    report.progress(1, 2, "numpy")
    report.log("two\nlines")
    assert stream.getvalue() == "[course] resolve\n[course] two\n[course] lines\n"


def test_a_terminal_gets_progress_and_keeps_messages():
    stream = Terminal()
    report = terminal_report(stream)
    assert isinstance(report, RichReport)
    with report:
        report.progress(0, 1, "before any step")
        report.step("compile")
        report.progress(1, 3000, "os.py")
        report.log("[not markup] stays")
        report.step("write")
    assert "[not markup] stays" in stream.getvalue()
    assert "compile" in stream.getvalue()


def test_brackets_of_a_step_and_of_a_file_are_shown_as_they_are(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal()
    with terminal_report(stream, "[lite] [frozenfs] [course] ") as report:
        report.step("compile")
        report.progress(3000, 3000, "[bold].py")
    assert "[lite] [frozenfs] [course] compile" in stream.getvalue()
    assert "[bold].py" in stream.getvalue()


def test_what_replaces_standard_output_gets_the_lines(capsys):
    PlainReport().log("hello")
    assert capsys.readouterr().out == "hello\n"
