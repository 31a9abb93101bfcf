"""Keys, signatures and their verification through the program, on image layouts."""

import base64
import hashlib
import json
import os
import pty
import select
import signal
import stat
import subprocess
import unittest

from support.program import DavitTest, program

PASSWORD = {"DAVIT_PASSWORD": "correct horse"}


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Layout:
    """An image layout written by hand, so that these tests need no other command."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "blobs" / "sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        self.entries = []

    def blob(self, data):
        (self.folder / "blobs" / "sha256" / hashlib.sha256(data).hexdigest()).write_bytes(data)
        return {"digest": digest(data), "size": len(data)}

    def artifact(self, tag, content, annotations=None):
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.wasm.config.v0+json", **self.blob(b"{}")},
            "layers": [{"mediaType": "application/wasm", **self.blob(content)}],
        }
        if annotations:
            manifest["annotations"] = annotations
        entry = {"mediaType": manifest["mediaType"], **self.blob(json.dumps(manifest).encode()),
                 "annotations": {"org.opencontainers.image.ref.name": tag}}
        self.entries.append(entry)
        (self.folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": self.entries}))
        return entry["digest"]

    def manifests(self):
        index = json.loads((self.folder / "index.json").read_text())
        for entry in index["manifests"]:
            path = self.folder / "blobs" / "sha256" / entry["digest"][7:]
            yield entry, json.loads(path.read_text())


class KeyTest(DavitTest):
    def test_generate_writes_a_sealed_key_that_only_its_owner_can_read(self):
        made = self.succeed("key", "generate", "-o", "release", **PASSWORD)

        self.assertEqual(made.out, "release.key\nrelease.pub\n")
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "release.key").st_mode), 0o600)
        text = (self.folder / "release.key").read_text()
        self.assertTrue(text.startswith("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"))
        self.assertTrue((self.folder / "release.pub").read_text().startswith("-----BEGIN PUBLIC KEY-----\n"))
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["home", "release.key", "release.pub"])

    def test_generate_never_overwrites(self):
        for name in ("davit.key", "davit.pub"):
            (self.folder / name).write_text("precious")
            self.refuse(13, "key", "generate", saying="is not overwritten", **PASSWORD)
            self.assertEqual((self.folder / name).read_text(), "precious")
            (self.folder / name).unlink()
        self.assertEqual([p.name for p in self.folder.iterdir()], ["home"])

    def test_generate_names_a_folder_that_is_not_there(self):
        self.refuse(4, "key", "generate", "-o", "no/where", saying="no/where.key", **PASSWORD)

    def test_public_prints_the_public_half(self):
        self.succeed("key", "generate", **PASSWORD)
        expected = (self.folder / "davit.pub").read_text()

        self.assertEqual(self.succeed("key", "public", "--key", "davit.key", **PASSWORD).out, expected)
        self.assertEqual(self.succeed("key", "public", "--key", "davit.pub").out, expected)
        self.assertEqual(self.succeed("key", "public", "--key", "davit.pub", "--json").json["publicKey"], expected)

    def test_the_public_key_is_what_openssl_reads(self):
        self.succeed("key", "generate", **PASSWORD)

        shown = subprocess.run(["openssl", "pkey", "-pubin", "-in", self.folder / "davit.pub", "-noout", "-text"], capture_output=True, text=True, check=True)

        self.assertIn("prime256v1", shown.stdout)

    def test_password_sources_in_their_order(self):
        self.succeed("key", "generate", **PASSWORD)
        (self.folder / "password").write_text("correct horse\n")

        self.succeed("key", "public", "--key", "davit.key", COSIGN_PASSWORD="correct horse")
        self.succeed("key", "public", "--key", "davit.key", COSIGN_PASSWORD="wrong", **PASSWORD)
        self.succeed("key", "public", "--key", "davit.key", "--password-fd", "0", stdin=b"correct horse\n", DAVIT_PASSWORD="wrong")
        self.refuse(5, "key", "public", "--key", "davit.key", saying="password does not open", DAVIT_PASSWORD="wrong")
        self.refuse(5, "key", "public", "--key", "davit.key", DAVIT_PASSWORD="")
        self.refuse(2, "key", "public", "--key", "davit.key", "--password-fd", "77", saying="77")
        self.refuse(9, "key", "public", "--key", "davit.key", "--password-fd", "0", stdin=b"x" * 5000)

    def test_an_empty_password_is_one_and_is_warned_about(self):
        made = self.succeed("key", "generate", DAVIT_PASSWORD="")

        self.assertIn("warning", made.err)
        self.succeed("key", "public", "--key", "davit.key", COSIGN_PASSWORD="")

    def on_terminal(self, words, lines):
        """Runs davit on a terminal of its own, types lines, and returns exit status and all that was shown."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execve(program(), [program(), *words], self.environment)
        shown, lines = b"", list(lines)
        while select.select([terminal], [], [], 20)[0]:
            try:
                data = os.read(terminal, 1024)
            except OSError:
                break
            if not data:
                break
            shown += data
            if lines and shown.endswith(b": "):
                os.write(terminal, lines.pop(0))
        else:
            os.kill(child, signal.SIGKILL)
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown

    def test_the_terminal_is_asked_without_echo(self):
        status, shown = self.on_terminal(["key", "generate"], [b"typex\x7fd\n", b"typed\n"])
        self.assertEqual(status, 0, shown)
        self.assertNotIn(b"type", shown)
        status, shown = self.on_terminal(["key", "public", "--key", "davit.key"], [b"typed\n"])
        self.assertEqual(status, 0, shown)

        status, shown = self.on_terminal(["key", "generate", "-o", "two"], [b"one\n", b"other\n"])
        self.assertEqual(status, 2)
        self.assertIn(b"differ", shown)
        status, shown = self.on_terminal(["key", "generate", "-o", "two"], [b"abc\x03"])
        self.assertEqual(status, 2)
        self.assertFalse((self.folder / "two.key").exists())

    def test_without_a_terminal_and_without_a_password_it_says_what_to_do(self):
        words = ["setsid", "-w", program(), "key", "generate"]
        done = subprocess.run(words, capture_output=True, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, check=False)

        self.assertEqual(done.returncode, 2)
        self.assertIn(b"DAVIT_PASSWORD", done.stderr)


