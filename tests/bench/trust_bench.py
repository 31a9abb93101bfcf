"""Verification against cosign: a keyless bundle of a file, an artifact in a registry, and a thousand artifacts."""

import shutil
import statistics
import subprocess
import sys

from measuring import CACHE, DAVIT, SOURCE, Stage, alternate, many, measure

VECTORS = SOURCE.parent / "shared" / "vectors" / "sigstore"
IDENTITY = ("https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
            "extremely-dangerous-oidc-beacon.yml@refs/heads/main")
SIGNER = ["--certificate-identity", IDENTITY, "--certificate-oidc-issuer", "https://token.actions.githubusercontent.com"]
TURNS = 7
LIST = 1000


def cosign():
    cached = CACHE / "peers" / "bin" / "cosign"
    return str(cached) if cached.exists() else shutil.which("cosign") or sys.exit("bench: cosign is missing; run ./dev peers first")


def bench_verify_file(table, folder):
    if not VECTORS.exists():
        table.note("verify of a file: skipped, the shared vectors are not here")
        return
    case = VECTORS / "bundle-verify" / "happy-path-v0.3" / "bundle.sigstore.json"
    rest = ["--bundle", case, "--trusted-root", VECTORS / "trusted_root.json", *SIGNER, VECTORS / "bundle-verify" / "a.txt"]
    commands = [DAVIT, "verify", "--offline", "-q", *rest], [cosign(), "verify-blob", *rest]
    ours, theirs = alternate(*commands, folder, TURNS)
    # /usr/bin/time counts hundredths of a second, which is too coarse for this.
    pairs = [[many(words, 20) for words in commands] for _ in range(TURNS)]
    wall, their_wall = (statistics.median(side) for side in zip(*pairs))
    table.note(f"verify of a keyless bundle: davit {wall:.1f} ms, {ours.peak:.1f} MiB; cosign {their_wall:.1f} ms, {theirs.peak:.1f} MiB")
    table.row("verify of a keyless bundle, wall time against cosign", statistics.median(a / b for a, b in pairs), 0.2, " x")
    table.row("verify of a keyless bundle, memory against cosign", ours.peak / theirs.peak, 0.2, " x")


def sign_one(folder, host, name):
    module = folder / "app.wasm"
    module.write_bytes(b"\0asm\1\0\0\0\0" + bytes([len(name) + 1, len(name)]) + name.encode())
    pushed = subprocess.run([DAVIT, "push", module, f"{host}/bench/{name}:1", "-q"], check=True, capture_output=True, text=True, cwd=folder)
    subprocess.run([DAVIT, "sign", f"{host}/bench/{name}:1", "--key", "bench.key", "-q"], check=True, capture_output=True, cwd=folder)
    return pushed.stdout.strip()


def bench_verify_registry(table, folder):
    # Not sealed: opening a sealed key a thousand times would take minutes, and signing is not what is measured.
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", folder / "bench.key"], check=True)
    subprocess.run(["openssl", "pkey", "-in", folder / "bench.key", "-pubout", "-out", folder / "bench.pub"], check=True)
    with Stage(folder) as registry:
        names = [sign_one(folder, registry.host, f"app{number}") for number in range(LIST)]
        one = names[0]
        flags = ["--key", folder / "bench.pub", "--insecure-ignore-tlog=true", "--allow-http-registry"]
        commands = [DAVIT, "verify", "-q", "--key", folder / "bench.pub", one], [cosign(), "verify", *flags, one]
        counts = []
        for words in commands:
            before = len(registry.requests())
            measure(words, folder)
            counts.append(len(registry.requests()) - before)
        pairs = [[many(words, 10) for words in commands] for _ in range(TURNS)]
        wall, their_wall = (statistics.median(side) for side in zip(*pairs))
        table.note(f"verify --key of an artifact: davit {wall:.1f} ms, {counts[0]} requests; cosign {their_wall:.1f} ms, {counts[1]} requests")
        table.row("verify --key of an artifact, wall time against cosign", statistics.median(a / b for a, b in pairs), 0.3, " x")
        table.row("verify --key of an artifact, requests against cosign", counts[0] / counts[1], 1.0, " x")
        policy = '{"schemaVersion":1,"signers":{"bench":{"key":"bench.pub"}},"rules":[{"name":"all","repositories":["*"],"signatures":[{"signers":["bench"]}]}]}'
        (folder / "policy.json").write_text(policy)
        peaks = []
        for count in (LIST // 10, LIST):
            (folder / "list").write_text("\n".join(names[:count]) + "\n")
            whole = measure([DAVIT, "verify", "--policy", "policy.json", "--from-file", "list", "-q"], folder)
            peaks.append(whole.peak)
        sample = statistics.mean(many([cosign(), "verify", *flags, name], 1) for name in names[:20]) / 1000
        table.note(f"{LIST} artifacts: davit {whole.wall:.2f} s, {peaks[1]:.1f} MiB ({peaks[0]:.1f} MiB for a tenth); "
                   f"cosign {sample * 1000:.0f} ms each (mean of 20)")
        table.row(f"{LIST} artifacts under a policy, wall time against a loop of cosign", whole.wall / (sample * LIST), 0.1, " x")
        table.row(f"{LIST} artifacts, memory against a tenth of them", peaks[1] / peaks[0], 1.1, " x")
