#!/usr/bin/env zsh
# completion.zsh DIRECTORY LINE: what an interactive zsh makes of the line when TAB is typed behind
# it, with the completions of the directory. A list that it shows for it comes before.
zmodload zsh/zpty
zpty shell "COLUMNS=200 LINES=1000 TERM=dumb PS1= zsh -f -i"

# Reads until the text has come. The peer is a shell that answers each time, so this ends.
await() {
    local part
    seen=
    while [[ $seen != *$1* ]] && zpty -r shell part; do seen+=$part; done
}

zpty -w shell "unsetopt zle_bracketed_paste; stty -echo; fpath=(${(q)1} \$fpath)"
zpty -w shell 'autoload -Uz compinit; compinit -D -u; LISTMAX=10000; setopt no_beep'
zpty -w shell 'show() { print -r -- "|$BUFFER|END"; zle kill-whole-line; }; zle -N show; bindkey "^X" show'
zpty -w shell 'print READ"Y"'
await READY
zpty -w -n shell "$2"$'\t'
zpty -w -n shell $'\x18'
await '|END'
print -r -- "$seen"
zpty -d shell
