"""davit trust: the trust root by TUF, from a folder and over HTTP, against repositories that were made with openssl."""

import functools
import http.server
import json
import threading
import unittest

from support.program import DavitTest
from support.tuf import Repository

ROOT = b'{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}'


class TrustTest(DavitTest):
    def setUp(self):
        super().setUp()
        self.repository = Repository(self.folder / "tuf", self.folder / "keys")
        self.repository.add("trusted_root.json", ROOT)
        self.first_root = self.repository.publish_root()
        self.repository.publish()
        self.kept = self.folder / "home/.local/share/davit/tuf"

    def update(self, *words):
        return self.succeed("trust", "update", *words)

    def begin(self):
        return self.update("--mirror", self.repository.folder, "--root", self.first_root)

    def test_update_begins_with_the_named_root_and_goes_on_without_it(self):
        path = self.begin().out.strip()
        self.assertEqual(path, str(self.kept / "targets/trusted_root.json"))
        self.assertEqual((self.kept / "targets/trusted_root.json").read_bytes(), ROOT)
        self.repository.add("trusted_root.json", ROOT + b"\n")
        self.repository.add("signing_config.v0.2.json", b"{}")
        self.repository.versions["root"] = 2
        self.repository.publish_root()
        self.repository.publish_next()
        state = self.succeed("trust", "update", "--json").json
        self.assertEqual(state["rootVersion"], 2)
        self.assertEqual(len(state["targets"]), 2)
        self.assertEqual((self.kept / "targets/trusted_root.json").read_bytes(), ROOT + b"\n")

    def test_nothing_is_trusted_before_a_root_was_named(self):
        self.refuse(4, "trust", "show", saying="no trust root was fetched yet")
        self.refuse(2, "trust", "update", saying="no mirror is known yet")
        self.refuse(4, "trust", "update", "--mirror", self.repository.folder, saying="no root of trust is known yet")
        self.assertFalse(self.kept.exists())

    def test_show_says_where_it_is_and_how_old(self):
        self.begin()
        out = self.succeed("trust", "show").out
        self.assertIn(str(self.kept / "targets/trusted_root.json"), out)
        self.assertIn("0 days ago", out)
        self.assertIn("version 1", out)
        state = self.succeed("trust", "show", "--json").json
        self.assertEqual((state["ageDays"], state["fresh"], state["mirror"]), (0, True, str(self.repository.folder)))

    def test_another_root_is_not_taken_for_the_same_repository(self):
        self.begin()
        other = Repository(self.folder / "other", self.folder / "other-keys")
        root = other.publish_root()
        self.refuse(13, "trust", "update", "--mirror", other.folder, "--root", root, saying="follows another root")

    def test_a_root_that_is_not_signed_by_its_own_threshold_is_refused_and_leaves_nothing(self):
        root = self.repository.publish_root(signers=("root",))
        self.refuse(11, "trust", "update", "--mirror", self.repository.folder, "--root", root, saying="signed by 1 of the 2")
        self.assertFalse(self.kept.exists())

    def test_rollback_freeze_and_changed_files_are_refused_and_the_old_state_stays(self):
        self.repository.publish_next()
        self.begin()
        before = {path: path.read_bytes() for path in self.kept.rglob("*") if path.is_file()}
        self.repository.versions["timestamp"] = 1
        self.repository.publish()
        self.refuse(11, "trust", "update", saying="older than version 2")
        self.repository.versions["timestamp"] = 3
        self.repository.days["timestamp"] = -1
        self.repository.publish()
        self.refuse(11, "trust", "update", saying="expired")
        self.assertEqual({path: path.read_bytes() for path in self.kept.rglob("*") if path.is_file()}, before)
        self.repository.days["timestamp"] = 7
        self.repository.publish_next()
        for path in self.repository.targets.iterdir():
            path.write_bytes(b"x" * len(ROOT))
        self.refuse(10, "trust", "update", saying="sha256 hash")
        self.assertEqual((self.kept / "targets/trusted_root.json").read_bytes(), ROOT)

    def test_a_mirror_over_http_gives_the_same_and_its_failures_are_network_errors(self):
        handler = functools.partial(QuietHandler, directory=str(self.repository.folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        mirror = f"http://127.0.0.1:{server.server_port}/metadata"
        self.update("--mirror", mirror, "--root", self.first_root)
        self.assertEqual(json.loads(self.succeed("trust", "show", "--json").out)["mirror"], mirror)
        self.update()
        self.refuse(6, "trust", "update", "--mirror", "http://127.0.0.1:1/metadata", "--retries", "0")
        self.refuse(4, "trust", "update", "--mirror", f"http://127.0.0.1:{server.server_port}/elsewhere", saying="has no timestamp.json")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    unittest.main()
