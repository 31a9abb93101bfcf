"""Keys, certificate chains, trust stores and timestamp authorities for the Notary Project, all made with openssl."""

import http.server
import json
import pathlib
import subprocess
import threading

CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
[revocable]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
authorityInfoAccess = OCSP;URI:{ocsp}
crlDistributionPoints = URI:{crl}
[tsa]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""

TSA_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/leaf.crt
certs = {folder}/root.crt
signer_key = {folder}/leaf.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""

KINDS = {
    "rsa-2048": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "rsa-3072": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
    "rsa-4096": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
    "ec-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ec-384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "ec-521": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
}


def openssl(*words, **options):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, **options).stdout


class Chain:
    """A root and a leaf below it: root.key, root.crt, leaf.key, leaf.crt, chain.pem."""

    def __init__(self, folder, kind="ec-256", profile="leaf", name="signer", days=30, ocsp="http://127.0.0.1:1", crl="http://127.0.0.1:1"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key, self.leaf = self.folder / "leaf.key", self.folder / "leaf.crt"
        self.root_key, self.root, self.chain = self.folder / "root.key", self.folder / "root.crt", self.folder / "chain.pem"
        config = self.folder / "openssl.cnf"
        config.write_text(CONFIG.format(ocsp=ocsp, crl=crl))
        openssl("genpkey", *KINDS["ec-256"], "-out", self.root_key)
        openssl("genpkey", *KINDS[kind], "-out", self.key)
        openssl("req", "-x509", "-new", "-key", self.root_key, "-config", config, "-extensions", "root", "-days", 3650, "-sha256",
                "-subj", "/C=US/ST=WA/O=Example/CN=root", "-out", self.root)
        request = openssl("req", "-new", "-key", self.key, "-config", config, "-subj", f"/C=US/ST=WA/O=Example/CN={name}")
        openssl("x509", "-req", "-CA", self.root, "-CAkey", self.root_key, "-CAcreateserial", "-extfile", config, "-extensions", profile,
                "-days", days, "-sha256", "-out", self.leaf, input=request)
        self.chain.write_bytes(self.leaf.read_bytes() + self.root.read_bytes())

    def revocation_list(self, revoked):
        """A list of the root's, DER: with the leaf in it, or empty; of a day."""
        serial = openssl("x509", "-in", self.leaf, "-serial", "-noout").decode().strip().split("=")[1]
        database, config = self.folder / "database.txt", self.folder / "list.cnf"
        database.write_text(f"R\t301231235959Z\t260101000000Z\t{serial}\tunknown\t/CN=signer\n" if revoked else "")
        config.write_text(f"[ca]\ndefault_ca=one\n[one]\ndatabase={database}\ndefault_md=sha256\ndefault_crl_days=1\n")
        listed = openssl("ca", "-gencrl", "-config", config, "-cert", self.root, "-keyfile", self.root_key)
        return openssl("crl", "-outform", "DER", input=listed)


def configure(folder, stores, identities=("*",), level="strict", override=None, scopes=("*",), verify_timestamp=None):
    """Writes notation's configuration folder. `stores`: {"ca:name": [certificate files]}."""
    folder = pathlib.Path(folder)
    verification = {"level": level}
    if override:
        verification["override"] = override
    if verify_timestamp:
        verification["verifyTimestamp"] = verify_timestamp
    statement = {"name": "test", "registryScopes": list(scopes), "signatureVerification": verification}
    if level != "skip":
        statement |= {"trustStores": list(stores), "trustedIdentities": list(identities)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trustpolicy.json").write_text(json.dumps({"version": "1.0", "trustPolicies": [statement]}))
    (folder / "trustpolicy.json").chmod(0o600)
    for store, files in stores.items():
        kind, name = store.split(":")
        place = folder / "truststore" / "x509" / kind / name
        place.mkdir(parents=True, exist_ok=True)
        for file in files:
            (place / pathlib.Path(file).name).write_bytes(pathlib.Path(file).read_bytes())
    return folder


class TimestampAuthority:
    """`openssl ts` behind HTTP."""

    def __init__(self, folder):
        self.chain = Chain(folder, profile="tsa", name="authority")
        (self.chain.folder / "serial").write_text("01\n")
        self.config = self.chain.folder / "tsa.cnf"
        self.config.write_text(TSA_CONFIG.format(folder=self.chain.folder))
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                query = authority.chain.folder / "query.tsq"
                query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
                answer = openssl("ts", "-reply", "-queryfile", query, "-config", authority.config)
                authority.content_types.append(self.headers["Content-Type"])
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.content_types = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
