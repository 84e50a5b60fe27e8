#!/bin/bash
# Every operation of the matrix as a person at netcat would type it: nc_check.sh HOST PORT. See typed.sh.
source "$(dirname "$0")/typed.sh"
eol=$'\r' greeting=0
type_into nc "$1" "$2"
