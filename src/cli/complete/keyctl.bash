# Completions for keyctl, from keyctl itself: source <(KEYCTL_COMPLETE=bash keyctl)
_keyctl() {
    # readline takes : = and @ for ends of words, and the shell does not: what
    # has no blank between is one word. What stands behind the cursor is left out.
    local line=${COMP_LINE:0:COMP_POINT} words=() i word gap
    for ((i = 0; i <= COMP_CWORD; i++)); do
        gap=${line%%[![:space:]]*}
        line=${line#"$gap"}
        word=${COMP_WORDS[i]}
        if ((i == COMP_CWORD)); then
            word=$line
        fi
        line=${line#"$word"}
        if ((i > 0)) && [[ -z $gap ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
    done
    # It asks to have the answers listed when TAB is pressed again.
    local list=
    if [[ ${COMP_TYPE-} == 63 ]]; then
        list=1
    fi
    local IFS=$'\013'
    COMPREPLY=($(KEYCTL_COMPLETE=bash KEYCTL_COMPLETE_LIST=$list PROGRAM -- "${words[@]}" 2>/dev/null))
    # readline puts an answer behind the last of those ends, so what stands
    # before it must not be in the answer.
    local typed=${words[${#words[@]} - 1]} ends=${COMP_WORDBREAKS//[^:=@]/} before
    if [[ -n $ends ]]; then
        before=${typed%"${typed##*[$ends]}"}
        COMPREPLY=("${COMPREPLY[@]#"$before"}")
    fi
    # A folder or an option is not the end of the word.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}
complete -o bashdefault -o nosort -F _keyctl keyctl 2>/dev/null ||
    complete -o bashdefault -F _keyctl keyctl
