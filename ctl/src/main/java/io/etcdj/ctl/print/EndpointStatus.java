package io.etcdj.ctl.print;

import io.etcdj.api.etcdserverpb.StatusResponse;

/** What one endpoint says of itself. */
public record EndpointStatus(String endpoint, StatusResponse status) {}
