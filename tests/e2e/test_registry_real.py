"""Push, pull, copy and the rest against a real registry, plain, with TLS and passwords, and with tokens."""

import base64
import json
import os
import stat
import unittest

from support.program import DavitTest
from support.registry import Authority, Registry, TokenServer
from support.wasm import module


class RegistryTest(DavitTest):
    def setUp(self):
        super().setUp()
        self.wasm = self.folder / "app.wasm"
        self.wasm.write_bytes(module(5000, description="does things"))


class PlainRegistry(RegistryTest):
    def setUp(self):
        super().setUp()
        self.registry = Registry(self)
        self.ref = f"{self.registry.host}/team/app:1.0"

    def test_pull_gives_back_what_push_stored(self):
        pushed = self.succeed("push", self.wasm, self.ref, "--json").json
        self.succeed("pull", self.ref, "-o", "back.wasm")
        self.assertEqual((self.folder / "back.wasm").read_bytes(), self.wasm.read_bytes())
        self.assertEqual(self.succeed("resolve", self.ref).out.strip(), pushed["digest"])
        self.assertEqual(pushed["format"], "wasm")

    def test_the_digest_is_alone_on_standard_output(self):
        out = self.succeed("push", self.wasm, self.ref).out
        self.assertRegex(out, r"\A" + self.ref + r"@sha256:[0-9a-f]{64}\n\Z")

    def test_the_same_file_always_gets_the_same_digest(self):
        first = self.succeed("push", self.wasm, self.ref, "--json").json["digest"]
        self.assertEqual(self.succeed("push", self.wasm, f"oci:{self.folder}/store:x", "--json").json["digest"], first)

    def test_a_push_takes_the_fewest_requests(self):
        self.succeed("push", self.wasm, self.ref)
        first = self.registry.requests()
        self.assertEqual(len(first), 6, first)  # ask for the tag; open and send twice; manifest
        self.succeed("push", self.wasm, self.ref)
        self.assertEqual(len(self.registry.requests()) - len(first), 1)

    def test_a_copy_inside_a_registry_mounts_blobs(self):
        self.succeed("push", self.wasm, self.ref)
        before = len(self.registry.requests())
        self.succeed("copy", self.ref, f"{self.registry.host}/other/app:2.0")
        uploads = [r for r in self.registry.requests()[before:] if r[0] == "POST"]
        self.assertTrue(uploads)
        self.assertTrue(all(status == 201 for _, _, status in uploads), uploads)

    def test_a_copy_keeps_every_digest(self):
        digest = self.succeed("push", self.wasm, self.ref, "--json").json["digest"]
        for target in ("oci:mirror:1.0", "oci-archive:mirror.tar:1.0", f"{self.registry.host}/m/app:1.0"):
            self.assertEqual(self.succeed("copy", self.ref, target, "--json").json["digest"], digest)
            self.succeed("pull", target, "-o", "copied.wasm")
            self.assertEqual((self.folder / "copied.wasm").read_bytes(), self.wasm.read_bytes())

    def test_tags_are_listed_over_many_pages(self):
        self.succeed("push", self.wasm, self.ref)
        names = [f"t{i:03}" for i in range(130)]
        self.succeed("tag", self.ref, *names)
        self.assertEqual(self.succeed("tags", f"{self.registry.host}/team/app").out.split(), ["1.0", *names])

    def test_referrers_come_along_when_asked(self):
        digest = self.succeed("push", self.wasm, self.ref, "--json").json["digest"]
        self.attach("oci:store", digest)
        self.succeed("copy", "oci:store:1.0", f"{self.registry.host}/r/app:1.0", "--recursive")
        tree = self.succeed("tree", f"{self.registry.host}/r/app:1.0", "--json").json
        self.assertEqual([c["role"] for c in tree["children"]], ["config", "layer", "referrer"])
        self.succeed("copy", f"{self.registry.host}/r/app:1.0", "oci:back", "-r")
        back = self.succeed("tree", "oci:back:1.0", "--json").json
        self.assertEqual(back["children"], tree["children"])

    def attach(self, store, digest):
        """Puts a referrer beside a copy of the artifact in a layout."""
        self.succeed("copy", self.ref, f"{store}:1.0")
        folder = self.folder / store.removeprefix("oci:")
        empty = self.blob(folder, b"{}")
        subject = json.loads((folder / "index.json").read_text())["manifests"][0]
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactType": "application/x.note",
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", **empty},
            "layers": [{"mediaType": "application/vnd.oci.empty.v1+json", **empty}],
            "subject": {k: subject[k] for k in ("mediaType", "digest", "size")},
        }
        entry = {"mediaType": manifest["mediaType"], **self.blob(folder, json.dumps(manifest).encode())}
        index = json.loads((folder / "index.json").read_text())
        index["manifests"].append(entry)
        (folder / "index.json").write_text(json.dumps(index))

    def blob(self, folder, data):
        import hashlib

        name = hashlib.sha256(data).hexdigest()
        (folder / "blobs" / "sha256" / name).write_bytes(data)
        return {"digest": "sha256:" + name, "size": len(data)}

    def test_delete_removes_a_manifest_by_digest(self):
        digest = self.succeed("push", self.wasm, self.ref, "--json").json["digest"]
        self.succeed("delete", f"{self.registry.host}/team/app@{digest}")
        self.refuse(4, "resolve", self.ref)

    def test_deleting_a_tag_that_the_registry_cannot_delete_says_what_to_do(self):
        self.succeed("push", self.wasm, self.ref)
        self.refuse(12, "delete", self.ref, saying="by its digest")

    def test_what_is_not_there_is_not_found(self):
        self.refuse(4, "pull", f"{self.registry.host}/none/such:1")
        self.refuse(4, "tags", f"{self.registry.host}/none/such")
        self.refuse(4, "copy", f"{self.registry.host}/none/such:1", "oci:x")

    def test_a_stopped_registry_is_a_network_error(self):
        self.registry.stop()
        self.refuse(6, "resolve", self.ref, "--retries", "0")

    def test_metadata_of_the_file_becomes_annotations(self):
        self.succeed("push", self.wasm, "oci:store:1", "--annotation", "com.example.key=value=with=equals")
        index = json.loads((self.folder / "store/index.json").read_text())
        digest = index["manifests"][0]["digest"].partition(":")[2]
        manifest = json.loads((self.folder / "store/blobs/sha256" / digest).read_text())
        self.assertEqual(manifest["annotations"]["org.opencontainers.image.description"], "does things")
        self.assertEqual(manifest["annotations"]["com.example.key"], "value=with=equals")


