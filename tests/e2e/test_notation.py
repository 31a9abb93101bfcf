"""Signatures of the Notary Project through the program; what it signs is checked with openssl and nothing of davit."""

import base64
import hashlib
import http.server
import json
import socket
import subprocess
import threading
import unittest

from support.layout import Layout
from support.notation import Chain, configure, openssl
from support.program import VECTORS, DavitTest


def b64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def der_of(raw):
    """An ECDSA signature of R and S side by side, as openssl wants it."""
    half = len(raw) // 2
    numbers = b""
    for part in (raw[:half], raw[half:]):
        part = part.lstrip(b"\0") or b"\0"
        part = (b"\0" if part[0] & 0x80 else b"") + part
        numbers += bytes([2, len(part)]) + part
    length = bytes([len(numbers)]) if len(numbers) < 128 else bytes([0x81, len(numbers)])
    return b"\x30" + length + numbers


class Notation(DavitTest):
    def setUp(self):
        super().setUp()
        self.layout = self.folder / "layout"
        self.digest = Layout(self.layout).artifact("v1", b"content")
        self.target = f"oci:{self.layout}:v1"

    def sign(self, chain, *words, form="notation-jws", target=None):
        return self.succeed("sign", target or self.target, "--signature-format", form, "--key", chain.key, "--certificate-chain", chain.chain, *words)

    def manifests(self):
        index = json.loads((self.layout / "index.json").read_text())
        for entry in index["manifests"]:
            document = json.loads((self.layout / "blobs/sha256" / entry["digest"][7:]).read_text())
            if "subject" in document:
                yield document

    def envelope(self, manifest):
        return (self.layout / "blobs/sha256" / manifest["layers"][0]["digest"][7:]).read_bytes()


class SignTest(Notation):
    def check_with_openssl(self, chain, jws, hash_name, pss):
        (self.folder / "signed").write_bytes(f"{jws['protected']}.{jws['payload']}".encode())
        signature = b64url(jws["signature"])
        (self.folder / "signature").write_bytes(signature if pss else der_of(signature))
        openssl("x509", "-in", chain.leaf, "-pubkey", "-noout", "-out", self.folder / "key.pub")
        options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] if pss else []
        out = openssl("dgst", f"-{hash_name}", *options, "-verify", self.folder / "key.pub", "-signature", self.folder / "signature",
                      self.folder / "signed")
        self.assertIn(b"Verified OK", out)

    def test_the_jws_is_what_the_specification_says_and_openssl_verifies_it(self):
        for kind, algorithm, hash_name in (("ec-256", "ES256", "sha256"), ("ec-521", "ES512", "sha512"), ("rsa-3072", "PS384", "sha384")):
            with self.subTest(kind=kind):
                chain = Chain(self.folder / kind, kind)
                self.sign(chain, "--expiry", "90d", "-a", "stage=prod")
                manifest = list(self.manifests())[-1]
                self.assertEqual(manifest["config"]["mediaType"], "application/vnd.cncf.notary.signature")
                self.assertEqual(manifest["subject"]["digest"], self.digest)
                self.assertEqual(manifest["layers"][0]["mediaType"], "application/jose+json")
                jws = json.loads(self.envelope(manifest))
                protected = json.loads(b64url(jws["protected"]))
                self.assertEqual((protected["alg"], protected["cty"]), (algorithm, "application/vnd.cncf.notary.payload.v1+json"))
                self.assertEqual(protected["crit"], ["io.cncf.notary.signingScheme", "io.cncf.notary.expiry"])
                target = json.loads(b64url(jws["payload"]))["targetArtifact"]
                self.assertEqual((target["digest"], target["annotations"]), (self.digest, {"stage": "prod"}))
                self.assertEqual(len(jws["header"]["x5c"]), 2)
                thumbprints = json.loads(manifest["annotations"]["io.cncf.notary.x509chain.thumbprint#S256"])
                self.assertEqual(thumbprints, [hashlib.sha256(base64.b64decode(c)).hexdigest() for c in jws["header"]["x5c"]])
                self.check_with_openssl(chain, jws, hash_name, pss=algorithm.startswith("PS"))

    def test_nothing_is_signed_with_a_chain_that_nobody_would_accept(self):
        good, other, server = Chain(self.folder / "a"), Chain(self.folder / "b"), Chain(self.folder / "c", profile="server")
        words = ["sign", self.target, "--signature-format", "notation-cose", "--key"]
        self.refuse(2, *words, good.key, saying="needs the signer's certificates")
        self.refuse(11, *words, good.key, "--certificate-chain", good.leaf, saying="is not self-signed")
        self.refuse(10, *words, good.key, "--certificate-chain", other.chain, saying="is for another key")
        self.refuse(11, *words, server.key, "--certificate-chain", server.chain, saying="1.3.6.1.5.5.7.3.1")
        self.refuse(2, *words, good.key, "--certificate-chain", good.chain, "--expiry", "soon", saying="no time that a signature can last")
        self.refuse(2, *words, good.key, "--certificate-chain", good.chain, "-a", "io.cncf.notary.x=1", saying="reserved")
        self.assertEqual(list(self.manifests()), [])

    def test_a_file_is_signed_beside_itself_with_the_hash_of_its_key(self):
        file = self.folder / "app.wasm"
        file.write_bytes(b"\0asm\1\0\0\0")
        for kind, form, algorithm in (("ec-256", "jws", "sha256"), ("rsa-3072", "cose", "sha384"), ("ec-521", "jws", "sha512")):
            chain = Chain(self.folder / kind, kind)
            out = self.sign(chain, "--json", form=f"notation-{form}", target=str(file)).json
            self.assertEqual(out["signature"], f"{file}.{form}.sig")
            self.assertEqual(out["digest"], f"{algorithm}:" + hashlib.new(algorithm, file.read_bytes()).hexdigest())
            self.assertTrue((self.folder / f"app.wasm.{form}.sig").exists())

    def test_each_run_adds_a_signature_and_a_signer_keeps_those_of_others(self):
        for name, form in (("a", "notation-jws"), ("b", "notation-cose"), ("a", "notation-jws")):
            self.sign(Chain(self.folder / name), form=form)
        self.assertEqual(len(list(self.manifests())), 3)


