"""Starts real registries (docker-registry) on free loopback ports: plain, with TLS and passwords, with tokens."""

import base64
import http.server
import json
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import urllib.request

PROGRAM = shutil.which("docker-registry") or shutil.which("registry")
REQUEST = re.compile(r'"(GET|HEAD|POST|PUT|PATCH|DELETE) (\S+) HTTP/1\.\d" (\d+)')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*words, stdin=None):
    return subprocess.run(words, input=stdin, check=True, capture_output=True).stdout


class Authority:
    """A private certificate authority with one server and one client certificate."""

    def __init__(self, folder):
        self.ca, self.ca_key = folder / "ca.pem", folder / "ca.key"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=davit test authority", "-keyout", self.ca_key, "-out", self.ca)
        self.server, self.server_key = self._issue(folder, "server", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.client, self.client_key = self._issue(folder, "client", "extendedKeyUsage=clientAuth")

    def _issue(self, folder, name, extension):
        key, request, certificate = folder / f"{name}.key", folder / f"{name}.csr", folder / f"{name}.pem"
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", key, "-out", request)
        extensions = folder / f"{name}.ext"
        extensions.write_text(extension + "\n")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.ca_key, "-CAcreateserial", "-days", "2",
            "-extfile", extensions, "-out", certificate)
        return certificate, key


class Registry:
    """One running docker-registry; `stop()` is registered with the test."""

    def __init__(self, test, authority=None, users=None, token=None, client_certificates=False, remembers=False):
        if PROGRAM is None:
            test.skipTest("docker-registry is not installed")
        self.folder = pathlib.Path(test.folder) / f"registry-{free_port()}"
        self.folder.mkdir()
        self.port = free_port()
        self.host = f"localhost:{self.port}"
        self.log_path = self.folder / "log"
        config = {
            "version": "0.1",
            "log": {"level": "error"},
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "data")}, "delete": {"enabled": True}},
            "http": {"addr": f"127.0.0.1:{self.port}"},
        }
        if remembers:  # where blobs are, as Debian's own configuration has it
            config["storage"]["cache"] = {"blobdescriptor": "inmemory"}
        if authority:
            config["http"]["tls"] = {"certificate": str(authority.server), "key": str(authority.server_key)}
            if client_certificates:
                config["http"]["tls"]["clientcas"] = [str(authority.ca)]
        if users:
            passwords = self.folder / "htpasswd"
            lines = [run("htpasswd", "-nbB", name, secret).decode().strip() for name, secret in users.items()]
            passwords.write_text("\n".join(lines) + "\n")
            config["auth"] = {"htpasswd": {"realm": "test", "path": str(passwords)}}
        if token:
            config["auth"] = {"token": token}
        path = self.folder / "config.yml"
        path.write_text(json.dumps(config))  # JSON is YAML
        self.log = self.log_path.open("wb")
        self.process = subprocess.Popen([PROGRAM, "serve", str(path)], stdout=self.log, stderr=self.log)
        test.addCleanup(self.stop)
        self._wait(test)

    def _wait(self, test):
        for _ in range(200):
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                time.sleep(0.05)
        test.fail("docker-registry did not start: " + self.log_path.read_text()[-2000:])

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def requests(self):
        """Every request so far, as (method, path, status)."""
        time.sleep(0.05)
        return [(m, p, int(s)) for m, p, s in REQUEST.findall(self.log_path.read_text(errors="replace"))]


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class TokenServer:
    """Signs the tokens that docker-registry's `auth: token` accepts; knows users and one refresh token."""

    def __init__(self, test, users, refresh_token=None):
        folder = pathlib.Path(test.folder) / "token"
        folder.mkdir()
        self.key, self.certificate = folder / "key.pem", folder / "certificate.pem"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=token", "-keyout", self.key, "-out", self.certificate)
        self.users, self.refresh_token, self.asked = users, refresh_token, []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                owner._answer(self, urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query), None)

            def do_POST(self):
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                owner._answer(self, urllib.parse.parse_qs(form), "POST")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)

    @property
    def config(self):
        return {"realm": f"http://localhost:{self.port}/token", "service": "davit-test", "issuer": "davit-test", "rootcertbundle": str(self.certificate)}

    def _is_known(self, handler, query, method):
        if method == "POST":
            return self.refresh_token is not None and query.get("refresh_token") == [self.refresh_token]
        header = handler.headers.get("Authorization", "")
        if not header.startswith("Basic "):
            return False
        name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        return self.users.get(name) == secret

    def _answer(self, handler, query, method):
        scopes = [s for text in query.get("scope", []) for s in text.split()]
        self.asked.append((method or "GET", scopes))
        if not self._is_known(handler, query, method):
            handler.send_response(401)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        access = []
        for scope in scopes:
            kind, name, actions = scope.split(":")
            access.append({"type": kind, "name": name, "actions": actions.split(",")})
        body = json.dumps({"token": self._sign(access), "expires_in": 300}).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _sign(self, access):
        der = ssl.PEM_cert_to_DER_cert(self.certificate.read_text())
        now = int(time.time())
        head = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
        claims = {"iss": "davit-test", "sub": "me", "aud": "davit-test", "exp": now + 300, "nbf": now - 10, "iat": now, "jti": str(now), "access": access}
        signed = encode(json.dumps(head).encode()) + "." + encode(json.dumps(claims).encode())
        return signed + "." + encode(run("openssl", "dgst", "-sha256", "-sign", self.key, stdin=signed.encode()))
