"""Stands between the program and PostgreSQL, and misbehaves at a COMMIT when told to.

It reads what the client says message by message, and knows which statements write a matter. Armed with a way, it
waits for the COMMIT of a transaction that writes one, does its misdeed once, and goes on honestly.

    before    the COMMIT is dropped and the connection cut: the server never hears it
    after     the COMMIT is carried out, its answer dropped, and the connection cut once release() is called
    hold      the COMMIT is held until release() is called, then dropped with its connection
    rows      not a COMMIT, but the first rows of a COPY are held until release(), then dropped with their connection
"""
import socket
import struct
import threading

WRITES = b"INSERT INTO matter "


class Wire:
    """The client's messages of one connection."""

    def __init__(self):
        self.rest, self.begun, self.writing_names, self.writes = b"", False, set(), False

    def messages(self, data):
        """Each whole message that has come, as bytes."""
        self.rest += data
        while len(self.rest) >= 5:
            head = 1 if self.begun else 0
            size = head + struct.unpack("!I", self.rest[head:head + 4])[0]
            if len(self.rest) < size:
                return
            one, self.rest = self.rest[:size], self.rest[size:]
            yield one
            self.begun = True

    def is_fatal_commit(self, one):
        """Notes what the message does; is it the COMMIT of a transaction that writes a matter?"""
        kind, body = one[:1], one[5:]
        if kind == b"P":
            name, text = body.split(b"\0")[:2]
            if text.startswith(WRITES):
                self.writing_names.add(name)
            if text.startswith(b"BEGIN"):
                self.writes = False
            return text == b"COMMIT" and self.writes
        if kind == b"B" and body.split(b"\0")[1] in self.writing_names:
            self.writes = True
        return False


class Proxy:
    def __init__(self, upstream_port):
        self.upstream = ("127.0.0.1", upstream_port)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.way, self.lock = None, threading.Lock()
        self.reached, self.released = threading.Event(), threading.Event()
        threading.Thread(target=self.listen, daemon=True).start()

    def arm(self, way):
        self.reached.clear()
        self.released.clear()
        self.way = way

    def release(self):
        self.released.set()

    def take_way(self):
        with self.lock:
            way, self.way = self.way, None
            return way

    def listen(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            server = socket.create_connection(self.upstream, 5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        state = {"mute": False}
        threading.Thread(target=self.answers, args=(server, client, state), daemon=True).start()
        try:
            self.requests(client, server, state)
        except OSError:
            pass
        close(client, server)

    def requests(self, client, server, state):
        wire = Wire()
        while data := client.recv(65536):
            for one in wire.messages(data):
                is_there = one[:1] == b"d" if self.way == "rows" else wire.is_fatal_commit(one)
                way = self.take_way() if is_there else None
                if way:
                    self.misbehave(way, one, server, state)
                    return
                server.sendall(one)

    def misbehave(self, way, commit, server, state):
        if way == "after":
            state["mute"] = True
            server.sendall(commit + bind_execute_sync())
            state["heard"].wait(10)
        self.reached.set()
        if way != "before":
            self.released.wait(60)

    @staticmethod
    def answers(server, client, state):
        """From server to client, until one of them closes; once mute, only noticed."""
        state["heard"] = threading.Event()
        tail = b""
        try:
            while data := server.recv(65536):
                if not state["mute"]:
                    client.sendall(data)
                tail = (tail + data)[-200:]
                if state["mute"] and b"COMMIT\0" in tail:
                    state["heard"].set()
        except OSError:
            pass
        close(client, server)


def bind_execute_sync():
    """What libpq sends behind the Parse of a command without parameters."""
    def message(kind, body):
        return kind + struct.pack("!I", len(body) + 4) + body
    return (message(b"B", b"\0\0" + struct.pack("!HHH", 0, 0, 0)) + message(b"D", b"P\0")
            + message(b"E", b"\0" + struct.pack("!I", 0)) + message(b"S", b""))


def close(*sockets):
    for sock in sockets:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        sock.close()
