# bash completion for davit; written by "davit completion bash".
_davit() {
  local cur prev command words
  COMPREPLY=()
  cur=${COMP_WORDS[COMP_CWORD]}
  prev=${COMP_WORDS[COMP_CWORD-1]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W 'build ship completion version help' -- "$cur"))
    return
  fi
  command=${COMP_WORDS[1]}
  case "$command" in
  esac
  words=
  case "$command" in
    'build')
      case "$prev" in
        -o|--output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
        --target) COMPREPLY=($(compgen -W 'p1 p2 core' -- "$cur")); return ;;
        --toolchain) COMPREPLY=(); return ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
      esac
      words='-o --output --target --toolchain --list --json -q --quiet -v --verbose --no-progress --color -h --help' ;;
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
