"""A Sigstore on loopback: identity provider, certificate authority, logs of both generations, timestamp authority.

Speaks the real protocols. Keys, certificates, trees and tokens are made by the program `sigstore_standin` beside davit.
"""

import base64
import hashlib
import http.server
import json
import pathlib
import subprocess
import tempfile
import threading
import time
import urllib.parse

from support.program import program

HELPER = pathlib.Path(program()).parent / "tests" / "sigstore_standin"


def b64(data):
    return base64.b64encode(data).decode()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_element(data):
    """Tag, content and rest of one DER element."""
    length, at = data[1], 2
    if length >= 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
    return data[0], data[at : at + length], data[at + length :]


def read_timestamp_query(data):
    """The hash and the nonce of a TimeStampReq; checks that it is one with SHA-256 that wants a certificate."""
    _, body, _ = read_element(data)
    _, version, body = read_element(body)
    _, imprint, body = read_element(body)
    _, algorithm, imprint = read_element(imprint)
    _, digest, _ = read_element(imprint)
    assert version == b"\x01" and bytes.fromhex("608648016503040201") in algorithm and len(digest) == 32
    nonce = b"\x01"
    while body:
        tag, content, body = read_element(body)
        if tag == 0x02:
            nonce = content
    return digest, nonce


class Standin:
    """Everything at one loopback address; `requests` is what was asked, with headers."""

    def __init__(self):
        self.requests = []
        self.tokens = {}
        self.faults = set()
        self.pending = 1
        self.lock = threading.Lock()
        self.key = tempfile.NamedTemporaryFile(suffix=".pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-out", self.key.name], capture_output=True, check=True)
        standin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words):
                pass

            def do_GET(self):
                self.answer(b"")

            def do_POST(self):
                self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def answer(self, body):
                standin.requests.append((self.command, self.path, dict(self.headers), body))
                status, kind, out, more = standin.serve(self.command, self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(out)))
                for name, value in more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(out)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.helper = subprocess.Popen([HELPER, self.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.entries = {}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.helper.stdin.close()
        self.helper.stdout.close()
        self.helper.wait(timeout=10)
        self.key.close()

    def ask(self, **question):
        with self.lock:
            self.helper.stdin.write(json.dumps(question).encode() + b"\n")
            self.helper.stdin.flush()
            return json.loads(self.helper.stdout.readline())

    def trusted_root(self):
        return self.ask(op="root")["trustedRoot"]

    def signing_config(self, generation=1, timestamps=True):
        service = lambda url, version: {"url": url, "majorApiVersion": version, "validFor": {"start": "2026-01-01T00:00:00Z"}, "operator": "forge"}
        return {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": [service(self.url, 1)],
            "oidcUrls": [service(self.url, 1)],
            "rekorTlogUrls": [service(self.url, generation)] if generation else [],
            "tsaUrls": [service(self.url + "/api/v1/timestamp", 1)] if timestamps else [],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaConfig": {"selector": "ANY"},
        }

    def token(self, email="dev@project.example", **claims):
        now = int(time.time())
        payload = {"iss": self.url, "sub": "subject-" + email, "aud": "sigstore", "email": email, "email_verified": True, "iat": now,
                   "nbf": now - 5, "exp": now + 600, **claims}
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "RS256", "typ": "JWT"}, payload)]
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key.name], input=b".".join(parts), capture_output=True, check=True)
        seal = base64.urlsafe_b64encode(signed.stdout).rstrip(b"=")
        text = b".".join([*parts, seal]).decode()
        self.tokens[text] = payload
        return text

    def serve(self, method, path, headers, body):
        route = urllib.parse.urlsplit(path)
        reply = lambda status, value, **more: (status, "application/json", json.dumps(value).encode(), more)
        handlers = {
            ("POST", "/api/v2/signingCert"): self.certify,
            ("POST", "/api/v1/log/entries"): self.log_first,
            ("POST", "/api/v2/log/entries"): self.log_second,
            ("POST", "/api/v1/timestamp"): self.stamp,
            ("POST", "/device"): self.device,
            ("POST", "/token"): self.poll,
        }
        if (method, route.path) in handlers:
            return handlers[method, route.path](headers, body, reply)
        if method == "GET" and route.path == "/.well-known/openid-configuration":
            return reply(200, {"issuer": self.url, "device_authorization_endpoint": self.url + "/device", "token_endpoint": self.url + "/token"})
        if method == "GET" and route.path == "/github":
            good = headers["Authorization"] == "bearer github-secret" and route.query == "job=1&audience=sigstore"
            return reply(200, {"value": self.token()}) if good else reply(403, {"message": "no"})
        if method == "GET" and route.path == "/computeMetadata/v1/instance/service-accounts/default/identity":
            good = headers["Metadata-Flavor"] == "Google" and route.query == "audience=sigstore&format=full"
            if not good or "no-account" in self.faults:
                return reply(404, {"message": "no"}, **{"Metadata-Flavor": "Google"})
            flavor = {} if "not-google" in self.faults else {"Metadata-Flavor": "Google"}
            return 200, "text/html", self.token("robot@project.example").encode(), flavor
        if method == "POST" and route.path == "/buildkite/jobs/job-7/oidc/tokens":
            good = headers["Authorization"] == "Token buildkite-secret" and json.loads(body) == {"audience": "sigstore"}
            return reply(200, {"token": self.token()}) if good else reply(403, {"message": "no"})
        if method == "GET" and route.path.startswith("/api/v1/log/entries/"):
            return reply(200, self.entries[route.path.rsplit("/", 1)[1]])
        return reply(404, {"message": "there is nothing at " + path})

    def certify(self, headers, body, reply):
        claims = self.tokens.get(headers.get("Authorization", "").removeprefix("Bearer "))
        if claims is None:
            return reply(401, {"code": 16, "message": "the token is not known"})
        request = json.loads(body)["publicKeyRequest"]
        pem, proof = request["publicKey"]["content"], base64.b64decode(request["proofOfPossession"])
        subject = claims.get("email", claims["sub"])
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / name for name in ("key", "proof", "subject")]
            for path, content in zip(paths, (pem.encode(), proof, subject.encode())):
                path.write_bytes(content)
            checked = subprocess.run(["openssl", "dgst", "-sha256", "-verify", paths[0], "-signature", paths[1], paths[2]], capture_output=True, check=False)
        if checked.returncode != 0:
            return reply(400, {"code": 3, "message": "the proof of possession does not fit"})
        if "other-key" in self.faults:
            other = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], capture_output=True, check=True).stdout
            pem = subprocess.run(["openssl", "pkey", "-pubout"], input=other, capture_output=True, check=True).stdout.decode()
        names = "email:" + claims["email"] if "email" in claims else "URI:" + claims["sub"]
        chain = self.ask(op="certify", key=pem, names=names, issuer=claims["iss"], now=int(time.time()))["chain"]
        return reply(200, {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}})

    def log_first(self, headers, body, reply):
        proposal = json.loads(body)
        if proposal["kind"] == "hashedrekord":
            stored = proposal
        else:
            content = proposal["spec"]["proposedContent"]
            envelope = json.loads(content["envelope"])
            sha256 = lambda data: {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}
            stored = {
                "apiVersion": "0.0.1",
                "kind": "dsse",
                "spec": {
                    "envelopeHash": sha256(content["envelope"].encode()),
                    "payloadHash": sha256(base64.b64decode(envelope["payload"])),
                    "signatures": [{"signature": envelope["signatures"][0]["sig"], "verifier": content["verifiers"][0]}],
                },
            }
        data = canonical(stored)
        uuid = hashlib.sha256(b"\0" + data).hexdigest()
        if uuid not in self.entries:
            now = int(time.time()) + (100000 if "late" in self.faults else 0)
            made = self.ask(op="log", generation=1, kind=stored["kind"], version=stored["apiVersion"], body=b64(data), now=now)
            proof = {"logIndex": made["proofIndex"], "treeSize": made["treeSize"], "rootHash": made["rootHash"], "hashes": made["hashes"],
                     "checkpoint": made["checkpoint"]}
            if "other-entry" in self.faults:
                data = data.replace(b'"kind"', b'"Kind"')
            self.entries[uuid] = {uuid: {"body": b64(data), "integratedTime": now, "logID": made["logId"], "logIndex": made["logIndex"],
                                         "verification": {"signedEntryTimestamp": made["promise"], "inclusionProof": proof}}}
            if "exists" not in self.faults:
                return reply(201, self.entries[uuid], ETag=uuid, Location=f"/api/v1/log/entries/{uuid}")
        return reply(409, {"code": 409, "message": "it is there"}, Location=f"/api/v1/log/entries/{uuid}")

    def log_second(self, headers, body, reply):
        request = json.loads(body)["hashedRekordRequestV002"]
        stored = {"apiVersion": "0.0.2", "kind": "hashedrekord",
                  "spec": {"hashedRekordV002": {"data": {"algorithm": "SHA2_256", "digest": request["digest"]}, "signature": request["signature"]}}}
        data = canonical(stored)
        made = self.ask(op="log", generation=2, kind="hashedrekord", version="0.0.2", body=b64(data), now=int(time.time()))
        unhex = lambda text: b64(bytes.fromhex(text))
        proof = {"logIndex": str(made["proofIndex"]), "treeSize": str(made["treeSize"]), "rootHash": unhex(made["rootHash"]),
                 "hashes": [unhex(one) for one in made["hashes"]], "checkpoint": {"envelope": made["checkpoint"]}}
        return reply(201, {"logIndex": str(made["logIndex"]), "logId": {"keyId": unhex(made["logId"])},
                           "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"}, "inclusionProof": proof, "canonicalizedBody": b64(data)})

    def stamp(self, headers, body, reply):
        digest, nonce = read_timestamp_query(body)
        if "other-nonce" in self.faults:
            nonce = b"\x07"
        made = self.ask(op="stamp", hash=digest.hex(), nonce=nonce.hex(), now=int(time.time()))
        return 201, "application/timestamp-reply", base64.b64decode(made["response"]), {}

    def device(self, headers, body, reply):
        fields = dict(urllib.parse.parse_qsl(body.decode()))
        assert fields["code_challenge_method"] == "S256"
        self.challenge = fields["code_challenge"]
        return reply(200, {"device_code": "device-secret", "user_code": "ABCD-EFGH", "verification_uri": self.url + "/allow", "interval": 1})

    def poll(self, headers, body, reply):
        fields = dict(urllib.parse.parse_qsl(body.decode()))
        assert fields["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code" and fields["device_code"] == "device-secret"
        proof = base64.urlsafe_b64encode(hashlib.sha256(fields["code_verifier"].encode()).digest()).decode().rstrip("=")
        assert 43 <= len(fields["code_verifier"]) <= 128
        if proof != self.challenge:
            return reply(400, {"error": "invalid_grant"})
        if "denied" in self.faults:
            return reply(400, {"error": "access_denied"})
        if self.pending > 0:
            self.pending -= 1
            return reply(400, {"error": "authorization_pending"})
        return reply(200, {"id_token": self.token(), "token_type": "bearer"})
