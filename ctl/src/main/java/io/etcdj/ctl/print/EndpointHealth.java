package io.etcdj.ctl.print;

/**
 * Whether one endpoint can serve.
 *
 * @param error why not, or empty
 */
public record EndpointHealth(String endpoint, boolean healthy, long tookNanos, String error) {}
