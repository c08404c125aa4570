# Sourced by the other scripts: makes sure that the machine has what they need.
# Installs missing Debian packages as root; otherwise prints the one line to run, and ends with status 2.

need_swift() {
  command -v swift >/dev/null && return
  echo "error: there is no swift on the PATH; install a Swift 6.3 toolchain from https://www.swift.org/install/linux/" >&2
  exit 2
}

# need_packages NAME...
need_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ]; then
    echo "error: packages are missing; install them, then run this again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 2
  fi
  echo "Installing ${missing[*]}" >&2
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}
