"""Signatures of the Notary Project, exchanged with notation's own library: it accepts ours, davit accepts its."""

import json
import shutil
import subprocess
import time
import unittest

from support.layout import Layout
from support.notation import KINDS, Chain, TimestampAuthority, configure
from support.program import DavitTest

PEER = shutil.which("notation-peer")


def wait_past_the_inaccuracy():
    """An authority's clock is right to a second, and a certificate must have been valid at both ends of that."""
    made = time.time()
    while time.time() < made + 2:
        time.sleep(0.1)


@unittest.skipUnless(PEER, "notation-peer is not installed (./dev peers)")
class NotationTest(DavitTest):
    def setUp(self):
        super().setUp()
        self.layout = self.folder / "layout"
        self.digest = Layout(self.layout).artifact("v1", b"content")

    def peer(self, *words, accepts=True):
        done = subprocess.run([PEER, *map(str, words)], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode == 0, accepts, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def sign(self, form, chain, *words):
        return self.succeed("sign", f"oci:{self.layout}:v1", "--signature-format", f"notation-{form}", "--key", chain.key,
                            "--certificate-chain", chain.chain, *words)

    def trust(self, chain, **options):
        return configure(self.folder / "notation", {"ca:test": [chain.root]}, **options)

    def start_anew(self):
        shutil.rmtree(self.layout)
        self.digest = Layout(self.layout).artifact("v1", b"content")

    def every_key_in_both_forms(self):
        """Each time with an artifact that nobody has signed."""
        for kind in KINDS:
            for form in ("jws", "cose"):
                with self.subTest(kind=kind, form=form):
                    self.start_anew()
                    yield form, Chain(self.folder / f"{kind}-{form}", kind)

    def test_notation_accepts_what_davit_signs_with_every_key_in_both_forms(self):
        for form, chain in self.every_key_in_both_forms():
            self.sign(form, chain, "--expiry", "12h", "-a", "stage=prod")
            shutil.rmtree(self.folder / "notation", ignore_errors=True)
            self.assertIn("CN=signer", self.peer("verify", self.layout, self.digest, self.trust(chain)))

    def test_notation_refuses_ours_where_davit_refuses(self):
        chain, other = Chain(self.folder / "a"), Chain(self.folder / "b")
        self.sign("jws", chain)
        self.peer("verify", self.layout, self.digest, self.trust(other), accepts=False)
        self.peer("verify", self.layout, self.digest,
                  self.trust(chain, identities=["x509.subject: C=US,ST=WA,O=Other"]), accepts=False)

    def test_davit_accepts_what_notation_signs_with_every_key_in_both_forms(self):
        for form, chain in self.every_key_in_both_forms():
            self.peer("sign", self.layout, self.digest, form, chain.key, chain.chain, "1h")
            found = self.succeed("verify", f"oci:{self.layout}:v1", "--certificate-chain", chain.root, "--json").json
            self.assertTrue(found["verified"])
            self.assertEqual([s["format"] for s in found["signatures"]], [f"notation-{form}"])

    def test_davit_refuses_what_notation_signed_for_somebody_else(self):
        chain, other = Chain(self.folder / "a"), Chain(self.folder / "b")
        self.peer("sign", self.layout, self.digest, "jws", chain.key, chain.chain, "1h")
        self.refuse(11, "verify", f"oci:{self.layout}:v1", "--certificate-chain", other.root)

    def test_notation_accepts_the_timestamps_that_davit_asks_for(self):
        authority = TimestampAuthority(self.folder / "tsa")
        self.addCleanup(authority.close)
        chain = Chain(self.folder / "a", "rsa-3072")
        config = configure(self.folder / "notation", {"ca:test": [chain.root], "tsa:test": [authority.chain.root]})
        wait_past_the_inaccuracy()
        for form in ("jws", "cose"):
            self.start_anew()
            self.sign(form, chain, "--timestamp-url", authority.url)
            self.assertIn("CN=signer", self.peer("verify", self.layout, self.digest, config))
        self.assertEqual(set(authority.content_types), {"application/timestamp-query"})

    def test_davit_accepts_the_timestamps_that_notation_asks_for(self):
        authority = TimestampAuthority(self.folder / "tsa")
        self.addCleanup(authority.close)
        chain = Chain(self.folder / "a", "rsa-3072")
        config = configure(self.folder / "notation", {"ca:test": [chain.root], "tsa:test": [authority.chain.root]})
        wait_past_the_inaccuracy()
        self.peer("sign", self.layout, self.digest, "cose", chain.key, chain.chain, "1h", authority.url, authority.chain.root)
        found = self.succeed("verify", f"oci:{self.layout}:v1", "--trust-policy", config / "trustpolicy.json", "--json",
                             XDG_CONFIG_HOME=str(self.folder)).json
        self.assertTrue(found["verified"], json.dumps(found))


if __name__ == "__main__":
    unittest.main()
