/** Log. */
@org.jspecify.annotations.NullMarked
package io.etcdj.server.log;
