"""build.py: makes the environment when there is none, then steps aside."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

import build

Call = tuple[str, ...]


class Computer:
    """Stands in for the programs that build.py would start, and notes them."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.failing: set[str] = set()
        self.codes: dict[str, int] = {}

    def run(
        self, command: Sequence[object], check: bool = False, **options: object
    ) -> subprocess.CompletedProcess[str]:
        """Note `command`; fail when one of its words is to fail."""
        call = tuple(map(str, command))
        self.calls.append(call)
        code = next((self.codes[word] for word in call if word in self.codes), 0)
        if check and code:
            raise subprocess.CalledProcessError(code, command)  # type: ignore[arg-type]
        return subprocess.CompletedProcess(list(call), code)

    def ran(self, *words: str) -> list[Call]:
        """Return the calls with all `words` in them."""
        return [call for call in self.calls if set(words) <= set(call)]


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Computer:
    """A computer with all libraries, a clone in `tmp_path` and an empty environment."""
    computer = Computer()
    python = tmp_path / ".venv" / "bin" / "python"
    (tmp_path / "tests").mkdir()
    (tmp_path / "requirements.txt").write_text("engine==1\n")
    (tmp_path / "tests" / "requirements.txt").write_text("tester==1\n")

    def make(place: Path, **options: object) -> None:
        python.parent.mkdir(parents=True)
        python.write_text("")

    for name, value in {
        "ROOT": tmp_path,
        "VENV": tmp_path / ".venv",
        "PYTHON": python,
        "REQUIREMENTS": tmp_path / "requirements.txt",
        "TEST_REQUIREMENTS": tmp_path / "tests" / "requirements.txt",
        "find_library": lambda name: f"lib{name}.so",
    }.items():
        monkeypatch.setattr(build, name, value)
    monkeypatch.setattr(subprocess, "run", computer.run)
    monkeypatch.setattr(build, "run", lambda command: computer.run(command).returncode)
    monkeypatch.setattr(venv, "create", make)
    return computer


def without_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "find_library", lambda name: None)


# -- the environment


def test_the_first_run_installs_what_is_pinned_and_builds(computer: Computer) -> None:
    assert build.main([]) == 0
    (install,) = computer.ran("pip", "install")
    assert install[-1] == str(build.REQUIREMENTS)
    assert computer.calls[-1] == (str(build.PYTHON), "-m", "handbook", "build")


def test_the_second_run_installs_nothing(computer: Computer) -> None:
    build.main([])
    build.main([])
    assert len(computer.ran("pip", "install")) == 1


def test_a_changed_pin_is_installed_in_the_same_environment(computer: Computer) -> None:
    build.main([])
    build.REQUIREMENTS.write_text("engine==2\n")
    build.main([])
    assert len(computer.ran("pip", "install")) == 2


