#!/usr/bin/env python3
"""The examples for nginx and HAProxy, each really before two servers of one district.

The example files are used as they stand; only ports, certificates and what a test may not write to are replaced.
"""
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, f"{TOP}/tests/http")
import faults    # noqa: E402
import house     # noqa: E402
import talk      # noqa: E402

PUBLIC, DESK = "linli.example.org", "desk.linli.example.org"
PATIENCE_SECONDS = 10
PER_HOUR = 5
NGINX = """daemon off; pid FOLDER/nginx.pid; error_log stderr; worker_processes 1;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy; fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
    include FOLDER/linli.conf;
}
"""


def demand(true, words):
    if not true:
        raise AssertionError(words)


def read(path):
    with open(f"{TOP}/deploy/{path}", encoding="utf-8") as f:
        return f.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def replaced(text, pairs):
    """Each must be there, or the example has changed and the test does not know it."""
    for old, new in pairs:
        demand(re.search(old, text, re.M), f"the example no longer says {old}")
        text = re.sub(old, new, text, flags=re.M)
    return text


class District:
    """Both faces of one district, each in a process of its own, and a certificate for both names."""

    def __init__(self):
        self.folder = talk.house_templates.copy("town")
        self.servers = [self.serve(face) for face in ("public", "staff")]
        self.certificate()

    def serve(self, face):
        server = house.Server(self.folder, "town", ["--face", face, "--secure-cookies", "--submissions-per-hour",
                                                       str(PER_HOUR)])
        server.log_path = f"{self.folder}/{face}.log"
        return server.start()

    def certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", f"/CN={PUBLIC}", "-addext", f"subjectAltName=DNS:{PUBLIC},DNS:{DESK}",
                        "-keyout", f"{self.folder}/linli.key", "-out", f"{self.folder}/linli.crt"],
                       check=True, capture_output=True)
        with open(f"{self.folder}/linli.crt", encoding="utf-8") as one, open(f"{self.folder}/linli.key",
                                                                          encoding="utf-8") as other:
            write(f"{self.folder}/linli.pem", one.read() + other.read())

    def end(self):
        return [fault for server in self.servers for fault in server.stop()]


class Proxy:
    """What both have in common: two ports, a process, and asking by name."""

    def __init__(self, district):
        self.district, self.plain, self.tls = district, free_port(), free_port()
        self.folder = tempfile.mkdtemp(dir=district.folder)
        self.check, command = self.configure()
        said = subprocess.run(self.check, capture_output=True, text=True)
        demand(said.returncode == 0 and "warn" not in said.stderr.lower(), said.stderr)
        with open(f"{self.folder}/log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.context = ssl.create_default_context(cafile=f"{district.folder}/linli.crt")
        self.wait()

    def wait(self):
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if self.ask("GET", "/services").status == 200:
                    return
            except OSError:
                pass
            if time.monotonic() > until or self.process.poll() is not None:
                with open(f"{self.folder}/log", encoding="utf-8", errors="replace") as f:
                    raise AssertionError("it does not serve:\n" + f.read())
            time.sleep(0.1)

    def ask(self, method, path, host=PUBLIC, body=None, headers=None):
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.sock = self.context.wrap_socket(socket.create_connection(("127.0.0.1", self.tls), 30),
                                                   server_hostname=host)
        try:
            connection.request(method, path, body, headers or {})
        except OSError:
            pass     # it may have answered before it heard all
        reply = connection.getresponse()
        reply.body = reply.read()
        connection.close()
        return reply

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE_SECONDS)


class Nginx(Proxy):
    name = "nginx"

    def configure(self):
        public, staff = (server.port for server in self.district.servers)
        text = replaced(read("nginx.conf"), [
            (r"listen 80;", f"listen 127.0.0.1:{self.plain};"), (r"listen 443 ssl", f"listen 127.0.0.1:{self.tls} ssl"),
            (r"127\.0\.0\.1:8081", f"127.0.0.1:{public}"), (r"127\.0\.0\.1:8082", f"127.0.0.1:{staff}"),
            (r"/etc/ssl/linli/linli\.example\.org", f"{self.district.folder}/linli")])
        write(f"{self.folder}/linli.conf", text)
        write(f"{self.folder}/nginx.conf", NGINX.replace("FOLDER", self.folder))
        if os.geteuid() == 0:    # its workers are somebody else, and these are folders of root alone
            text = "user root;\n" + NGINX.replace("FOLDER", self.folder)
            write(f"{self.folder}/nginx.conf", text)
        command = ["nginx", "-e", "stderr", "-p", self.folder, "-c", f"{self.folder}/nginx.conf"]
        return [*command, "-t"], command


class HaProxy(Proxy):
    name = "haproxy"

    def configure(self):
        public, staff = (server.port for server in self.district.servers)
        text = replaced(read("haproxy.cfg"), [
            (r"bind :80$", f"bind 127.0.0.1:{self.plain}"), (r"bind :443 ssl", f"bind 127.0.0.1:{self.tls} ssl"),
            (r"127\.0\.0\.1:8081", f"127.0.0.1:{public}"), (r"127\.0\.0\.1:8082", f"127.0.0.1:{staff}"),
            (r"/etc/ssl/linli/linli\.example\.org\.pem", f"{self.district.folder}/linli.pem"),
            (r"log /dev/log local0", "log stderr local0"), (r"maxconn 20000", "maxconn 2000")])
        write(f"{self.folder}/haproxy.cfg", text)
        command = ["haproxy", "-db", "-f", f"{self.folder}/haproxy.cfg"]
        return [*command, "-c"], command


