#!/bin/bash
# Runs SpymemcachedCheck, which `run` has compiled: spymemcached_check.sh HOST PORT. Its log goes to stderr.
exec java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.util.logging.ConsoleHandler.level=SEVERE \
  -cp "$CLIENT_CACHE/java:/usr/share/java/spymemcached.jar" SpymemcachedCheck "$@"
