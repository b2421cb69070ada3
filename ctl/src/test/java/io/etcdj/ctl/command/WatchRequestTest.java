package io.etcdj.ctl.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WatchRequestTest {
  private static WatchCommand.Request parse(Map<String, String> variables, String... args) {
    Flags flags = Flags.parse(new WatchCommand().flags(), new Flag[0], List.of(args));
    return WatchCommand.Request.parse(flags, variables);
  }

  @Test
  void theCommandFollowsTheDash() {
    WatchCommand.Request request = parse(Map.of(), "a", "z", "--rev=3", "--", "echo", "-n");
    assertThat(request.create().getKey().toStringUtf8()).isEqualTo("a");
    assertThat(request.create().getRangeEnd().toStringUtf8()).isEqualTo("z");
    assertThat(request.create().getStartRevision()).isEqualTo(3);
    assertThat(request.command()).containsExactly("echo", "-n");
  }

  @Test
  void theKeyMayComeFromTheEnvironment() {
    Map<String, String> variables =
        Map.of("ETCDCTL_WATCH_KEY", "k", "ETCDCTL_WATCH_RANGE_END", "m");
    assertThat(parse(variables).create().getRangeEnd().toStringUtf8()).isEqualTo("m");
    assertThatThrownBy(() -> parse(variables, "other"))
        .hasMessage("bad number of arguments; found conflicting environment key");
  }

  @Test
  void wrongNumbersOfArgumentsAreRefused() {
    assertThatThrownBy(() -> parse(Map.of())).hasMessage("bad number of arguments");
    assertThatThrownBy(() -> parse(Map.of(), "a", "--"))
        .hasMessage("bad number of arguments (found separator --, but no commands)");
    assertThatThrownBy(() -> parse(Map.of(), "a", "z", "--prefix"))
        .hasMessage("`range_end` and `--prefix` are mutually exclusive");
  }
}
