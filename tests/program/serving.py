"""linli serve as a process: ports, signals, two at once, what it prints where."""
import json
import os
import signal
import socket
import time

from house import Server, ask, district, does, promise, refuses, refuses_in_both


@promise
def a_server_ends_well_when_it_is_asked_to(folder):
    for signals in ((signal.SIGTERM,), (signal.SIGINT,), (signal.SIGTERM, signal.SIGTERM),
                    (signal.SIGINT, signal.SIGTERM, signal.SIGINT)):
        db = district(folder)
        with Server(db) as server:
            assert server.get("/healthz")[0] == 200
            server.stop(signals)
        assert not os.path.exists(db + "-wal"), "the log is not folded into the file"
        os.unlink(db)


@promise
def a_server_ends_well_while_somebody_is_connected(folder):
    with Server(district(folder)) as server:
        links = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
        links[0].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        links[1].sendall(b"POST /apply HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        time.sleep(0.2)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 20
        for link in links:
            link.close()


@promise
def a_port_that_is_taken_is_told(folder):
    db = district(folder)
    with Server(db) as server:
        refuses_in_both("serve", "--db", district(folder, name="other.db"), "--listen", f"127.0.0.1:{server.port}",
                        says=f"{server.port}")
        assert server.get("/healthz")[0] == 200
        server.stop()
    for listen in ("nowhere", "127.0.0.1:99999", "127.0.0.1:port", ":", "999.1.1.1:80"):
        refuses_in_both("serve", "--db", db, "--listen", listen, says="linli: ")


@promise
def a_server_writes_nothing_to_standard_output_and_json_to_standard_error(folder):
    with Server(district(folder)) as server:
        for path in ("/", "/healthz", "/metrics", "/none"):
            server.get(path)
        server.stop()            # which looks at standard output
        events = [json.loads(line) for line in server.log().splitlines()]
    assert {"serving", "stopping"} <= {e["event"] for e in events}
    assert all({"at", "level", "event"} <= set(e) for e in events)


@promise
def health_answers_and_figures_stand_on_no_face(folder):
    with Server(district(folder)) as server:
        status, body = server.get("/metrics")
        assert server.get("/healthz")[0] == 200 and status == 404 and b"linli_" not in body, body[:300]
        server.stop()


@promise
def two_servers_share_one_file(folder):
    """And the command line writes beside them."""
    db = district(folder)
    with Server(db, "--face", "public") as public, Server(db, "--face", "staff") as staff:
        assert public.get("/")[0] == 200 and staff.get("/desk/sign-in")[0] == 200
        assert public.get("/desk/sign-in")[0] == 404
        does("user", "add", "zhang", "--name", "Test", "--db", db)
        does("verify", "--db", db)
        public.stop()
        assert staff.get("/healthz")[0] == 200
        staff.stop()
    assert ask(db, "SELECT COUNT(*) FROM account WHERE login = 'zhang'") == [(1,)]
    does("verify", "--db", db)


@promise
def a_server_that_was_killed_leaves_a_whole_district(folder):
    db = district(folder)
    with Server(db) as server:
        server.get("/")
        does("user", "disable", "audit", "--db", db)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    assert ask(db, "SELECT disabled FROM account WHERE login = 'audit'") == [(1,)]
    does("verify", "--db", db)
    with Server(db) as server:
        server.stop()


@promise
def settings_of_a_server_come_from_the_environment_too(folder):
    db = district(folder)
    with Server(db, env={"LINLI_FACE": "staff", "LINLI_WORKERS": "2", "LINLI_LOG": "alarm"}) as server:
        assert server.get("/")[0] in (303, 404)
        server.stop()


@promise
def a_server_with_bad_files_laid_over_does_not_begin(folder):
    db = district(folder)
    os.makedirs(f"{folder}/flows")
    with open(f"{folder}/flows/application.flow.yaml", "w", encoding="utf-8") as f:
        f.write("flow: application\nfamily: none\n")
    refuses_in_both("serve", "--db", db, "--listen", "127.0.0.1:0", "--flows", f"{folder}/flows", says="linli: ")
    refuses("serve", "--db", db, "--listen", "127.0.0.1:0", "--flows", f"{folder}/none", says=f"{folder}/none")
