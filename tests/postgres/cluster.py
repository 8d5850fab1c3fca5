"""A PostgreSQL server of the test's own, that can be stopped, killed and started again, and asked past the program.

It listens on a socket in its folder and on a port of 127.0.0.1, where a password is wanted.
"""
import glob
import os
import shutil
import socket
import subprocess
import tempfile

import house

BIN = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
PASSWORD = "s3cret-of-the-test"
SETTINGS = ("-c fsync=off -c full_page_writes=off -c max_connections=40 -c log_min_messages=fatal "
            "-c listen_addresses=127.0.0.1 -c shared_buffers=32MB")
HBA = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Fault(Exception):
    pass


def demand(claim, words):
    if not claim:
        raise Fault(words)


def linli(*words):
    """A command, to its end."""
    return subprocess.run([house.LINLI, *words], capture_output=True, text=True, env=house.environment(), timeout=120)


class Cluster:
    def __init__(self, settings=""):
        self.folder = tempfile.mkdtemp(prefix="linli-postgres-")
        self.data, self.port, self.settings = f"{self.folder}/data", free_port(), SETTINGS + " " + settings
        if os.getuid() == 0:     # the server refuses to run as root
            shutil.chown(self.folder, "postgres")
        self.owner("initdb", "-D", self.data, "-A", "trust", "-U", "linli", "--locale=C", "--encoding=UTF8",
                   "-N")
        with open(f"{self.data}/pg_hba.conf", "w", encoding="utf-8") as f:
            f.write(HBA)
        self.start()
        self.sql("postgres", f"ALTER ROLE linli PASSWORD '{PASSWORD}'")

    def owner(self, program, *words, check=True):
        become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        return subprocess.run([*become, f"{BIN}/{program}", *words], check=check, cwd=self.folder,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        self.owner("pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", f"{self.folder}/log", "start",
                   "-o", f"-k {self.folder} -p {self.port} {self.settings}")

    def stop(self, how="fast"):
        """smart, fast, or immediate: as when the power goes."""
        self.owner("pg_ctl", "-D", self.data, "-w", "-m", how, "stop", check=False)

    def end(self):
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self, name, *options):
        subprocess.run(["createdb", "-h", self.folder, "-p", str(self.port), "-U", "linli", *options, name], check=True)
        return self.url(name)

    def url(self, name):
        return f"postgresql://linli@/{name}?host={self.folder}&port={self.port}"

    def tcp_url(self, name, port=None, password=PASSWORD):
        return f"postgresql://linli:{password}@127.0.0.1:{port or self.port}/{name}?sslmode=disable"

    def sql(self, name, statement):
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-h", self.folder, "-p", str(self.port), "-U", "linli",
                               "-d", name, "-v", "ON_ERROR_STOP=1", "-c", statement],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip()