def test_another_python_is_another_environment(
    computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.main([])
    monkeypatch.setattr(sys, "version", "3.14.0 (another)")
    build.main([])
    assert len(computer.ran("pip", "install")) == 2


def test_an_installation_that_stopped_is_tried_again(
    computer: Computer, capsys: pytest.CaptureFixture[str]
) -> None:
    computer.codes["pip"] = 1
    assert build.main([]) == 3
    assert "the set-up stopped at" in capsys.readouterr().err
    assert computer.ran("handbook") == []
    computer.codes.clear()
    assert build.main([]) == 0
    assert len(computer.ran("pip", "install")) == 2


def test_an_environment_that_was_half_made_is_made_again(
    computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(place: Path, **options: object) -> None:
        build.PYTHON.parent.mkdir(parents=True)
        build.PYTHON.write_text("")
        raise KeyboardInterrupt

    complete = venv.create
    monkeypatch.setattr(venv, "create", interrupted)
    assert build.main([]) == 130
    assert not build.PYTHON.exists()
    monkeypatch.setattr(venv, "create", complete)
    assert build.main([]) == 0


# -- the command


@pytest.mark.parametrize("code", [0, 1, 2, 3, 130])
def test_commands_are_passed_on_and_their_codes_back(computer: Computer, code: int) -> None:
    computer.codes["check"] = code
    assert build.main(["check", "--allow-missing"]) == code
    assert computer.calls[-1][1:] == ("-m", "handbook", "check", "--allow-missing")


def test_options_alone_belong_to_the_command_line(computer: Computer) -> None:
    build.main(["--version"])
    assert computer.calls[-1][1:] == ("-m", "handbook", "--version")


def test_the_tests_get_their_tools_first(computer: Computer) -> None:
    assert build.main(["test", "-k", "serve"]) == 0
    assert [call[-1] for call in computer.ran("pip", "install")] == [
        str(build.REQUIREMENTS),
        str(build.TEST_REQUIREMENTS),
    ]
    assert computer.calls[-2][1:] == ("-m", "tests.validators.install")
    assert computer.calls[-1][1:] == ("-m", "pytest", *build.SHARED_OUT, "-k", "serve")


def test_all_tests_include_the_slow_ones(computer: Computer) -> None:
    build.main(["test", "--all"])
    assert computer.calls[-1][1:] == ("-m", "pytest", *build.SHARED_OUT, "-m", "")


def test_without_the_validators_no_test_runs(computer: Computer) -> None:
    computer.codes["tests.validators.install"] = 3
    assert build.main(["test"]) == 3
    assert computer.ran("pytest") == []


# -- system libraries


def test_missing_libraries_are_installed_by_root(
    computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_libraries(monkeypatch)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert build.main([]) == 0
    (install,) = computer.ran("apt-get", "install")
    assert set(build.PACKAGES) <= set(install)
    assert computer.ran("sudo") == []


def test_they_are_installed_with_sudo_that_asks_nothing(
    computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_libraries(monkeypatch)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert build.main([]) == 0
    assert computer.ran("apt-get", "install")[0][:2] == ("sudo", "-n")


@pytest.mark.parametrize("lack", ["apt-get", "sudo", "password"])
def test_without_the_right_it_says_what_to_type_and_ends_with_3(
    computer: Computer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lack: str,
) -> None:
    without_libraries(monkeypatch)
    which = {"apt-get", "sudo"} - {lack}
    monkeypatch.setattr(shutil, "which", lambda name: name if name in which else None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    computer.codes["true"] = 1 if lack == "password" else 0
    with pytest.raises(SystemExit) as ended:
        build.main([])
    assert ended.value.code == 3
    said = capsys.readouterr().err
    assert said.splitlines()[0] == "some system libraries are missing"
    assert "sudo apt install libpango-1.0-0" in said
    assert computer.ran("handbook") == []


def test_an_old_python_is_told(
    computer: Computer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert build.main([]) == 3
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err
    assert computer.calls == []


STEP_ASIDE = """
import sys, build
build.prepare_environment = build.prepare_libraries = lambda *arguments: None
build.PYTHON = sys.executable
sys.exit(build.main(sys.argv[1:]))
"""


def test_the_command_line_itself_is_started() -> None:
    command = [sys.executable, "-c", STEP_ASIDE, "--version"]
    ended = subprocess.run(command, cwd=build.ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("handbook ")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_reaches_the_command_which_ends_in_its_own_order(number: int, code: int) -> None:
    work = "import sys, time; print('there', flush=True); time.sleep(30)"
    slow = (
        f"import signal, time; signal.signal({number:d}, lambda *a: (time.sleep(1), exit({code})))"
    )
    outer = f"import build, sys; sys.exit(build.run([sys.executable, '-c', {f'{slow}; {work}'!r}]))"
    with subprocess.Popen(
        [sys.executable, "-c", outer],
        cwd=build.ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        # A terminal tells all processes of a group, `kill` only the one it names.
        if number == signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        assert process.wait(10) == code
