# Sourced by the other scripts: the C libraries of other Debian releases, unpacked below .build/libc, which git ignores.

# fetch_libc RELEASE: unpacks its libc6 into .build/libc/RELEASE/root. Needs Debian and a network, once; fails without.
fetch_libc() {
  local folder=$PWD/.build/libc/$1
  [ -d "$folder/root" ] && return
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $1 main" \
    >"$folder/sources.list"
  local options=(-o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/cache")
  apt-get "${options[@]}" -qq update || return
  local version
  version=$(apt-cache "${options[@]}" madison libc6 | awk -v release="$1" '$0 ~ release { print $3; exit }') || return
  [ -n "$version" ] || return
  (cd "$folder" && rm -rf root.new && apt-get "${options[@]}" -qq download "libc6=$version" \
    && dpkg -x libc6_*.deb root.new && mv root.new root)
}
