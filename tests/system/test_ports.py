"""Rules of ports: what a platform has chosen stays its own, so a service that restarts finds its address free."""

import errno
import socket

import pytest

from ksad.local.machine.ports import Port


def test_a_reserved_port_is_nobody_elses_but_a_server_may_listen_on_it_again_and_again() -> None:
    """No program that just binds gets it; a server with SO_REUSEADDR does, also after it was down."""
    reserved = Port()
    try:
        for _ in range(3):
            with socket.socket() as stranger, pytest.raises(OSError, match="in use") as refused:
                stranger.bind(("127.0.0.1", reserved.number))
            assert refused.value.errno == errno.EADDRINUSE
            address = ("127.0.0.1", reserved.number)
            with socket.create_server(address) as server, socket.create_connection(address) as client:
                accepted, _ = server.accept()
                accepted.close()
                assert client.recv(1) == b""
    finally:
        reserved.close()


def test_a_closed_port_is_free_again() -> None:
    """Giving a port up leaves nothing behind."""
    reserved = Port()
    reserved.close()
    with socket.socket() as other:
        other.bind(("127.0.0.1", reserved.number))
        assert other.getsockname()[1] == reserved.number
