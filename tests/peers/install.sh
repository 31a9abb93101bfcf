#!/bin/sh
# Installs the peer tools that the interoperability tests use, once, by package name, into the folder named.
# What cannot be installed is said and left out; its tests say that they were skipped.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
bin=$folder/bin
mkdir -p "$bin" "$folder/npm"

have() { [ -x "$bin/$1" ] || command -v "$1" >/dev/null 2>&1; }

# go_tool NAME PACKAGE VERSION: by "go install", and where the module refuses that, by way of a module of our own.
go_tool() {
  have "$1" && return 0
  command -v go >/dev/null 2>&1 || { echo "peers: $1 left out: go is not installed"; return 0; }
  echo "peers: installing $1 ($2@$3)"
  GOBIN=$bin CGO_ENABLED=0 go install "$2@$3" >"$folder/$1.log" 2>&1 && return 0
  work=$(mktemp -d)
  (cd "$work" && go mod init peers && go get "$2@$3" && CGO_ENABLED=0 go build -o "$bin/$1" "$2") >>"$folder/$1.log" 2>&1 ||
    echo "peers: $1 left out: it could not be installed ($folder/$1.log)"
  rm -rf "$work"
}

# go_source NAME MODULE VERSION PACKAGE: from the module's own source, where its versions, replacements and sums hold
go_source() {
  have "$1" && return 0
  command -v go >/dev/null 2>&1 || { echo "peers: $1 left out: go is not installed"; return 0; }
  echo "peers: building $1 ($2@$3; this takes minutes, and gigabytes of the build cache)"
  work=$(mktemp -d)
  source=$(cd "$work" && go mod download -json "$2@$3" 2>"$folder/$1.log" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  { [ -n "$source" ] && cp -R "$source" "$work/source" && chmod -R u+w "$work/source" &&
    (cd "$work/source" && CGO_ENABLED=0 go build -o "$bin/$1" "./$4"); } >>"$folder/$1.log" 2>&1 ||
    echo "peers: $1 left out: it could not be built ($folder/$1.log)"
  rm -rf "$work"
}

# cargo_tool NAME CRATE VERSION
cargo_tool() {
  have "$1" && return 0
  command -v cargo >/dev/null 2>&1 || { echo "peers: $1 left out: cargo is not installed"; return 0; }
  echo "peers: installing $1 ($2 $3; this takes minutes)"
  CARGO_TARGET_DIR=$folder/target cargo install --quiet --locked --root "$folder" "$2" --version "$3" >"$folder/$1.log" 2>&1 ||
    echo "peers: $1 left out: it could not be installed ($folder/$1.log)"
}

# npm_tool NAME PACKAGE VERSION
npm_tool() {
  have "$1" && return 0
  command -v npm >/dev/null 2>&1 || { echo "peers: $1 left out: npm is not installed"; return 0; }
  echo "peers: installing $1 ($2 $3)"
  npm install --silent --no-audit --no-fund --prefix "$folder/npm/$1" "$2@$3" >"$folder/$1.log" 2>&1 &&
    ln -sf "$folder/npm/$1/node_modules/.bin/$1" "$bin/$1" && return 0
  echo "peers: $1 left out: it could not be installed ($folder/$1.log)"
}

# npm_packages FOLDER PACKAGE...: packages that stand beside each other, for projects of the tests to link
npm_packages() {
  [ ! -d "$folder/npm/$1/node_modules" ] || return 0
  command -v npm >/dev/null 2>&1 || { echo "peers: packages for $1 left out: npm is not installed"; return 0; }
  place=$folder/npm/$1; shift
  echo "peers: installing $*"
  npm install --silent --no-audit --no-fund --prefix "$place" "$@" >"$place.log" 2>&1 || echo "peers: $* could not be installed ($place.log)"
}

# python_tool NAME PROGRAM PACKAGE VERSION: PROGRAM of the package, called NAME
python_tool() {
  have "$1" && return 0
  echo "peers: installing $1 ($3 $4)"
  [ -x "$folder/python/bin/pip" ] || python3 -m venv "$folder/python" >"$folder/python.log" 2>&1
  "$folder/python/bin/pip" install --quiet "$3==$4" >"$folder/$1.log" 2>&1 &&
    ln -sf "$folder/python/bin/$2" "$bin/$1" && return 0
  echo "peers: $1 left out: it could not be installed ($folder/$1.log)"
}

go_tool crane github.com/google/go-containerregistry/cmd/crane latest
go_tool regctl github.com/regclient/regclient/cmd/regctl latest
go_tool oras oras.land/oras/cmd/oras v1.2.3
if ! have referrers-registry && command -v go >/dev/null 2>&1; then
  echo "peers: building referrers-registry (github.com/google/go-containerregistry)"
  work=$(mktemp -d)
  cp "$here/referrers_registry/main.go" "$work"
  (cd "$work" && go mod init peers && go mod tidy && CGO_ENABLED=0 go build -o "$bin/referrers-registry" .) >"$folder/referrers-registry.log" 2>&1 ||
    echo "peers: referrers-registry left out: it could not be built ($folder/referrers-registry.log)"
  rm -rf "$work"
fi
if ! have notation-peer && command -v go >/dev/null 2>&1; then
  echo "peers: building notation-peer (github.com/notaryproject/notation-go v1.3.2)"
  work=$(mktemp -d)
  cp "$here/notation_peer/main.go" "$work"
  (cd "$work" && go mod init peers && go get github.com/notaryproject/notation-go@v1.3.2 && go mod tidy &&
    CGO_ENABLED=0 go build -o "$bin/notation-peer" .) >"$folder/notation-peer.log" 2>&1 ||
    echo "peers: notation-peer left out: it could not be built ($folder/notation-peer.log)"
  rm -rf "$work"
fi
if ! have containers-peer && command -v go >/dev/null 2>&1; then
  echo "peers: building containers-peer (go.podman.io/image v5.42.0)"
  work=$(mktemp -d)
  cp "$here/containers_peer/main.go" "$work"
  (cd "$work" && go mod init peers && go get go.podman.io/image/v5@v5.42.0 && go mod tidy &&
    CGO_ENABLED=0 go build -tags containers_image_openpgp -o "$bin/containers-peer" .) >"$folder/containers-peer.log" 2>&1 ||
    echo "peers: containers-peer left out: it could not be built ($folder/containers-peer.log)"
  rm -rf "$work"
fi
go_source policy-tester github.com/sigstore/policy-controller v0.13.1 cmd/tester
go_source ratify github.com/ratify-project/ratify v1.4.6 cmd/ratify
go_source kyverno github.com/kyverno/kyverno v1.19.1 cmd/cli/kubectl-kyverno
go_tool cosign github.com/sigstore/cosign/v3/cmd/cosign latest
cargo_tool wkg wkg 0.16.1
cargo_tool wasm-tools wasm-tools 1.263.0
cargo_tool wasmtime wasmtime-cli 48.0.8
cargo_tool oci-tar-builder oci-tar-builder 0.4.0
cargo_tool twiggy twiggy 0.8.0
npm_tool fastly @fastly/cli latest
npm_tool wrangler wrangler 4.40.0
if ! have chromium; then
  echo "peers: installing chromium"
  { [ "$(id -u)" = 0 ] && apt-get install -y --no-install-recommends chromium || sudo -n apt-get install -y --no-install-recommends chromium; } \
    >"$folder/chromium.log" 2>&1 || echo "peers: chromium left out: it could not be installed ($folder/chromium.log)"
fi

npm_tool jco @bytecodealliance/jco 1.35.0
npm_tool componentize-js @bytecodealliance/componentize-js 0.23.0
# Under a name of its own, so that nothing takes it for the wasm-opt of the same Binaryen as davit's.
if ! have wasm-opt-132; then
  npm_tool wasm-opt binaryen 132.0.0
  rm -f "$bin/wasm-opt"
  ln -sf "$folder/npm/wasm-opt/node_modules/.bin/wasm-opt" "$bin/wasm-opt-132"
fi
npm_packages assemblyscript assemblyscript@0.28.20 @assemblyscript/wasi-shim@0.1.0
npm_packages javascript @bytecodealliance/jco@1.15.4 @bytecodealliance/componentize-js@0.19.3
npm_packages sbom @cyclonedx/cyclonedx-library@10.3.0 ajv@8.20.0 ajv-formats@3.0.1 ajv-formats-draft2019@1.6.1
cargo_tool cargo-auditable cargo-auditable 0.7.7
cargo_tool wasmsign2 wasmsign2-cli 0.2.8
python_tool pyspdxtools pyspdxtools spdx-tools 0.8.5
if ! have peers-python; then
  echo "peers: installing python-tuf (tuf 7.0.1)"
  [ -x "$folder/python/bin/pip" ] || python3 -m venv "$folder/python" >"$folder/python.log" 2>&1
  "$folder/python/bin/pip" install --quiet "tuf==7.0.1" "securesystemslib[crypto]==1.6.0" >"$folder/tuf.log" 2>&1 &&
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$folder/python/bin/python" >"$bin/peers-python" && chmod +x "$bin/peers-python" ||
    echo "peers: python-tuf left out: it could not be installed ($folder/tuf.log)"
fi
npm_packages tuf @sigstore/tuf@4.0.2
npm_packages sigstore @sigstore/verify@3.1.1 @sigstore/bundle@4.0.0 @sigstore/protobuf-specs@0.5.2
python_tool zig python-zig ziglang 0.17.0
python_tool componentize-py componentize-py componentize-py 0.25.1
rm -rf "$folder/target"

echo "peers: what is here:"
for name in crane regctl referrers-registry notation-peer oras cosign wkg wasm-tools wasmtime oci-tar-builder fastly wrangler twiggy chromium jco componentize-js wasm-opt-132 zig componentize-py pyspdxtools cargo-auditable wasmsign2 containers-peer policy-tester ratify kyverno skopeo umoci podman buildah; do
  have "$name" || { echo "  $name: missing"; continue; }
  case $name in
    referrers-registry) version="built from go-containerregistry" ;;
    notation-peer) version="built from notation-go 1.3.2" ;;
    containers-peer) version="built from containers/image 5.42.0" ;;
    policy-tester) version=$(PATH="$bin:$PATH" "$name" -version 2>/dev/null | head -n 1) ;;
    ratify) version="built from ratify 1.4.6" ;;
    kyverno) version=$(PATH="$bin:$PATH" "$name" version 2>/dev/null | head -n 1) ;;
    crane|oras|cosign|regctl|fastly|zig) version=$(PATH="$bin:$PATH" "$name" version 2>/dev/null | grep -iE 'version|tag|^[v0-9]' | head -n 1) ;;
    *) version=$(PATH="$bin:$PATH" "$name" --version 2>/dev/null | head -n 1) ;;
  esac
  echo "  $name: $version"
done
