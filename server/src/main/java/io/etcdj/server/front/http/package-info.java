/**
 * Plain HTTP beside the API: health, version, metrics, and who may ask at all.
 *
 * <p>{@link io.etcdj.server.front.http.HttpFront} checks hosts and origins and finds the route;
 * {@link io.etcdj.server.front.http.HealthSource} and {@link
 * io.etcdj.server.front.http.VersionSource} are what the server behind it must answer. Statuses,
 * headers and texts are etcd's, whose HTTP part is Go's standard library.
 */
@NullMarked
package io.etcdj.server.front.http;

import org.jspecify.annotations.NullMarked;
