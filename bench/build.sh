# Sourced by run and compare, with $bench set: builds when needed and sets $classpath.
built=$bench/target/classpath
if [ ! -f "$built" ] ||
  [ -n "$(find "$bench/src/main" "$bench/pom.xml" "$bench/../api/src/main" -newer "$built" | head -n 1)" ]; then
  mvn -q -f "$bench/../pom.xml" -pl bench -am -DskipTests package >&2
  touch "$built"
fi
classpath=$bench/target/classes:$(cat "$built")
