/**
 * Certificates: those that a server makes for itself, and which of the others' it accepts.
 *
 * <p>{@link io.etcdj.server.tls.SelfSigned} makes a pair of files; {@link
 * io.etcdj.server.tls.RenewedKeys} reads a pair as often as it changes; {@link
 * io.etcdj.server.tls.CertificateChecks} is asked in every handshake, after the authorities have
 * vouched for a certificate; {@link io.etcdj.server.tls.Rejection} says who was turned away.
 */
@NullMarked
package io.etcdj.server.tls;

import org.jspecify.annotations.NullMarked;
