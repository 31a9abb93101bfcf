"""davit speaks HTTP alone: what else libcurl could do is neither loaded nor linked, and no server or proxy reaches it."""

import socket
import threading
import unittest
import zlib

from support.faulty_registry import FaultyRegistry
from support.program import DavitTest
from support.registry import Authority, Registry

QUICK = ("--retries", "0", "--timeout", "2s")
TAGS = b'{"name":"app","tags":["one"]}'
# Of a proxy that speaks SOCKS 5 (RFC 1928).
SOCKS_VERSION, SOCKS_GSSAPI = 5, 1


class Loaded(DavitTest):
    def loaded(self, *words, **options):
        text = " ".join(self.libraries_loaded(lambda **debugging: self.succeed("tags", *words, **debugging, **options)))
        return {name for name in ("davit-openssl", "libcurl", "libssl", "libcrypto", "libgnutls", "libkrb5", "libldap", "libssh2") if f"{name}.so" in text}

    def test_nothing_but_openssl_is_loaded(self):
        plain, secure = Registry(self), Registry(self, authority=(authority := Authority(self.folder)))
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.succeed("push", "app.wasm", f"{plain.host}/app:one")
        self.succeed("push", "app.wasm", f"{secure.host}/app:one", "--ca-file", authority.ca)
        self.assertEqual(self.loaded(f"{plain.host}/app") - {"davit-openssl"}, set())
        self.assertEqual(self.loaded(f"{secure.host}/app", "--ca-file", authority.ca), {"davit-openssl"})


class Asked(DavitTest):
    def answered(self, status=200, body=TAGS, **headers):
        """How davit ends when a registry answers so."""
        registry = FaultyRegistry(self, lambda e: e.answer(status, body, **headers))
        return self.run_davit("tags", f"{registry.host}/app", *QUICK)

    def test_other_ways_of_authentication_are_not_taken(self):
        for way in ("Negotiate", "Negotiate YIIB", "NTLM", "NTLM TlRMTVNTUAACAAAA", "Kerberos"):
            with self.subTest(way):
                outcome = self.answered(401, WWW_Authenticate=way)
                self.assertEqual(outcome.status, 5, outcome.err)

    def test_cookies_are_not_kept(self):
        seen = []

        def script(exchange):
            seen.append(exchange.headers)
            more = {"Link": '</v2/app/tags/list?last=one>; rel="next"'} if len(seen) == 1 else {}
            exchange.answer(200, TAGS, Set_Cookie="a=b; Domain=localhost; Path=/", **more)

        registry = FaultyRegistry(self, script)
        self.succeed("tags", f"{registry.host}/app", *QUICK)
        self.assertEqual(len(seen), 2)
        self.assertFalse(any("Cookie" in headers for headers in seen), seen)

    def test_other_protocols_are_not_followed(self):
        for place in ("ldap://127.0.0.1/x", "scp://127.0.0.1/x", "sftp://127.0.0.1/x", "rtmp://127.0.0.1/x", "ftp://127.0.0.1/x", "file:///x"):
            with self.subTest(place):
                outcome = self.answered(307, b"", Location=place)
                self.assertEqual(outcome.status, 7, outcome.err)
                self.assertIn(f'redirect to nowhere: "{place}" is not a usable URL', outcome.err)

    def test_other_versions_are_not_switched_to(self):
        outcome = self.answered(101, Upgrade="h2c", Connection="Upgrade")
        self.assertEqual(outcome.status, 6, outcome.err)
        outcome = self.answered(200, Alt_Svc='h2="localhost:1"')
        self.assertEqual((outcome.status, outcome.out), (0, "one\n"), outcome.err)

    def test_transfer_codings_are_not_undone(self):
        packed = {"gzip": zlib.compress(TAGS, wbits=31), "deflate": zlib.compress(TAGS), "br": b"\x8b\x0e\x80" + TAGS + b"\x03",
                  "zstd": b"\x28\xb5\x2f\xfd\x20" + bytes([len(TAGS)]) + (len(TAGS) << 3 | 1).to_bytes(3, "little") + TAGS}
        for coding, body in packed.items():
            for sent in (body, body[:-3], b"\xff" * 20):
                with self.subTest(f"{coding} {sent!r}"):
                    def script(exchange, coding=coding, sent=sent):
                        handler = exchange.handler
                        handler.send_response(200)
                        handler.send_header("Transfer-Encoding", coding)
                        handler.send_header("Connection", "close")
                        handler.end_headers()
                        handler.wfile.write(sent)
                        handler.close_connection = True

                    self.refuse(7, "tags", f"{FaultyRegistry(self, script).host}/app", *QUICK, saying="no JSON")


class Proxied(DavitTest):
    def talk(self, conversation):
        """One proxy that has this conversation with whoever connects."""
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    conversation(connection)

        threading.Thread(target=serve, daemon=True).start()
        return server.getsockname()[1]

    def test_a_proxy_that_wants_kerberos_gets_none(self):
        offered = []

        def socks(connection):
            greeting = connection.recv(100)
            offered.extend(greeting[2:])
            connection.sendall(bytes([SOCKS_VERSION, SOCKS_GSSAPI]))
            connection.recv(100)

        port = self.talk(socks)
        self.refuse(6, "tags", "registry.example/app", *QUICK, ALL_PROXY=f"socks5h://127.0.0.1:{port}")
        self.assertTrue(offered)
        self.assertNotIn(SOCKS_GSSAPI, offered)

        port = self.talk(lambda c: (c.recv(1000), c.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n")))
        self.refuse(6, "tags", "registry.example/app", *QUICK, HTTPS_PROXY=f"http://127.0.0.1:{port}")


if __name__ == "__main__":
    unittest.main()
