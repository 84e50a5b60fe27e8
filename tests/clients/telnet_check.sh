#!/bin/bash
# Every operation of the matrix as a person at telnet would type it: telnet_check.sh HOST PORT. See typed.sh. Telnet
# sends CR LF for the end of a line, and shows it as the terminal's own.
source "$(dirname "$0")/typed.sh"
eol='' greeting=3
lacking[binary]="telnet strips the eighth bit; to keep it, it negotiates with the server in telnet's own commands"
type_into telnet "$1" "$2"
