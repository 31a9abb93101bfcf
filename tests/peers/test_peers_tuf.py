"""TUF repositories of python-tuf, and the real root of Sigstore's public-good instance, as davit sees them."""

import base64
import functools
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import threading
import unittest

from support.program import DavitTest
from support.tuf import Repository

PYTHON = shutil.which("peers-python")
SCRIPT = pathlib.Path(__file__).with_name("tuf_repository.py")
SEEDS = pathlib.Path(os.environ.get("DAVIT_PEERS", pathlib.Path.home() / ".cache/davit/peers")) / "npm/tuf/node_modules/@sigstore/tuf/seeds.json"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@unittest.skipUnless(PYTHON, "python-tuf is not installed (./dev peers)")
class PythonTufTest(DavitTest):
    def python_tuf(self, *words):
        done = subprocess.run([PYTHON, SCRIPT, *map(str, words)], capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_davit_follows_a_repository_of_python_tuf_with_keys_of_every_kind(self):
        self.python_tuf("write", self.folder / "tuf")
        root = self.folder / "tuf/metadata/1.root.json"
        state = self.succeed("trust", "update", "--mirror", self.folder / "tuf", "--root", root, "--json").json
        self.assertEqual(state["rootVersion"], 2)
        self.assertEqual(pathlib.Path(state["trustedRoot"]).read_bytes(), b"{}")

    def test_davit_refuses_what_python_tuf_did_not_sign(self):
        self.python_tuf("write", self.folder / "tuf")
        root = self.folder / "tuf/metadata/1.root.json"
        for name in ("2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"):
            path = self.folder / "tuf/metadata" / name
            good = path.read_bytes()
            document = json.loads(good)
            document["signed"]["expires"] = "2099-01-01T00:00:00Z"
            path.write_text(json.dumps(document))
            outcome = self.run_davit("trust", "update", "--mirror", self.folder / "tuf", "--root", root)
            self.assertIn(outcome.status, (9, 10, 11), f"{name}: {outcome.err}")
            path.write_bytes(good)

    def test_python_tuf_follows_the_repositories_of_our_tests(self):
        repository = Repository(self.folder / "ours", self.folder / "keys")
        repository.add("trusted_root.json", b"[1]")
        root = repository.publish_root()
        repository.publish()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(repository.folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.assertEqual(self.python_tuf("read", f"http://127.0.0.1:{server.server_port}", root).strip(), "[1]")


@unittest.skipUnless(SEEDS.exists(), "@sigstore/tuf is not installed (./dev peers)")
class PublicGoodTest(DavitTest):
    def setUp(self):
        super().setUp()
        self.root = self.folder / "root.json"
        seed = json.loads(SEEDS.read_text())["https://tuf-repo-cdn.sigstore.dev"]
        self.root.write_bytes(base64.b64decode(seed["root.json"]))
        self.mirror = self.folder / "mirror"
        self.mirror.mkdir()

    def test_the_real_root_is_believed_by_its_own_threshold(self):
        outcome = self.run_davit("trust", "update", "--mirror", self.mirror, "--root", self.root)
        # An empty mirror has nothing after the root: it is missed, or the root is too old. The signatures were good.
        self.assertTrue("has no timestamp.json" in outcome.err or "expired" in outcome.err, outcome.err)
        self.assertNotIn("signed by", outcome.err)

    def test_the_real_root_with_one_changed_word_is_not(self):
        document = json.loads(self.root.read_text())
        document["signed"]["expires"] = "2099-01-01T00:00:00Z"
        self.root.write_text(json.dumps(document))
        self.refuse(11, "trust", "update", "--mirror", self.mirror, "--root", self.root, saying="signed by 0 of")


if __name__ == "__main__":
    unittest.main()
