"""An address of a scheduler is refused in words, within seconds, whatever is or is not behind it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from offramp.cli import main
from simulation.experiment.pool import BadAddress, Cluster, NoWorkers
from tests.command import tiny


@contextmanager
def listening(greet: Callable[[socket.socket], object]) -> Iterator[str]:
    """The address of a server that is none of Dask's; ``greet`` is done with every connection."""
    connections = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connections.append(server.accept()[0])
                except OSError:
                    return
                greet(connections[-1])

        Thread(target=serve, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
    for connection in connections:
        connection.close()


def test_one_who_accepts_and_never_answers_is_given_up_in_time() -> None:
    with listening(lambda connection: None) as address:
        begun = time.monotonic()
        with pytest.raises(NoWorkers, match=f"no worker answers at {address}: it accepts"):
            Cluster(address, patience=0.5).open()
        assert time.monotonic() - begun < 10


def test_another_kind_of_server_is_called_that() -> None:
    with (
        listening(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")) as address,
        pytest.raises(NoWorkers, match=f"what answers at {address} is no Dask scheduler"),
    ):
        Cluster(address, patience=2).open()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("foo", "missing port number"),
        ("", "missing port number"),
        ("tcp://127.0.0.1", "missing port number"),
        ("tcp://127.0.0.1:x", "no address of a scheduler"),
        ("tcp://127.0.0.1:99999", "Allowed: 1 to 65535"),
        ("tcp://[::1", "no address of a scheduler"),
        ("http://127.0.0.1:8786", "unknown address scheme 'http'"),
        ("inproc://x", "no address of a scheduler"),
        ("tls://127.0.0.1:8786", "distributed.comm.tls.ca-file"),
    ],
)
def test_what_cannot_be_an_address_is_refused_before_anything_is_run(address: str, why: str) -> None:
    with pytest.raises(BadAddress) as told:
        Cluster(address)
    assert why in str(told.value)


def test_the_command_ends_where_nobody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Cluster.__init__, "__defaults__", (0.5,))
    places = ["--store", str(tmp_path / "store"), "--out", str(tmp_path / "out")]
    command = ["run", str(tiny(tmp_path, months=1)), "-n", "2", "--scheduler", "tcp://127.0.0.1:9"]
    assert main([*command, *places]) == 3
    said = capsys.readouterr().err
    assert "no worker answers at tcp://127.0.0.1:9" in said and "Traceback" not in said


def test_the_command_says_which_option_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "napa", "-n", "2", "--scheduler", "foo"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("--scheduler foo: ") and "tcp://HOST:8786" in said and "Traceback" not in said