class VerifyTest(Notation):
    def config(self, stores, **options):
        configure(self.folder / "notation", stores, **options)
        return {"XDG_CONFIG_HOME": str(self.folder)}

    def verify(self, *words, **environment):
        return self.succeed("verify", self.target, "--json", *words, **environment).json

    def test_notations_own_policy_and_stores_decide(self):
        chain = Chain(self.folder / "a")
        self.sign(chain)
        mine = self.config({"ca:test": [chain.root]})
        found = self.verify(**mine)
        self.assertTrue(found["verified"])
        self.assertEqual(found["signatures"][0]["signer"], "CN=signer,O=Example,ST=WA,C=US")
        self.config({"ca:test": [chain.root]}, identities=["x509.subject: C=US,ST=WA,O=Other"])
        self.refuse(11, "verify", self.target, **mine)
        self.config({"ca:test": [Chain(self.folder / "b").root]}, level="strict")
        (self.folder / "notation/truststore/x509/ca/test/root.crt").write_bytes(Chain(self.folder / "c").root.read_bytes())
        self.refuse(11, "verify", self.target, **mine)

    def test_verification_without_a_word_on_whom_to_trust_goes_by_notations_policy(self):
        chain = Chain(self.folder / "a")
        mine = self.config({"ca:test": [chain.root]})
        copy = ["copy", self.target, f"oci:{self.folder}/copy:v1"]
        self.refuse(15, *copy, "--verify", **mine)
        self.assertFalse((self.folder / "copy").exists())
        self.sign(chain)
        self.succeed(*copy, "--verify", **mine)
        self.config({"ca:test": [Chain(self.folder / "b").root]})
        self.refuse(11, "copy", self.target, f"oci:{self.folder}/second:v1", "--verify", **mine)
        self.assertFalse((self.folder / "second").exists())

    def test_a_policy_that_skips_proves_nothing(self):
        chain = Chain(self.folder / "a")
        self.sign(chain)
        self.refuse(11, "verify", self.target, saying="skips verification", **self.config({}, level="skip"))

    def test_every_layout_of_the_vectors(self):
        if not VECTORS.exists():
            self.skipTest(f"the vectors are not at {VECTORS}")
        certificate = VECTORS / "notation/e2e.crt"
        words = ["--certificate-chain", certificate]
        layouts = VECTORS / "notation/layouts"
        self.succeed("verify", f"oci:{layouts}/e2e-valid-signature:v1", *words)
        self.refuse(11, "verify", f"oci:{layouts}/e2e-expired-signature:v1", *words, saying="expired")
        self.refuse(15, "verify", f"oci:{layouts}/e2e:v1", *words)
        self.refuse(11, "verify", f"oci:{layouts}/e2e-with-timestamped-signature:v1", *words)
        policy = self.config({"ca:e2e": [certificate]}, level="permissive")
        self.succeed("verify", f"oci:{layouts}/e2e-expired-signature:v1", **policy)

    def test_CVE_2023_33957_CVE_2023_33958_signatures_are_counted_before_they_are_fetched(self):
        chain = Chain(self.folder / "a")
        for _ in range(4):
            self.sign(chain)
        self.succeed("verify", self.target, "--certificate-chain", chain.root, "--max-signatures", "4")
        self.refuse(9, "verify", self.target, "--certificate-chain", chain.root, "--max-signatures", "3", saying="more than 3")

    def test_CVE_2023_33959_GHSA_xhg5_42rf_296r_what_is_fetched_must_have_the_digest_that_was_asked_for(self):
        good, bad = Chain(self.folder / "a"), Chain(self.folder / "b")
        self.sign(good)
        self.sign(bad)
        paths = [self.layout / "blobs/sha256" / manifest["layers"][0]["digest"][7:] for manifest in self.manifests()]
        contents = [path.read_bytes() for path in paths]
        # Each in the place of the other: whoever signed, nothing has the digest by which it was asked for.
        for path, content in zip(paths, reversed(contents)):
            path.write_bytes(content)
        outcome = self.run_davit("verify", self.target, "--certificate-chain", good.root)
        self.assertNotEqual(outcome.status, 0, outcome.err)

    def test_revocation_is_asked_and_what_cannot_be_asked_fails_under_strict(self):
        chain = Chain(self.folder / "a", profile="revocable")
        self.sign(chain)
        self.refuse(11, "verify", self.target, "--certificate-chain", chain.root, saying="not known")
        self.refuse(11, "verify", self.target, "--certificate-chain", chain.root, "--offline", saying="offline")
        mine = self.config({"ca:test": [chain.root]}, override={"revocation": "log"})
        self.assertTrue(self.verify(**mine)["verified"])
        mine = self.config({"ca:test": [chain.root]}, override={"revocation": "skip"})
        self.assertTrue(self.verify(**mine)["verified"])

    def test_revocation_by_an_ocsp_responder_of_openssl(self):
        port = free_port()
        chain = Chain(self.folder / "a", profile="revocable", ocsp=f"http://127.0.0.1:{port}")
        self.sign(chain)
        serial = openssl("x509", "-in", chain.leaf, "-serial", "-noout").decode().strip().split("=")[1]
        index = self.folder / "index.txt"
        for state, status in (("V\t301231235959Z\t", 0), ("R\t301231235959Z\t260101000000Z", 11)):
            index.write_text(f"{state}\t{serial}\tunknown\t/C=US/ST=WA/O=Example/CN=signer\n")
            responder = subprocess.Popen(["openssl", "ocsp", "-port", str(port), "-index", index, "-CA", chain.root, "-rsigner", chain.root,
                                          "-rkey", chain.root_key, "-ndays", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.addCleanup(responder.stdout.close)
            responder.stdout.readline()  # "ACCEPT …"
            outcomes = [self.run_davit("verify", self.target, "--certificate-chain", chain.root, *form) for form in ([], ["--json"], ["--output", "sarif"])]
            responder.terminate()
            responder.wait(timeout=10)
            self.assertEqual([outcome.status for outcome in outcomes], [status] * 3, outcomes[0].err)
            if status:
                self.assertIn("was taken back", outcomes[0].err)
                self.assertEqual(outcomes[1].json["signatures"][0]["refusal"], "revoked")
                results = json.loads(outcomes[2].out)["runs"][0]["results"]
                self.assertTrue(any(result["message"]["text"].startswith("revoked: ") for result in results), results)

    def test_a_revocation_list_is_fetched_once_a_day(self):
        asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *words):
                pass

            def do_GET(self):
                asked.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(lists[0])

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        chain = Chain(self.folder / "a", profile="revocable", crl=f"http://127.0.0.1:{server.server_port}/list")
        self.sign(chain)
        lists = [chain.revocation_list(revoked=False)]
        words = ["verify", self.target, "--certificate-chain", chain.root]
        kept = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        for _ in range(2):
            self.succeed(*words, **kept)
        self.assertEqual(asked, ["/list"])
        self.assertEqual(len(list((self.folder / "cache/davit/revocation").iterdir())), 1)
        lists[0] = chain.revocation_list(revoked=True)
        refused = self.refuse(11, *words, "--json", XDG_CACHE_HOME=str(self.folder / "other"))
        self.assertEqual(refused.json["signatures"][0]["refusal"], "revoked")
        # Without a connection nothing is known, whatever is kept.
        self.refuse(11, *words, "--offline", saying="offline", **kept)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    unittest.main()