class SecuredRegistry(RegistryTest):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder)
        self.registry = Registry(self, authority=self.authority, users={"me": "geheim 1"})
        self.host = f"127.0.0.1:{self.registry.port}"
        self.tls = ("--ca-file", self.authority.ca)
        self.ref = f"{self.host}/app:1"

    def tls_davit(self, *words, **options):
        return self.run_davit(*words, *self.tls, **options)

    def test_login_push_pull_logout(self):
        config = self.folder / "home/.docker/config.json"
        config.parent.mkdir()
        config.write_text(json.dumps({"currentContext": "kept", "auths": {}}))
        done = self.tls_davit("login", self.host, "-u", "me", "--password-stdin", stdin=b"geheim 1\n")
        self.assertEqual(done.status, 0, done.err)
        stored = json.loads(config.read_text())
        self.assertEqual(stored["currentContext"], "kept")
        self.assertEqual(base64.b64decode(stored["auths"][self.host]["auth"]), b"me:geheim 1")
        pushed = self.tls_davit("push", self.wasm, self.ref, "-v")
        self.assertEqual(pushed.status, 0, pushed.err)
        self.assertNotIn("Basic", pushed.err)
        self.assertNotIn(stored["auths"][self.host]["auth"], pushed.err)
        self.assertEqual(self.tls_davit("pull", self.ref, "-o", "x.wasm").status, 0)
        self.assertEqual(self.tls_davit("logout", self.host).status, 0)
        self.assertEqual(self.tls_davit("pull", self.ref, "-o", "x.wasm").status, 5)

    def test_a_wrong_password_is_denied_and_not_stored(self):
        done = self.tls_davit("login", self.host, "-u", "me", "--password-stdin", stdin=b"wrong\n")
        self.assertEqual(done.status, 5, done.err)
        self.assertNotIn("wrong", done.err)
        self.assertFalse((self.folder / "home/.docker/config.json").exists())

    def test_a_new_credential_file_is_for_its_owner_only(self):
        done = self.tls_davit("login", self.host, "-u", "me", "--password-stdin", stdin=b"geheim 1\n")
        self.assertEqual(done.status, 0, done.err)
        mode = stat.S_IMODE(os.stat(self.folder / "home/.docker/config.json").st_mode)
        self.assertEqual(mode, 0o600)

    def test_an_unknown_authority_is_refused_with_the_option_to_use(self):
        other = self.folder / "other"
        other.mkdir()
        self.refuse(6, "resolve", self.ref, "--ca-file", Authority(other).ca, saying="--ca-file")

    def test_a_credential_helper_is_asked_and_told(self):
        helper = self.folder / "bin/docker-credential-test"
        helper.parent.mkdir()
        helper.write_text(f"""#!/bin/sh
case "$1" in
store) cat > {self.folder}/stored.json ;;
get) read host; [ -f {self.folder}/stored.json ] && cat {self.folder}/stored.json || {{ echo "credentials not found in native keychain"; exit 1; }} ;;
erase) rm -f {self.folder}/stored.json ;;
esac
""")
        helper.chmod(0o755)
        config = self.folder / "config.json"
        config.write_text(json.dumps({"credHelpers": {self.host: "test"}}))
        path = {"PATH": f"{helper.parent}:{os.environ['PATH']}"}
        options = ("--registry-config", config)
        done = self.tls_davit("login", self.host, "-u", "me", "--password-stdin", *options, stdin=b"geheim 1\n", **path)
        self.assertEqual(done.status, 0, done.err)
        self.assertEqual(json.loads((self.folder / "stored.json").read_text())["Secret"], "geheim 1")
        self.assertNotIn("geheim", config.read_text())
        self.assertEqual(self.tls_davit("push", self.wasm, self.ref, *options, **path).status, 0)
        self.assertEqual(self.tls_davit("logout", self.host, *options, **path).status, 0)
        self.assertFalse((self.folder / "stored.json").exists())

    def test_podmans_file_is_read_too(self):
        auth = self.folder / "home/.config/containers/auth.json"
        auth.parent.mkdir(parents=True)
        auth.write_text(json.dumps({"auths": {self.host: {"auth": base64.b64encode(b"me:geheim 1").decode()}}}))
        self.assertEqual(self.tls_davit("push", self.wasm, self.ref).status, 0)

    def test_a_client_certificate_is_shown(self):
        registry = Registry(self, authority=self.authority, client_certificates=True)
        ref = f"127.0.0.1:{registry.port}/app:1"
        self.assertEqual(self.tls_davit("push", self.wasm, ref, "--retries", "0").status, 6)
        pair = ("--cert", self.authority.client, "--cert-key", self.authority.client_key)
        done = self.tls_davit("push", self.wasm, ref, *pair)
        self.assertEqual(done.status, 0, done.err)


