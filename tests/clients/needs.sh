# shellcheck shell=bash
# What each client needs on the machine, for sourcing by `run`: Debian packages, npm packages, things to compile.

node_memcached=2.2.2
node_memjs=1.3.2

have() { command -v "$1" >/dev/null; }
python_has() { /usr/bin/python3 -c "import $1" 2>/dev/null; }

# need PACKAGE CHECK...: names the package if the check fails.
need() { "${@:2}" >/dev/null 2>&1 || echo "$1"; }

netcat_is_openbsd() { [[ $(nc -h 2>&1) == *OpenBSD* ]]; }
php_has_memcached() { /usr/bin/php -r 'exit(extension_loaded("memcached") ? 0 : 1);'; }
node_has() {  # node_has PACKAGE VERSION
  grep -q "\"version\": \"$2\"" "$cache/node/$1/node_modules/$1/package.json" 2>/dev/null
}

missing_packages() {  # missing_packages CLIENT: the Debian packages to install for it
  case ${1%-binary} in
    nc) need netcat-openbsd netcat_is_openbsd ;;
    telnet) need telnet have telnet ;;
    meta) need python3 test -x /usr/bin/python3 ;;
    pymemcache) need python3-pymemcache python_has pymemcache ;;
    pylibmc) need python3-pylibmc python_has pylibmc ;;
    bmemcached) need python3-binary-memcached python_has bmemcached ;;
    perl-fast) need libcache-memcached-fast-perl /usr/bin/perl -MCache::Memcached::Fast -e 1 ;;
    php) need php-cli test -x /usr/bin/php; need php-memcached php_has_memcached ;;
    dalli) need ruby test -x /usr/bin/ruby; need ruby-dalli /usr/bin/ruby -r dalli -e 1 ;;
    gomemcache)
      need golang-go test -x /usr/bin/go
      need golang-github-bradfitz-gomemcache-dev test -d /usr/share/gocode/src/github.com/bradfitz/gomemcache
      ;;
    spymemcached)
      need default-jdk-headless have javac
      need libspymemcached-java test -f /usr/share/java/spymemcached.jar
      ;;
    node | memjs) need nodejs have node; need npm have npm ;;
    nginx)
      need libnginx-mod-http-memc test -f /usr/lib/nginx/modules/ngx_http_memc_module.so
      need python3 test -x /usr/bin/python3
      ;;
    libmemcached | memccapable) need libmemcached-tools have memccapable ;;
    memcached-tool) need memcached test -f /usr/share/memcached/scripts/memcached-tool ;;
    nutcracker) need nutcracker have nutcracker; need python3-pymemcache python_has pymemcache ;;
  esac
}

install_packages() {  # install_packages PACKAGE...
  local install=(apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@")
  if ((EUID != 0)); then
    echo "Packages are missing. Install them with:"
    echo "  sudo ${install[*]}"
    return
  fi
  echo "Installing $*"
  export DEBIAN_FRONTEND=noninteractive
  "${install[@]}" &>"$logs/apt.log" || { apt-get update && "${install[@]}"; } &>>"$logs/apt.log" ||
    tail -n 5 "$logs/apt.log"
  # Their packages start memcached and nginx on the usual ports; nobody asked for those services here.
  [[ " $* " != *" memcached "* ]] || systemctl disable --now memcached &>/dev/null || true
  [[ " $* " != *" libnginx-mod-http-memc "* ]] || systemctl disable --now nginx &>/dev/null || true
}

npm_install() {  # npm_install PACKAGE VERSION: each in a folder of its own, as npm removes what it does not know
  node_has "$1" "$2" && return
  mkdir -p "$cache/node/$1"
  timeout 300 npm install --prefix "$cache/node/$1" --no-save --no-audit --no-fund "$1@$2" \
    &>"$logs/npm-$1.log" && return
  echo "npm: $(grep -m 1 -i error "$logs/npm-$1.log")"
  return 1
}

go_build() {  # offline: the Debian package holds the client's source
  [[ $cache/gomemcache_check -nt $here/gomemcache_check.go ]] && return
  GO111MODULE=off GOFLAGS='' GOPATH=/usr/share/gocode GOCACHE=$cache/go-cache timeout 300 /usr/bin/go build \
    -o "$cache/gomemcache_check" "$here/gomemcache_check.go" &>"$logs/go.log" && return
  echo "go: $(tail -n 1 "$logs/go.log")"
  return 1
}

java_build() {
  local classes=$cache/java
  [[ $classes/SpymemcachedCheck.class -nt $here/SpymemcachedCheck.java ]] && return
  mkdir -p "$classes"
  timeout 300 javac -Xlint:all -cp /usr/share/java/spymemcached.jar -d "$classes" "$here/SpymemcachedCheck.java" \
    &>"$logs/javac.log" && return
  echo "javac: $(tail -n 1 "$logs/javac.log")"
  return 1
}

# What a client needs beyond packages; says why it cannot run.
prepare() {
  local missing
  missing=$(missing_packages "$1" | tr '\n' ' ')
  [[ -z $missing ]] || { echo "not installed: $missing"; return 1; }
  case ${1%-binary} in
    node) npm_install memcached "$node_memcached" ;;
    memjs) npm_install memjs "$node_memjs" ;;
    gomemcache) go_build ;;
    spymemcached) java_build ;;
  esac
}

check_of() {  # check_of CLIENT: what to run
  case ${1%-binary} in
    gomemcache) echo "$cache/gomemcache_check" ;;
    *) compgen -G "$here/$(tr - _ <<<"${1%-binary}")_check.*" ;;
  esac
}

protocol_of() {  # protocol_of CLIENT: the protocol that it speaks
  case $1 in
    *-binary | bmemcached | dalli | memjs) echo binary ;;
    meta) echo meta ;;
    *) echo text ;;
  esac
}
