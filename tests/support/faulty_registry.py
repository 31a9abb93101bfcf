"""A scripted HTTP server for what a real registry does not do: lies, stalls, redirects, endless answers."""

import hashlib
import http.server
import json
import socket
import threading


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Exchange:
    """One request, and the ways to answer it badly."""

    def __init__(self, handler, body):
        self.handler = handler
        self.method, self.path = handler.command, handler.path
        self.headers, self.body = dict(handler.headers.items()), body

    def answer(self, status, body=b"", length=None, **headers):
        handler = self.handler
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        if self.method != "HEAD":
            handler.wfile.write(body)
        if length is not None and length != len(body):
            self.hang_up()

    def hang_up(self):
        self.handler.close_connection = True
        self.handler.wfile.flush()
        self.handler.connection.shutdown(socket.SHUT_RDWR)

    def stall(self, seconds=20):
        """Says nothing until the client leaves."""
        self.handler.connection.settimeout(seconds)
        try:
            self.handler.connection.recv(1)
        except OSError:
            pass
        self.handler.close_connection = True

    def never_stop(self, chunk=b" " * 65536, limit=1 << 30):
        handler = self.handler
        handler.send_response(200)
        handler.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
        handler.send_header("Connection", "close")
        handler.end_headers()
        sent = 0
        try:
            while sent < limit:
                handler.wfile.write(chunk)
                sent += len(chunk)
        except OSError:
            pass
        handler.close_connection = True
        return sent


class FaultyRegistry:
    """Serves `script(exchange)` on a free loopback port and keeps every request."""

    def __init__(self, test, script):
        self.requests = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                exchange = Exchange(self, body)
                owner.requests.append(exchange)
                try:
                    script(exchange)
                except OSError:
                    self.close_connection = True

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = _any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.host = f"localhost:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)


class Store:
    """Content for a script: a good artifact, and answers to reads of it."""

    def __init__(self, wasm, title="app.wasm", subject=None):
        self.wasm = wasm
        self.config = b"{}"
        layer = {"mediaType": "application/wasm", "digest": digest_of(wasm), "size": len(wasm), "annotations": {"org.opencontainers.image.title": title}}
        document = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.wasm.config.v0+json", "digest": digest_of(self.config), "size": 2},
            "layers": [layer],
        }
        if subject:
            document["subject"] = subject
        self.manifest = json.dumps(document).encode()

    def answer(self, exchange):
        """True when the request was for this content."""
        if "/manifests/" in exchange.path and exchange.method in ("GET", "HEAD"):
            kind = "application/vnd.oci.image.manifest.v1+json"
            exchange.answer(200, self.manifest, Content_Type=kind, Docker_Content_Digest=digest_of(self.manifest))
        elif exchange.path.endswith("/blobs/" + digest_of(self.wasm)):
            exchange.answer(200, self.wasm)
        elif exchange.path.endswith("/blobs/" + digest_of(self.config)):
            exchange.answer(200, self.config)
        else:
            return False
        return True