class TokenRegistry(RegistryTest):
    def setUp(self):
        super().setUp()
        self.tokens = TokenServer(self, users={"me": "geheim"}, refresh_token="long-lived")
        self.registry = Registry(self, token=self.tokens.config)
        self.ref = f"{self.registry.host}/team/app:1"

    def config(self, entry):
        path = self.folder / "auth.json"
        path.write_text(json.dumps({"auths": {self.registry.host: entry}}))
        return ("--registry-config", path)

    def test_one_token_serves_a_whole_push(self):
        options = self.config({"auth": base64.b64encode(b"me:geheim").decode()})
        self.succeed("push", self.wasm, self.ref, *options)
        self.assertEqual(self.tokens.asked, [("GET", ["repository:team/app:pull,push"])])
        self.assertEqual(len(self.registry.requests()), 7)  # one more than without tokens: the challenge
        self.succeed("pull", self.ref, "-o", "x.wasm", *options)

    def test_an_identity_token_is_sent_as_a_form(self):
        options = self.config({"identitytoken": "long-lived"})
        self.succeed("push", self.wasm, self.ref, *options)
        self.assertEqual(self.tokens.asked[0][0], "POST")

    def test_refused_credentials_are_denied(self):
        options = self.config({"auth": base64.b64encode(b"me:wrong").decode()})
        self.refuse(5, "push", self.wasm, self.ref, *options)
        self.refuse(5, "push", self.wasm, self.ref, "--registry-config", "/nonexistent.json")

    def test_a_copy_between_repositories_mounts_with_both_scopes(self):
        options = self.config({"auth": base64.b64encode(b"me:geheim").decode()})
        self.succeed("push", self.wasm, self.ref, *options)
        before = len(self.registry.requests())
        self.succeed("copy", self.ref, f"{self.registry.host}/other/app:1", *options)
        mounts = [status for method, _, status in self.registry.requests()[before:] if method == "POST" and status != 401]
        self.assertEqual(set(mounts), {201})


if __name__ == "__main__":
    unittest.main()
