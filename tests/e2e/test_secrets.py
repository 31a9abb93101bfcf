"""No private key and no password stay in the memory of a signing process once it has signed, nor in what it prints.

The process stands still because the registry it talks to answers a request and then no more; its memory is read from
/proc. The program has no hook for this."""

import base64
import http.server
import os
import pathlib
import re
import subprocess
import threading
import unittest

from support.program import DavitTest, program

WORD = "Kx7-battery-staple-93-Qz"
PASSWORD = {"DAVIT_PASSWORD": WORD}
KINDS = ["ecdsa-p256", "ed25519", "rsa-2048"]


class HangingRegistry:
    """Speaks as much of the registry protocol as signing needs, and hangs at the n-th request that writes."""

    def __init__(self, test, hang_at):
        self.reached = threading.Event()
        self.release = threading.Event()
        self.writes = 0
        outer = self
        manifest = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json",' \
                   b'"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}'

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def do_GET(self):
                if "/manifests/v1" in self.path or "/manifests/sha256:" in self.path:
                    return self.answer(200, manifest, Content_Type="application/vnd.oci.image.manifest.v1+json")
                if "/referrers/" in self.path:
                    return self.answer(200, b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
                                       Content_Type="application/vnd.oci.image.index.v1+json")
                return self.answer(200 if self.path == "/v2/" else 404)

            do_HEAD = do_GET

            def write(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.writes += 1
                if outer.writes == hang_at:
                    outer.reached.set()
                    outer.release.wait(120)
                if self.command == "POST":
                    return self.answer(202, Location=self.path.split("?")[0] + "1")
                return self.answer(201)

            do_POST = do_PUT = do_PATCH = write

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):  # the signer is killed while it is answered
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)
        test.addCleanup(self.release.set)
        self.host = "127.0.0.1:%d" % self.server.server_address[1]


def memory_of(pid):
    """Every page that the process may write, but the environment and arguments on its stack, which the caller gave it."""
    found = []
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            parts = line.split()
            start, end = (int(x, 16) for x in parts[0].split("-"))
            if "r" not in parts[1] or "w" not in parts[1] or end - start > 1 << 32:
                continue
            at = start
            while at < end:
                try:
                    memory.seek(at)
                    chunk = memory.read(min(end - at, 1 << 24))
                except (OSError, ValueError, OverflowError):
                    break
                if not chunk:
                    break
                found.append((parts[-1] if len(parts) > 5 else "anonymous", chunk))
                at += len(chunk)
    return found


@unittest.skipUnless(pathlib.Path("/proc/self/mem").exists(), "there is no /proc/self/mem here")
class SecretsTest(DavitTest):
    def secrets_of(self, kind):
        """The parts of a key that must not be found: DER, PEM lines, and its numbers."""
        plain = self.folder / (kind + ".pem")
        self.succeed("key", "convert", "--key", kind + ".key", "-o", str(plain), "--unprotected", **PASSWORD)
        text = plain.read_text()
        der = base64.b64decode("".join(text.split("\n")[1:-2]))
        shown = subprocess.run(["openssl", "pkey", "-in", plain, "-noout", "-text"], capture_output=True, text=True, check=True).stdout
        names = ("priv", "privateExponent", "prime1", "prime2", "exponent1", "exponent2", "coefficient")
        secrets = {"PEM line": text.split("\n")[1].encode()[-40:] if kind.startswith("rsa") else text.split("\n")[1].encode()}
        for name, digits in re.findall(r"^(\w+):\n((?:    [0-9a-f:]+\n)+)", shown, re.M):
            if name not in names:
                continue
            number = bytes.fromhex(re.sub(r"[^0-9a-f]", "", digits)).lstrip(b"\0")
            secrets[name] = number
            secrets[name + " reversed"] = number[::-1]
        self.assertGreater(len(secrets), 2)
        self.assertIn(list(secrets.values())[1], der)
        return secrets

    def stopped_signer(self, kind, form, hang_at):
        registry = HangingRegistry(self, hang_at)
        read, write = os.pipe()
        os.write(write, (WORD + "\n").encode())
        os.close(write)
        process = subprocess.Popen([program(), "sign", registry.host + "/app:v1", "--key", kind + ".key", "--signature-format", form, "--verbose",
                                    "--password-fd", str(read)],
                                   cwd=self.folder, env=self.environment, pass_fds=[read], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(read)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertTrue(registry.reached.wait(60), "the signer never came to this request")
        return process

    def test_neither_key_nor_password_is_in_the_memory_of_a_stopped_signer(self):
        for kind in KINDS:
            self.succeed("key", "generate", "--type", kind, "-o", kind, **PASSWORD)
            secrets = {**self.secrets_of(kind), "password": WORD.encode()}
            for form, hang_at in [("bundle", 1), ("bundle", 4), ("classic", 2)]:
                with self.subTest(kind=kind, form=form, request=hang_at):
                    process = self.stopped_signer(kind, form, hang_at)
                    memory = memory_of(process.pid)
                    self.assertGreater(sum(len(chunk) for _, chunk in memory), 100_000)
                    process.kill()
                    out, err = process.communicate()
                    found = sorted({f"{name} in {place}" for name, secret in secrets.items() for place, chunk in memory if secret in chunk})
                    self.assertEqual(found, [])
                    for name, secret in secrets.items():
                        self.assertNotIn(secret, out + err, name)

    def test_the_search_finds_what_is_there(self):
        marker = b"a marker that " + b"only this process holds"
        self.assertTrue(any(marker in chunk for _, chunk in memory_of(os.getpid())))

    def test_no_level_of_output_tells_a_secret(self):
        kind = "ecdsa-p256"
        self.succeed("key", "generate", "-o", kind, **PASSWORD)
        secrets = {**self.secrets_of(kind), "password": WORD.encode()}
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.succeed("push", "app.wasm", "oci:store:v1")
        for words in ([], ["--verbose"], ["--quiet"], ["--json"]):
            for command in (["sign", "oci:store:v1", "--key", kind + ".key"], ["key", "inspect", kind + ".key", "--open"],
                            ["sign", "oci:absent:v1", "--key", kind + ".key"], ["key", "public", "--key", kind + ".key"]):
                for password in (WORD, "wrong-" + WORD):
                    done = self.run_davit(*command, *words, DAVIT_PASSWORD=password)
                    for name, secret in secrets.items():
                        self.assertNotIn(secret, done.out_bytes + done.err.encode(), f"{name} in the output of {command} {words}")


if __name__ == "__main__":
    unittest.main()
