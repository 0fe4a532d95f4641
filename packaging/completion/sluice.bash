# bash completion for sluice, sluice-load and sluice-fake: commands and options are those that --help names.

_sluice() {
  local current=${COMP_WORDS[COMP_CWORD]} command=()
  [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} =~ ^[a-z][a-z-]+$ ]] && command=("${COMP_WORDS[1]}")
  [[ ${#command[@]} == 0 || $current == -* ]] || return 0 # a file, then
  local words
  words=$("${COMP_WORDS[0]}" "${command[@]}" --help 2>/dev/null | awk '
    /^[^ ]/ { commands = /^Subcommands:/ }
    commands && /^  [a-z]/ { print $1 }
    /^  -/ { sub(/\{.*/, "", $1); gsub(/,/, "\n", $1); print $1 }')
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -o default -F _sluice sluice sluice-load sluice-fake
