"""Signatures of the Notary Project through the program; what it signs is checked with openssl and nothing of davit."""

import base64
import hashlib
import json
import unittest

from support.layout import Layout
from support.notation import Chain, openssl
from support.program import DavitTest


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


if __name__ == "__main__":
    unittest.main()