# ------------------------------------------------------------------ promises

def the_plain_port_leads_to_the_other(p):
    connection = http.client.HTTPConnection("127.0.0.1", p.plain, timeout=10)
    connection.request("GET", "/services?q=a", headers={"Host": PUBLIC})
    reply = connection.getresponse()
    demand(reply.status == 301, f"{reply.status}")
    demand(reply.getheader("Location") == f"https://{PUBLIC}/services?q=a", reply.getheader("Location"))


def each_name_shows_its_face_alone(p):
    demand(p.ask("GET", "/services").status == 200, "residents' pages")
    demand(p.ask("GET", "/desk/sign-in").status == 404, "the desk stands on the street")
    demand(p.ask("GET", "/desk/sign-in", DESK).status == 200, "the desk")
    demand(p.ask("GET", "/services/street-trading", DESK).status == 404, "residents' pages on the desk's name")


def replies_are_safe(p):
    reply = p.ask("GET", "/")
    demand(reply.getheader("Strict-Transport-Security"), "no Strict-Transport-Security")
    demand(len(reply.headers.get_all("Content-Security-Policy")) == 1, "Content-Security-Policy")
    cookies = p.ask("GET", "/desk/sign-in", DESK).headers.get_all("Set-Cookie") or []
    demand(all("Secure" in cookie for cookie in cookies), cookies)


def health_and_figures_are_not_for_the_street(p):
    for host in (PUBLIC, DESK):
        for path in ("/healthz", "/metrics"):
            demand(p.ask("GET", path, host).status == 404, f"{path} on {host}")


def an_application_arrives(p):
    reply = p.ask("POST", "/services/street-trading/applications", body=json.dumps(faults.TRADER),
                  headers={"Content-Type": "application/json", "Accept": "application/json"})
    demand(reply.status == 201, f"{reply.status} {reply.body}")
    number = json.loads(reply.body)["number"]
    shown = p.ask("GET", f"/follow?number={number}")
    demand(shown.status == 200 and number.encode() in shown.body, "it cannot be followed")


def a_large_body_arrives_and_a_larger_is_refused(p):
    headers = {"Content-Type": "application/octet-stream", "Accept": "application/json"}
    reply = p.ask("POST", "/services/street-trading/applications", body=b"x" * (11 << 20), headers=headers)
    demand(reply.status == 415 and b"urn:linli:route.unknown_type" in reply.body, f"{reply.status} {reply.body[:200]}")
    # only its beginning is sent: it must be refused by what its head says
    headers["Content-Length"] = str(13 << 20)
    reply = p.ask("POST", "/services/street-trading/applications", body=b"x" * 20000, headers=headers)
    demand(reply.status == 413, f"{reply.status}")


def a_forged_address_is_replaced(p):
    """The bound on what one address may send meets whoever writes another address each time."""
    body, statuses = json.dumps(faults.TRADER), []
    for n in range(PER_HOUR + 1):
        headers = {"Content-Type": "application/json", "Accept": "application/json",
                   "X-Forwarded-For": f"198.51.100.{n}"}
        statuses.append(p.ask("POST", "/services/street-trading/applications", body=body, headers=headers).status)
    demand(statuses[-1] == 429 and statuses[0] == 201, statuses)


def one_address_cannot_take_all(p):
    until, refused = time.monotonic() + PATIENCE_SECONDS, 0
    for _ in range(900):
        refused += p.ask("GET", "/a/mark.svg").status == 429
        if refused > 2 or time.monotonic() > until:
            break
    demand(refused > 2, "900 requests at once were all taken")


PROMISES = [
    the_plain_port_leads_to_the_other, each_name_shows_its_face_alone, replies_are_safe,
    health_and_figures_are_not_for_the_street, an_application_arrives, a_large_body_arrives_and_a_larger_is_refused,
    a_forged_address_is_replaced, one_address_cannot_take_all,
]


def try_one(promise, about, *arguments):
    try:
        promise(*arguments)
        return True
    except Exception as why:     # told, and the next one tried
        print(f"FAILED {about}: {promise.__name__}: {type(why).__name__}: {why}")
        return False


def try_all(kind):
    """A district of its own for each proxy: what one has used up of a bound is not missed by the other."""
    district, proxy, results = District(), None, []
    try:
        proxy = kind(district)
        results += [try_one(promise, kind.name, proxy) for promise in PROMISES]
    except Exception as why:
        print(f"FAILED {kind.name}: {type(why).__name__}: {why}")
        results.append(False)
    if proxy:
        proxy.end()
    wrong = district.end() or [district.servers[0].verify()]
    results.append(not any(wrong))
    if any(wrong):
        print(f"FAILED {kind.name}: {wrong}")
    return results


def main():
    results = try_all(Nginx) + try_all(HaProxy)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
