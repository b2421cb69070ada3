package io.etcdj.server.config;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The feature gates: what they are called, and which are open. */
public record FeatureGates(Map<Gate, Boolean> open) {

  /** One gate. Alpha gates start closed, beta gates open. */
  public enum Gate {
    STOP_GRPC_SERVICE_ON_DEFRAG("StopGRPCServiceOnDefrag", false),
    INITIAL_CORRUPT_CHECK("InitialCorruptCheck", false),
    COMPACT_HASH_CHECK("CompactHashCheck", false),
    TXN_MODE_WRITE_WITH_SHARED_BUFFER("TxnModeWriteWithSharedBuffer", true),
    LEASE_CHECKPOINT("LeaseCheckpoint", false),
    LEASE_CHECKPOINT_PERSIST("LeaseCheckpointPersist", false),
    SET_MEMBER_LOCAL_ADDR("SetMemberLocalAddr", false),
    FAST_LEASE_KEEP_ALIVE("FastLeaseKeepAlive", true),
    PRIORITY_REQUEST("PriorityRequest", false);

    private final String text;
    private final boolean beta;

    Gate(String text, boolean beta) {
      this.text = text;
      this.beta = beta;
    }

    static Gate of(String text) throws BadValue {
      for (Gate gate : values()) {
        if (gate.text.equals(text)) {
          return gate;
        }
      }
      throw new BadValue("unrecognized feature gate: " + text);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static final String ALL_ALPHA = "AllAlpha";
  private static final String ALL_BETA = "AllBeta";

  public FeatureGates {
    open = Map.copyOf(open);
  }

  public boolean isOpen(Gate gate) {
    return Boolean.TRUE.equals(open.get(gate));
  }

  /** Reads {@code Name=bool,…}; gates that are not named keep their defaults. */
  static FeatureGates parse(String text) throws BadValue {
    Map<Gate, Boolean> named = new EnumMap<>(Gate.class);
    boolean alpha = false;
    boolean beta = true;
    for (String one : text.split(",", -1)) {
      String pair = one.strip();
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      if (equals < 0) {
        throw new BadValue("missing bool value for " + pair);
      }
      String name = pair.substring(0, equals).strip();
      boolean value = bool(name, pair.substring(equals + 1).strip());
      switch (name) {
        case ALL_ALPHA -> alpha = value;
        case ALL_BETA -> beta = value;
        default -> named.put(Gate.of(name), value);
      }
    }
    Map<Gate, Boolean> open = new EnumMap<>(Gate.class);
    for (Gate gate : Gate.values()) {
      open.put(gate, named.getOrDefault(gate, gate.beta ? beta : alpha));
    }
    return new FeatureGates(open);
  }

  private static boolean bool(String name, String value) throws BadValue {
    try {
      return (boolean) Kind.BOOL.parse(value, List.of());
    } catch (BadValue invalid) {
      throw new BadValue(
          String.format(
              Locale.ROOT,
              "invalid value of %s=%s, err: strconv.ParseBool: parsing \"%s\": invalid syntax",
              name,
              value,
              value));
    }
  }

  FeatureGates with(Gate gate, boolean value) {
    Map<Gate, Boolean> changed = new EnumMap<>(open);
    changed.put(gate, value);
    return new FeatureGates(changed);
  }
}
