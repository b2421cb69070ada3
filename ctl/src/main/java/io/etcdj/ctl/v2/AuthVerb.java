package io.etcdj.ctl.v2;

import java.util.List;

/** {@code auth enable} and {@code auth disable}. */
final class AuthVerb extends Verb {
  private final boolean on;

  private AuthVerb(boolean on, String name, String about) {
    super(name, " ", about);
    this.on = on;
  }

  static Verb group() {
    return new Group(
        "auth",
        "overall auth controls",
        List.of(
            new AuthVerb(true, "enable", "enable auth access controls"),
            new AuthVerb(false, "disable", "disable auth access controls")));
  }

  @Override
  int run(Call call) {
    call.needNoArguments();
    try {
      AuthApi.open(call).turn(on);
    } catch (ClientException e) {
      throw e.plainFailure();
    }
    call.print(on ? "Authentication Enabled" : "Authentication Disabled");
    return ExitStatus.SUCCESS;
  }
}
