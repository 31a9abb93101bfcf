"""What a registry may do wrong, and what davit says then. Nothing secret may reach a host that it is not for."""

import base64
import json
import subprocess
import unittest

from support.faulty_registry import FaultyRegistry, Store, digest_of
from support.program import DavitTest, program
from support.wasm import module

QUICK = ("--retries", "1", "--timeout", "2s")
SECRETS = ("Authorization", "Cookie")


class Faults(DavitTest):
    def setUp(self):
        super().setUp()
        self.wasm = self.folder / "app.wasm"
        self.wasm.write_bytes(module(3000))
        self.store = Store(self.wasm.read_bytes())

    def serve(self, script):
        return FaultyRegistry(self, script)

    def serve_store(self, special):
        """A registry with good content, except where `special(exchange)` has answered."""
        return self.serve(lambda e: special(e) or self.store.answer(e) or e.answer(404))

    def pull(self, registry, status, *words, **options):
        outcome = self.refuse(status, "pull", f"{registry.host}/app:1", "-o", "out.wasm", *QUICK, *words, **options)
        self.assertFalse((self.folder / "out.wasm").exists())
        self.assertEqual([p for p in self.folder.iterdir() if p.name.startswith(".davit")], [])
        return outcome

    def is_layer(self, exchange):
        return exchange.path.endswith(digest_of(self.store.wasm))

    # --- content ---

    def test_a_blob_with_another_digest(self):
        wrong = self.store.wasm[:-1] + b"x"
        registry = self.serve_store(lambda e: self.is_layer(e) and (e.answer(200, wrong) or True))
        self.pull(registry, 10, saying="digest")

    def test_a_blob_that_is_too_short(self):
        registry = self.serve_store(lambda e: self.is_layer(e) and (e.answer(200, self.store.wasm[:-10]) or True))
        self.pull(registry, 10, saying="ended after")

    def test_a_blob_that_is_too_long(self):
        registry = self.serve_store(lambda e: self.is_layer(e) and (e.answer(200, self.store.wasm + b"x") or True))
        self.pull(registry, 10, saying="longer")

    def test_a_download_that_always_breaks_off(self):
        registry = self.serve_store(lambda e: self.is_layer(e) and (e.answer(200, self.store.wasm[:100], length=len(self.store.wasm)) or True))
        self.pull(registry, 6)

    def test_a_download_that_breaks_off_once_goes_on(self):
        broken = []

        def special(e):
            if not self.is_layer(e):
                return False
            if not broken:
                broken.append(e)
                e.answer(200, self.store.wasm[:1000], length=len(self.store.wasm))
            else:
                begin = int(e.headers["Range"].removeprefix("bytes=").removesuffix("-"))
                e.answer(206, self.store.wasm[begin:])
            return True

        registry = self.serve_store(special)
        self.succeed("pull", f"{registry.host}/app:1", "-o", "out.wasm", *QUICK)
        self.assertEqual((self.folder / "out.wasm").read_bytes(), self.store.wasm)

    def test_a_manifest_with_another_digest(self):
        registry = self.serve(lambda e: e.answer(200, self.store.manifest, Docker_Content_Digest=digest_of(b"else")))
        self.pull(registry, 10)

    def test_a_manifest_that_is_no_json(self):
        registry = self.serve(lambda e: e.answer(200, b"<html>"))
        self.pull(registry, 8)

    def test_a_manifest_that_never_ends(self):
        registry = self.serve(lambda e: e.never_stop())
        self.pull(registry, 9)

    def test_a_blob_that_never_ends(self):
        registry = self.serve_store(lambda e: self.is_layer(e) and e.never_stop(chunk=self.store.wasm))
        self.pull(registry, 10)

    def test_tags_that_never_end(self):
        page = []

        def script(e):
            page.append(1)
            e.answer(200, b'{"tags":["a"]}', Link=f'</v2/app/tags/list?last={len(page)}>; rel="next"')

        self.refuse(7, "tags", f"{self.serve(script).host}/app", saying="never ends")

    def test_a_next_page_on_another_host(self):
        other = self.serve(lambda e: e.answer(200, b'{"tags":["b"]}'))
        registry = self.serve(lambda e: e.answer(200, b'{"tags":["a"]}', Link=f'<http://{other.host}/v2/app/tags/list>; rel="next"'))
        self.refuse(7, "tags", f"{registry.host}/app")
        self.assertEqual(other.requests, [])

    def test_headers_that_never_end(self):
        def script(e):
            e.handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: %s\r\n" % (b"y" * 4000) * 500 + b"\r\n")
            e.handler.close_connection = True

        self.pull(self.serve(script), 7)

    def test_referrers_in_a_cycle_end(self):
        def script(e):
            if "/referrers/" in e.path:
                entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest_of(self.store.manifest), "size": len(self.store.manifest)}
                e.answer(200, json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode())
            else:
                ("/manifests/sha256-" not in e.path and self.store.answer(e)) or e.answer(404)

        registry = self.serve(script)
        self.succeed("tree", f"{registry.host}/app:1")
        self.succeed("copy", f"{registry.host}/app:1", "oci:copy:1", "--recursive")

    # --- statuses ---

    def test_each_status_has_its_exit(self):
        for status, expected in ((401, 5), (403, 5), (404, 4), (429, 6), (500, 6), (503, 6), (400, 7), (418, 7)):
            with self.subTest(status=status):
                registry = self.serve(lambda e, s=status: e.answer(s, Retry_After="0"))
                self.pull(registry, expected)
                self.refuse(expected, "push", self.wasm, f"{registry.host}/app:1", *QUICK)

    def test_what_the_registry_says_is_passed_on_safely(self):
        body = json.dumps({"errors": [{"code": "DENIED", "message": "quota\u001b[31m used up"}]}).encode()
        outcome = self.pull(self.serve(lambda e: e.answer(403, body)), 5, saying="quota")
        self.assertNotIn("\x1b", outcome.err)

    def test_a_passing_refusal_is_waited_for(self):
        seen = []

        def special(e):
            seen.append(e)
            return len(seen) == 1 and (e.answer(429, Retry_After="0") or True)

        registry = self.serve_store(special)
        self.succeed("pull", f"{registry.host}/app:1", "-o", "out.wasm", *QUICK)

    def test_a_wait_that_is_too_long_is_not_waited_for(self):
        registry = self.serve(lambda e: e.answer(429, Retry_After="86400"))
        self.pull(registry, 6)
        self.assertEqual(len(registry.requests), 1)

    def test_closing_and_stalling(self):
        self.pull(self.serve(lambda e: e.hang_up()), 6)
        self.pull(self.serve(lambda e: e.stall()), 6, saying="silent")

    def test_an_upload_that_breaks_is_started_again(self):
        puts = []

        def script(e):
            if e.method == "POST":
                e.answer(202, Location=f"/v2/app/blobs/uploads/{len(puts)}")
            elif "uploads" in e.path:
                puts.append(e)
                e.hang_up() if len(puts) == 1 else e.answer(201)
            elif e.method == "PUT":
                e.answer(201, Docker_Content_Digest=digest_of(e.body))
            else:
                e.answer(404)

        registry = self.serve(script)
        self.succeed("push", self.wasm, f"{registry.host}/app:1", *QUICK)
        self.assertEqual(len(puts), 3)

    def test_a_registry_that_stores_something_else(self):
        def script(e):
            if e.method == "POST":
                e.answer(202, Location="/v2/app/blobs/uploads/1")
            elif e.method == "PUT":
                e.answer(201, Docker_Content_Digest=digest_of(b"else"))
            else:
                e.answer(404)

        self.refuse(10, "push", self.wasm, f"{self.serve(script).host}/app:1", *QUICK)

    def test_an_upload_without_location(self):
        registry = self.serve(lambda e: e.answer(202) if e.method == "POST" else e.answer(404))
        self.refuse(7, "push", self.wasm, f"{registry.host}/app:1", *QUICK, saying="Location")

    # --- where secrets must not go ---

    def credentials(self, registry):
        path = self.folder / "auth.json"
        path.write_text(json.dumps({"auths": {registry.host: {"auth": base64.b64encode(b"me:geheim").decode()}}}))
        return ("--registry-config", path, "-v")

    def assert_clean(self, other, outcome):
        self.assertTrue(other.requests)
        for exchange in other.requests:
            for name in exchange.headers:
                self.assertNotIn(name.title(), SECRETS)
        self.assertNotIn("geheim", outcome.err)
        self.assertNotIn(base64.b64encode(b"me:geheim").decode(), outcome.err)
        self.assertNotIn("signature=abc", outcome.err)

    def asks_for_password(self, e):
        if e.headers.get("Authorization", "").startswith("Basic "):
            return False
        e.answer(401, WWW_Authenticate='Basic realm="x"')
        return True

    def test_a_download_redirect_takes_no_credentials_along(self):
        other = self.serve(lambda e: e.answer(200, self.store.wasm))
        registry = self.serve_store(
            lambda e: self.asks_for_password(e)
            or (self.is_layer(e) and (e.answer(307, Location=f"http://{other.host}/bucket?signature=abc") or True))
        )
        outcome = self.succeed("pull", f"{registry.host}/app:1", "-o", "out.wasm", *QUICK, *self.credentials(registry))
        self.assert_clean(other, outcome)

    def test_an_upload_elsewhere_takes_no_credentials_along(self):
        other = self.serve(lambda e: e.answer(201))

        def script(e):
            if self.asks_for_password(e):
                return
            if e.method == "POST":
                e.answer(202, Location=f"http://{other.host}/upload?signature=abc")
            elif e.method == "PUT":
                e.answer(201, Docker_Content_Digest=digest_of(e.body))
            else:
                e.answer(404)

        registry = self.serve(script)
        outcome = self.succeed("push", self.wasm, f"{registry.host}/app:1", *QUICK, *self.credentials(registry))
        self.assert_clean(other, outcome)

    def test_a_challenge_from_elsewhere_is_not_answered(self):
        other = self.serve(lambda e: e.answer(401, WWW_Authenticate='Basic realm="give"'))
        registry = self.serve_store(lambda e: self.asks_for_password(e) or (self.is_layer(e) and (e.answer(307, Location=f"http://{other.host}/x") or True)))
        outcome = self.pull(registry, 5, *self.credentials(registry))
        self.assert_clean(other, outcome)

    def test_a_token_server_that_redirects_gets_nothing_more(self):
        other = self.serve(lambda e: e.answer(200, b'{"token":"x"}'))
        realm = self.serve(lambda e: e.answer(307, Location=f"http://{other.host}/token"))
        registry = self.serve(lambda e: e.answer(401, WWW_Authenticate=f'Bearer realm="http://{realm.host}/token",service="s"'))
        self.pull(registry, 7, *self.credentials(registry))
        self.assertEqual(other.requests, [])

    def test_a_realm_without_tls_elsewhere_is_refused(self):
        registry = self.serve(lambda e: e.answer(401, WWW_Authenticate='Bearer realm="http://tokens.example.com/token"'))
        self.pull(registry, 5, *self.credentials(registry), saying="without TLS")

    def test_a_challenge_without_scope_is_answered_with_our_own(self):
        tokens = self.serve(lambda e: e.answer(200, b'{"access_token":"good"}'))

        def special(e):
            if e.headers.get("Authorization") == "Bearer good":
                return False
            e.answer(401, WWW_Authenticate=f'Bearer realm="http://{tokens.host}/token"')
            return True

        registry = self.serve_store(special)
        outcome = self.succeed("pull", f"{registry.host}/app:1", "-o", "out.wasm", *QUICK, *self.credentials(registry))
        self.assertIn("scope=repository%3Aapp%3Apull", tokens.requests[0].path)
        self.assertNotIn("good", outcome.err)

    def test_odd_challenges_and_tokens(self):
        for header in ("", "Bearer", 'Bearer realm="nonsense"', 'Bearer realm="', "Negotiate", 'Basic realm="x"'):
            with self.subTest(header=header):
                registry = self.serve(lambda e, h=header: e.answer(401, WWW_Authenticate=h))
                outcome = self.run_davit("resolve", f"{registry.host}/app:1", *QUICK)
                self.assertIn(outcome.status, (5, 7), outcome.err)
        for body in (b"", b"{}", b'{"token":1}', b'{"token":"a\\nb"}', b"[" * 1000):
            with self.subTest(body=body):
                realm = self.serve(lambda e, b=body: e.answer(200, b))
                registry = self.serve(lambda e, r=realm: e.answer(401, WWW_Authenticate=f'Bearer realm="http://{r.host}/t"'))
                self.refuse(7, "resolve", f"{registry.host}/app:1", *QUICK)

    # --- names ---

    def test_a_title_never_leads_out_of_the_folder(self):
        inside = self.folder / "inside"
        inside.mkdir()
        for title, name in (("../evil.wasm", "evil.wasm"), ("/etc/evil", "evil.wasm"), ("a\\..\\b.wasm", "b.wasm"), ("..", "app.wasm"), (".bashrc", "app.wasm"), ("-rf.wasm", "app.wasm"), ("a\nb", "app.wasm")):
            with self.subTest(title=title):
                self.store = Store(self.wasm.read_bytes(), title=title)
                registry = self.serve_store(lambda e: False)
                done = subprocess.run([program(), "pull", f"{registry.host}/app:1"], cwd=inside, env=self.environment, capture_output=True, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual([p.name for p in inside.iterdir()], [name])
                (inside / name).unlink()
                self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["app.wasm", "home", "inside"])


if __name__ == "__main__":
    unittest.main()
