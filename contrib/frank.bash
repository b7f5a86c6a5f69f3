# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=bash
#
# Completion of frank(1) for bash, out of what 'frank help' says.

_frank()
{
	local word=${COMP_WORDS[COMP_CWORD]} name=${COMP_WORDS[1]} choices

	if [ "$COMP_CWORD" -eq 1 ]; then
		choices=$(frank help 2>&1 | sed -n 's/^  \([a-z]\{1,\}\)\( .*\)\{0,1\}$/\1/p')
	elif [[ $name =~ ^[a-z]+$ ]]; then
		choices=$(frank help "$name" 2>/dev/null | grep -oE -e '--[a-z-]+')
		[ "$COMP_CWORD" -ne 2 ] ||
			choices+=" $(frank help "$name" 2>/dev/null |
				sed -n "s/^frank $name \([a-z]\{1,\}\)\( .*\)\{0,1\}$/\1/p")"
	fi
	mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word" | sort -u)
}
complete -o default -F _frank frank
