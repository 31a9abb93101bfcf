# bash completion for davit; written by "davit completion bash".
_davit() {
  local cur prev command words
  COMPREPLY=()
  cur=${COMP_WORDS[COMP_CWORD]}
  prev=${COMP_WORDS[COMP_CWORD-1]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W 'build inspect validate strip optimize metadata caps push pull copy convert index explain advise tree tags tag resolve delete login logout sign verify policy report attest attach sbom key trust run symbolize ship completion version help' -- "$cur"))
    return
  fi
  command=${COMP_WORDS[1]}
  case "$command" in
    caps)
      if [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W 'derive show check attach' -- "$cur")); return; fi
      command="$command ${COMP_WORDS[2]}" ;;
    index)
      if [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W 'create' -- "$cur")); return; fi
      command="$command ${COMP_WORDS[2]}" ;;
    policy)
      if [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W 'check test explain import export' -- "$cur")); return; fi
      command="$command ${COMP_WORDS[2]}" ;;
    key)
      if [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W 'generate public convert inspect' -- "$cur")); return; fi
      command="$command ${COMP_WORDS[2]}" ;;
    trust)
      if [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W 'update show' -- "$cur")); return; fi
      command="$command ${COMP_WORDS[2]}" ;;
  esac
  words=
  case "$command" in
    'build')
      case "$prev" in
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --target) COMPREPLY=($(compgen -W 'p1 p2 core' -- "$cur")); return ;;
        --toolchain) COMPREPLY=(); return ;;
        --artifact) COMPREPLY=(); return ;;
        --wit) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --world) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='-o --output --target --toolchain --artifact --wit --world --list --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'inspect')
      case "$prev" in
        --size-format) COMPREPLY=($(compgen -W 'text json html' -- "$cur")); return ;;
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --top) COMPREPLY=(); return ;;
        --diff) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --budget) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --write-budget) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--wit --size --size-format -o --output --top --diff --budget --write-budget --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'validate')
      case "$prev" in
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'strip')
      case "$prev" in
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --keep) COMPREPLY=(); return ;;
        --drop) COMPREPLY=(); return ;;
        --split-debug) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --debug-url) COMPREPLY=(); return ;;
        --source-map-url) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='-o --output --debug --names --producers --all --keep --drop --split-debug --debug-url --source-map-url --build-id --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'optimize')
      case "$prev" in
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -O) COMPREPLY=($(compgen -W '0 1 2 3 4 s z' -- "$cur")); return ;;
        --strip) COMPREPLY=($(compgen -W 'debug names producers all' -- "$cur")); return ;;
        --budget) COMPREPLY=(); return ;;
        --verify-run) COMPREPLY=(); return ;;
        --provenance) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --memory-limit) COMPREPLY=(); return ;;
        --time-limit) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='-o --output -O --strip --strict --keep-imports --budget --verify-run --provenance --no-cache --memory-limit --time-limit --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'metadata')
      case "$prev" in
        --name) COMPREPLY=(); return ;;
        --authors) COMPREPLY=(); return ;;
        --description) COMPREPLY=(); return ;;
        --licenses) COMPREPLY=(); return ;;
        --source) COMPREPLY=(); return ;;
        --homepage) COMPREPLY=(); return ;;
        --revision) COMPREPLY=(); return ;;
        --version) COMPREPLY=(); return ;;
        --set) COMPREPLY=(); return ;;
        --remove) COMPREPLY=(); return ;;
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--name --authors --description --licenses --source --homepage --revision --version --set --remove -o --output --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'caps')
      case "$prev" in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'caps derive')
      case "$prev" in
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='-o --output --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'caps show')
      case "$prev" in
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'caps check')
      case "$prev" in
        --caps) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--caps --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'caps attach')
      case "$prev" in
        --caps) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--caps -o --output --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'push')
      case "$prev" in
        --format) COMPREPLY=($(compgen -W 'wasm image runwasi compat spin envoy envoy-compat trivy wasm-to-oci kubewarden wasmcloud oras' -- "$cur")); return ;;
        --caps) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --annotation) COMPREPLY=(); return ;;
        --title) COMPREPLY=(); return ;;
        --debug-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --sign) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --signature-format) COMPREPLY=($(compgen -W 'bundle classic both' -- "$cur")); return ;;
        --password-fd) COMPREPLY=(); return ;;
        --pkcs11-module) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--format --caps --annotation --title --debug-file --sign --signature-format --password-fd --pkcs11-module --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'pull')
      case "$prev" in
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")); return ;;
        --key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --certificate-identity) COMPREPLY=(); return ;;
        --certificate-identity-regexp) COMPREPLY=(); return ;;
        --certificate-oidc-issuer) COMPREPLY=(); return ;;
        --certificate-oidc-issuer-regexp) COMPREPLY=(); return ;;
        --certificate-chain) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trusted-root) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trust-policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --as) COMPREPLY=(); return ;;
        --max-signatures) COMPREPLY=(); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='-o --output --files --verify --key --certificate-identity --certificate-identity-regexp --certificate-oidc-issuer --certificate-oidc-issuer-regexp --certificate-chain --trusted-root --trust-policy --policy --as --max-signatures --offline --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'copy')
      case "$prev" in
        --key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --certificate-identity) COMPREPLY=(); return ;;
        --certificate-identity-regexp) COMPREPLY=(); return ;;
        --certificate-oidc-issuer) COMPREPLY=(); return ;;
        --certificate-oidc-issuer-regexp) COMPREPLY=(); return ;;
        --certificate-chain) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trusted-root) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trust-policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --as) COMPREPLY=(); return ;;
        --max-signatures) COMPREPLY=(); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='-r --recursive --verify --key --certificate-identity --certificate-identity-regexp --certificate-oidc-issuer --certificate-oidc-issuer-regexp --certificate-chain --trusted-root --trust-policy --policy --as --max-signatures --offline --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'convert')
      case "$prev" in
        --format) COMPREPLY=(); return ;;
        --platform) COMPREPLY=($(compgen -W 'wasi/wasm wasip1/wasm wasip2/wasm' -- "$cur")); return ;;
        --compression) COMPREPLY=($(compgen -W 'none gzip zstd' -- "$cur")); return ;;
        --files) COMPREPLY=($(compgen -W 'auto all none' -- "$cur")); return ;;
        --path) COMPREPLY=(); return ;;
        --annotation) COMPREPLY=(); return ;;
        --key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --certificate-identity) COMPREPLY=(); return ;;
        --certificate-identity-regexp) COMPREPLY=(); return ;;
        --certificate-oidc-issuer) COMPREPLY=(); return ;;
        --certificate-oidc-issuer-regexp) COMPREPLY=(); return ;;
        --certificate-chain) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trusted-root) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trust-policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --as) COMPREPLY=(); return ;;
        --max-signatures) COMPREPLY=(); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--format --platform --compression --files --path --annotation --all --index --tag-suffix --strict --verify --key --certificate-identity --certificate-identity-regexp --certificate-oidc-issuer --certificate-oidc-issuer-regexp --certificate-chain --trusted-root --trust-policy --policy --as --max-signatures --offline --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'index')
      case "$prev" in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'index create')
      case "$prev" in
        --platform) COMPREPLY=(); return ;;
        --annotation) COMPREPLY=(); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--platform --annotation --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'explain')
      case "$prev" in
        --only) COMPREPLY=($(compgen -W 'containerd-shim-wasmtime containerd-shim-wasmedge containerd-shim-wasmer containerd-shim-spin docker podman crun youki cri-o spin wasmcloud wkg envoy-gateway istio trivy kubewarden wassette wasmtime wasmer wasmedge node' -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--only --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'advise')
      case "$prev" in
        --platform) COMPREPLY=(); return ;;
        --html) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--platform --html --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'tree')
      case "$prev" in
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'tags')
      case "$prev" in
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'tag')
      case "$prev" in
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'resolve')
      case "$prev" in
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'delete')
      case "$prev" in
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'login')
      case "$prev" in
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'logout')
      case "$prev" in
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'sign')
      case "$prev" in
        --key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --signature-format) COMPREPLY=($(compgen -W 'bundle classic both wasm notation-jws notation-cose notation' -- "$cur")); return ;;
        -a|--annotation) COMPREPLY=(); return ;;
        --bundle) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --certificate-chain) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --expiry) COMPREPLY=(); return ;;
        --output-signature) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --detached) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --password-fd) COMPREPLY=(); return ;;
        --pkcs11-module) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --identity-token) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --oidc-issuer) COMPREPLY=(); return ;;
        --signing-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trusted-root) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --fulcio-url) COMPREPLY=(); return ;;
        --rekor-url) COMPREPLY=(); return ;;
        --rekor-version) COMPREPLY=($(compgen -W '1 2' -- "$cur")); return ;;
        --timestamp-url) COMPREPLY=(); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--key --signature-format -a --annotation -r --recursive --bundle --certificate-chain --expiry --output-signature -o --output --detached --password-fd --pkcs11-module --keyless --identity-token --device-flow --oidc-issuer --signing-config --trusted-root --fulcio-url --rekor-url --rekor-version --timestamp-url --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'verify')
      case "$prev" in
        --key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --certificate-identity) COMPREPLY=(); return ;;
        --certificate-identity-regexp) COMPREPLY=(); return ;;
        --certificate-oidc-issuer) COMPREPLY=(); return ;;
        --certificate-oidc-issuer-regexp) COMPREPLY=(); return ;;
        --certificate-chain) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trusted-root) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trust-policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --as) COMPREPLY=(); return ;;
        --max-signatures) COMPREPLY=(); return ;;
        --type) COMPREPLY=(); return ;;
        --threshold) COMPREPLY=(); return ;;
        --bundle) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --signature) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --from-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --output) COMPREPLY=($(compgen -W 'text sarif' -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--key --certificate-identity --certificate-identity-regexp --certificate-oidc-issuer --certificate-oidc-issuer-regexp --certificate-chain --trusted-root --trust-policy --policy --as --max-signatures --offline --type --threshold --require-log --check-reference --allow-any-predicate --bundle --signature --allow-truncated --from-file --output --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'policy')
      case "$prev" in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'policy check')
      case "$prev" in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'policy test')
      case "$prev" in
        --trusted-root) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --as) COMPREPLY=(); return ;;
        --max-signatures) COMPREPLY=(); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--trusted-root --as --max-signatures --offline --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'policy explain')
      case "$prev" in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'policy import')
      case "$prev" in
        --from) COMPREPLY=($(compgen -W 'policy-controller notation' -- "$cur")); return ;;
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--from -o --output --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'policy export')
      case "$prev" in
        --for) COMPREPLY=($(compgen -W 'kyverno policy-controller ratify containers-policy' -- "$cur")); return ;;
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--for -o --output --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'report')
      case "$prev" in
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --certificate-identity) COMPREPLY=(); return ;;
        --certificate-identity-regexp) COMPREPLY=(); return ;;
        --certificate-oidc-issuer) COMPREPLY=(); return ;;
        --certificate-oidc-issuer-regexp) COMPREPLY=(); return ;;
        --certificate-chain) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trusted-root) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trust-policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --as) COMPREPLY=(); return ;;
        --max-signatures) COMPREPLY=(); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='-o --output --key --certificate-identity --certificate-identity-regexp --certificate-oidc-issuer --certificate-oidc-issuer-regexp --certificate-chain --trusted-root --trust-policy --policy --as --max-signatures --offline --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'attest')
      case "$prev" in
        --type) COMPREPLY=(); return ;;
        --predicate) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --statement) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --bundle) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --attestation-format) COMPREPLY=($(compgen -W 'bundle classic both' -- "$cur")); return ;;
        --password-fd) COMPREPLY=(); return ;;
        --pkcs11-module) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --identity-token) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --oidc-issuer) COMPREPLY=(); return ;;
        --signing-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trusted-root) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --fulcio-url) COMPREPLY=(); return ;;
        --rekor-url) COMPREPLY=(); return ;;
        --rekor-version) COMPREPLY=($(compgen -W '1 2' -- "$cur")); return ;;
        --timestamp-url) COMPREPLY=(); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--type --predicate --statement --bundle --key -r --recursive --attestation-format --password-fd --pkcs11-module --keyless --identity-token --device-flow --oidc-issuer --signing-config --trusted-root --fulcio-url --rekor-url --rekor-version --timestamp-url --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'attach')
      case "$prev" in
        --type) COMPREPLY=(); return ;;
        --media-type) COMPREPLY=(); return ;;
        -a|--annotation) COMPREPLY=(); return ;;
        --sign) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --attestation-format) COMPREPLY=($(compgen -W 'bundle classic both' -- "$cur")); return ;;
        --password-fd) COMPREPLY=(); return ;;
        --pkcs11-module) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--type --media-type -a --annotation --sign --attestation-format --password-fd --pkcs11-module --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'sbom')
      case "$prev" in
        --sbom-format) COMPREPLY=($(compgen -W 'cyclonedx spdx' -- "$cur")); return ;;
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--sbom-format -o --output --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'key')
      case "$prev" in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'key generate')
      case "$prev" in
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --type) COMPREPLY=($(compgen -W 'ecdsa-p256 ecdsa-p384 ecdsa-p521 ed25519 rsa-2048 rsa-3072 rsa-4096' -- "$cur")); return ;;
        --key-format) COMPREPLY=($(compgen -W 'cosign pkcs8' -- "$cur")); return ;;
        --password-fd) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='-o --output --type --key-format --password-fd --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'key public')
      case "$prev" in
        --key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --password-fd) COMPREPLY=(); return ;;
        --pkcs11-module) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--key --password-fd --pkcs11-module --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'key convert')
      case "$prev" in
        --key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --key-format) COMPREPLY=($(compgen -W 'cosign pkcs8' -- "$cur")); return ;;
        --password-fd) COMPREPLY=(); return ;;
        --new-password-fd) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--key -o --output --key-format --unprotected --password-fd --new-password-fd --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'key inspect')
      case "$prev" in
        --password-fd) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--open --password-fd --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'trust')
      case "$prev" in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'trust update')
      case "$prev" in
        --mirror) COMPREPLY=(); return ;;
        --root) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--mirror --root --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'trust show')
      case "$prev" in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'run')
      case "$prev" in
        --dir) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")); return ;;
        --env) COMPREPLY=(); return ;;
        --runtime) COMPREPLY=(); return ;;
        --key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --certificate-identity) COMPREPLY=(); return ;;
        --certificate-identity-regexp) COMPREPLY=(); return ;;
        --certificate-oidc-issuer) COMPREPLY=(); return ;;
        --certificate-oidc-issuer-regexp) COMPREPLY=(); return ;;
        --certificate-chain) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trusted-root) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --trust-policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --policy) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --as) COMPREPLY=(); return ;;
        --max-signatures) COMPREPLY=(); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--dir --env --network --http --threads --no-files --runtime --verify --key --certificate-identity --certificate-identity-regexp --certificate-oidc-issuer --certificate-oidc-issuer-regexp --certificate-chain --trusted-root --trust-policy --policy --as --max-signatures --offline --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'symbolize')
      case "$prev" in
        --debug) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--debug --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'ship')
      case "$prev" in
        --source) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --reference) COMPREPLY=(); return ;;
        --target) COMPREPLY=($(compgen -W 'p1 p2 core' -- "$cur")); return ;;
        --toolchain) COMPREPLY=(); return ;;
        --optimize) COMPREPLY=($(compgen -W 'none O0 O1 O2 O3 O4 Os Oz' -- "$cur")); return ;;
        --strip) COMPREPLY=($(compgen -W 'debug names producers all' -- "$cur")); return ;;
        --caps) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --format) COMPREPLY=($(compgen -W 'wasm image' -- "$cur")); return ;;
        --annotation) COMPREPLY=(); return ;;
        --sign) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --work-folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")); return ;;
        --ca-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --cert-key) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -u|--username) COMPREPLY=(); return ;;
        --registry-config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --concurrency) COMPREPLY=(); return ;;
        --timeout) COMPREPLY=(); return ;;
        --retries) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--source --reference --target --toolchain --optimize --strip --caps --format --annotation --sign --work-folder --plain-http --insecure-skip-tls-verify --ca-file --cert --cert-key -u --username --password-stdin --registry-config --concurrency --timeout --retries --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'completion')
      case "$prev" in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--json -q --quiet -v --verbose --no-progress --color -h --help' ;;
    'version')
      case "$prev" in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='--json -q --quiet -v --verbose --no-progress --color -h --help' ;;
  esac
  if [[ "$cur" == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -F _davit davit
