#!/bin/sh
# Installs the agent from this folder: sh install.sh [--prefix DIR] [--no-service]
# As root it makes a user and a service; the service is started after `muster-agent enroll`.
set -eu
prefix=/opt/muster-agent
service=yes
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) prefix=$2; shift 2 ;;
    --no-service) service=no; shift ;;
    *) echo "install.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
here=$(CDPATH= cd "$(dirname "$0")" && pwd)
state=/var/lib/muster-agent

cd "$here"
if command -v sha256sum >/dev/null; then sha256sum --check --quiet SHA256SUMS
else shasum -a 256 --check --quiet SHA256SUMS
fi

# Beside the old one and then in its place, so that a power cut leaves one of the two.
if [ "$here" != "$prefix" ]; then
  mkdir -p "$(dirname "$prefix")"
  rm -rf "$prefix.new"
  cp -R "$here" "$prefix.new"
  "$prefix.new/bin/muster-agent" doctor --self-check
  rm -rf "$prefix.old"
  if [ -e "$prefix" ]; then mv "$prefix" "$prefix.old"; fi
  mv "$prefix.new" "$prefix"
  rm -rf "$prefix.old"
else
  "$prefix/bin/muster-agent" doctor --self-check
fi
echo "Installed in $prefix."
[ $service = yes ] || exit 0

if [ "$(uname)" = Darwin ]; then
  mkdir -p "$state"
  chmod 700 "$state"
  sed "s|/opt/muster-agent|$prefix|" "$prefix/muster-agent.plist" >/Library/LaunchDaemons/dev.muster.agent.plist
  echo "Enrol, then start it:"
  echo "  sudo $prefix/bin/muster-agent enroll --dir $state --broker URL --code CODE"
  echo "  sudo launchctl load -w /Library/LaunchDaemons/dev.muster.agent.plist"
  exit 0
fi
id muster-agent >/dev/null 2>&1 || useradd --system --home-dir "$state" --shell /usr/sbin/nologin muster-agent
install -d -m 700 -o muster-agent -g muster-agent "$state"
sed "s|/opt/muster-agent|$prefix|" "$prefix/muster-agent.service" >/etc/systemd/system/muster-agent.service
systemctl daemon-reload
echo "Enrol, then start it:"
echo "  sudo -u muster-agent $prefix/bin/muster-agent enroll --dir $state --broker URL --code CODE"
echo "  sudo systemctl enable --now muster-agent"
