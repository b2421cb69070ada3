/**
 * The gRPC services, one class each: they check a request, send it through the log or read the
 * store, and answer. JSON calls come the same way.
 */
@NullMarked
package io.etcdj.server.service;

import org.jspecify.annotations.NullMarked;