class SignTest(DavitTest):
    def setUp(self):
        super().setUp()
        self.layout = Layout(self.folder / "store")
        self.digest = self.layout.artifact("v1", b"\0asm\1\0\0\0", {"dev.davit.capabilities": "clocks,filesystem"})
        self.succeed("key", "generate", **PASSWORD)
        self.succeed("key", "generate", "-o", "other", **PASSWORD)

    def sign(self, *words, key="davit.key", ref="oci:store:v1"):
        return self.succeed("sign", ref, "--key", key, *words, **PASSWORD)

    def verify(self, *words, key="davit.pub", ref="oci:store:v1"):
        return self.succeed("verify", ref, "--key", key, *words)

    def test_sign_prints_the_digest_that_it_signed(self):
        self.assertEqual(self.sign().out, f"oci:store@{self.digest}\n")
        self.assertEqual(self.verify().out, f"oci:store@{self.digest}\n")

    def test_verify_in_json_names_signers_and_capabilities(self):
        self.sign("--signature-format", "both")

        found = self.verify("--json").json

        self.assertEqual(found["digest"], self.digest)
        self.assertTrue(found["verified"])
        self.assertEqual([(s["format"], s["verified"]) for s in found["signatures"]], [("bundle", True), ("classic", True)])
        self.assertEqual(found["capabilities"], {"classes": ["clocks", "filesystem"]})

    def test_the_bundle_is_a_referrer_as_cosign_writes_it(self):
        self.sign()

        found = [m for _, m in self.layout.manifests() if m.get("subject", {}).get("digest") == self.digest]

        self.assertEqual(len(found), 1)
        self.assertEqual(found[0]["artifactType"], "application/vnd.dev.sigstore.bundle.v0.3+json")
        self.assertEqual(found[0]["annotations"]["org.opencontainers.image.created"], "1970-01-01T00:00:00Z")
        bundle = json.loads((self.folder / "store/blobs/sha256" / found[0]["layers"][0]["digest"][7:]).read_text())
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        self.assertEqual(statement["predicateType"], "https://sigstore.dev/cosign/sign/v1")
        self.assertEqual(statement["subject"], [{"digest": {"sha256": self.digest[7:]}}])

    def test_openssl_agrees_with_the_signature(self):
        self.sign("--signature-format", "classic")
        manifest = next(m for e, m in self.layout.manifests() if e["annotations"]["org.opencontainers.image.ref.name"].endswith(".sig"))
        layer = manifest["layers"][0]
        (self.folder / "sig").write_bytes(base64.b64decode(layer["annotations"]["dev.cosignproject.cosign/signature"]))

        subprocess.run(["openssl", "dgst", "-sha256", "-verify", self.folder / "davit.pub", "-signature", self.folder / "sig",
                        self.folder / "store/blobs/sha256" / layer["digest"][7:]], check=True, capture_output=True)

    def test_created_follows_source_date_epoch(self):
        self.succeed("sign", "oci:store:v1", "--key", "davit.key", SOURCE_DATE_EPOCH="1700000000", **PASSWORD)

        self.assertIn("2023-11-14T22:13:20Z", [m.get("annotations", {}).get("org.opencontainers.image.created") for _, m in self.layout.manifests()])

    def test_two_signers_in_both_forms(self):
        for key in ("davit.key", "other.key"):
            self.sign("--signature-format", "both", key=key)

        for key in ("davit.pub", "other.pub"):
            found = self.verify("--json", key=key).json
            self.assertEqual(len(found["signatures"]), 4)
            self.assertEqual(sum(s["verified"] for s in found["signatures"]), 2)

    def test_signing_again_adds_nothing(self):
        self.sign("--signature-format", "both")
        before = sorted(p.name for p in (self.folder / "store/blobs/sha256").iterdir())

        again = self.sign("--signature-format", "both", "--json").json

        self.assertEqual([s["added"] for s in again["signatures"]], [False, False])
        self.assertEqual(sorted(p.name for p in (self.folder / "store/blobs/sha256").iterdir()), before)

    def test_unsigned_untrusted_and_unknown_are_told_apart(self):
        self.refuse(15, "verify", "oci:store:v1", "--key", "davit.pub", saying="not signed")
        self.refuse(4, "verify", "oci:store:v2", "--key", "davit.pub")
        self.refuse(4, "verify", "oci:nowhere:v1", "--key", "davit.pub")
        self.sign(key="other.key")
        self.refuse(11, "verify", "oci:store:v1", "--key", "davit.pub", saying="another key")
        refused = self.run_davit("verify", "oci:store:v1", "--key", "davit.pub", "--json")
        self.assertEqual(refused.status, 11)
        self.assertFalse(refused.json["verified"])

    def test_no_key_is_a_usage_error_and_never_a_pass(self):
        self.sign()
        self.refuse(2, "verify", "oci:store:v1", saying="no key")
        (self.folder / "empty.pub").write_text("")
        self.refuse(8, "verify", "oci:store:v1", "--key", "empty.pub", saying="empty.pub")
        self.refuse(8, "verify", "oci:store:v1", "--key", "davit.key", saying="expected \"PUBLIC KEY\"")
        self.refuse(4, "verify", "oci:store:v1", "--key", "missing.pub")

    def test_a_moved_tag_is_not_covered_by_the_old_signature(self):
        self.sign()
        self.layout.entries = [{**e, "annotations": {}} for e in self.layout.entries]
        index = json.loads((self.folder / "store/index.json").read_text())
        index["manifests"] = [e for e in index["manifests"] if "annotations" not in e or not e["annotations"]]
        evil = Layout(self.folder / "evil").artifact("v1", b"\0asm\1\0\0\0evil")
        for path in (self.folder / "evil/blobs/sha256").iterdir():
            path.rename(self.folder / "store/blobs/sha256" / path.name)
        manifest = (self.folder / "store/blobs/sha256" / evil[7:]).read_bytes()
        index["manifests"].append({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": evil, "size": len(manifest),
                                   "annotations": {"org.opencontainers.image.ref.name": "v1"}})
        (self.folder / "store/index.json").write_text(json.dumps(index))

        self.refuse(15, "verify", "oci:store:v1", "--key", "davit.pub")

    def test_a_changed_signature_blob_is_refused(self):
        self.sign()
        manifest = next(m for _, m in self.layout.manifests() if "subject" in m)
        blob = self.folder / "store/blobs/sha256" / manifest["layers"][0]["digest"][7:]
        blob.chmod(0o644)
        blob.write_bytes(blob.read_bytes().replace(b"hint", b"Hint"))

        self.refuse(11, "verify", "oci:store:v1", "--key", "davit.pub", saying="digest")

    def test_more_candidates_than_allowed_are_refused(self):
        for key in ("davit.key", "other.key"):
            self.sign(key=key)

        self.refuse(9, "verify", "oci:store:v1", "--key", "davit.pub", "--max-signatures", "0", saying="more than 0")

    def test_files_with_bundles(self):
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.assertEqual(self.succeed("sign", "app.wasm", "--key", "davit.key", "--bundle", "b.json", **PASSWORD).out, "b.json\n")

        verified = self.succeed("verify", "app.wasm", "--bundle", "b.json", "--key", "davit.pub")

        self.assertEqual(verified.out, digest(b"\0asm\1\0\0\0") + "\n")
        self.refuse(11, "verify", "app.wasm", "--bundle", "b.json", "--key", "other.pub", saying="another key")
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\1")
        self.refuse(11, "verify", "app.wasm", "--bundle", "b.json", "--key", "davit.pub", saying="another file")
        (self.folder / "b.json").write_text("{}")
        self.refuse(11, "verify", "app.wasm", "--bundle", "b.json", "--key", "davit.pub", saying="cannot be read")
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0\1\1\0")
        self.refuse(15, "verify", "app.wasm", "--key", "davit.pub", saying="--bundle")
        (self.folder / "app.txt").write_text("text")
        self.refuse(2, "verify", "app.txt", "--key", "davit.pub", saying="--bundle")
        self.refuse(2, "sign", "app.wasm", "--key", "davit.key", saying="--bundle", **PASSWORD)

    def test_a_name_that_could_be_a_repository_is_the_file_that_is_there(self):
        (self.folder / "app").write_bytes(b"content")
        self.succeed("sign", "app", "--key", "davit.key", "--bundle", "named.json", **PASSWORD)
        self.succeed("verify", "app", "--bundle", "named.json", "--key", "davit.pub")

    def test_push_signs_and_pull_takes_only_what_is_signed(self):
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.succeed("push", "app.wasm", "oci:pushed:v1", "--sign", "davit.key", **PASSWORD)
        self.succeed("push", "app.wasm", "oci:bare:v1")

        self.succeed("pull", "oci:pushed:v1", "--key", "davit.pub", "-o", "back.wasm")

        self.assertEqual((self.folder / "back.wasm").read_bytes(), b"\0asm\1\0\0\0")
        self.refuse(11, "pull", "oci:pushed:v1", "--key", "other.pub", "-o", "no.wasm", saying="another key")
        self.refuse(15, "pull", "oci:bare:v1", "--key", "davit.pub", "-o", "no.wasm", saying="not signed")
        self.assertFalse((self.folder / "no.wasm").exists())

    def test_a_wrong_password_pushes_nothing(self):
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")

        self.refuse(5, "push", "app.wasm", "oci:pushed:v1", "--sign", "davit.key", DAVIT_PASSWORD="wrong")

        self.assertFalse((self.folder / "pushed").exists())

    def test_an_archive_is_signed_and_verified(self):
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.succeed("push", "app.wasm", "oci-archive:app.tar:v1")
        self.succeed("sign", "oci-archive:app.tar:v1", "--key", "davit.key", **PASSWORD)

        self.succeed("verify", "oci-archive:app.tar:v1", "--key", "davit.pub")

    def test_no_secret_shows_in_verbose_output(self):
        done = self.run_davit("sign", "oci:store:v1", "--key", "davit.key", "-v", **PASSWORD)

        self.assertNotIn("correct horse", done.out + done.err)


if __name__ == "__main__":
    unittest.main()
