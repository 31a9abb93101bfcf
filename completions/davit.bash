# bash completion for davit; written by "davit completion bash".
_davit() {
  local cur prev command words
  COMPREPLY=()
  cur=${COMP_WORDS[COMP_CWORD]}
  prev=${COMP_WORDS[COMP_CWORD-1]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W 'completion version help' -- "$cur"))
    return
  fi
  command=${COMP_WORDS[1]}
  case "$command" in
  esac
  words=
  case "$command" in
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
