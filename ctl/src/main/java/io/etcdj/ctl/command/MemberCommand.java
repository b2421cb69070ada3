package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.Member;
import io.etcdj.api.etcdserverpb.MemberAddRequest;
import io.etcdj.api.etcdserverpb.MemberAddResponse;
import io.etcdj.api.etcdserverpb.MemberListRequest;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.api.etcdserverpb.MemberPromoteRequest;
import io.etcdj.api.etcdserverpb.MemberPromoteResponse;
import io.etcdj.api.etcdserverpb.MemberRemoveRequest;
import io.etcdj.api.etcdserverpb.MemberRemoveResponse;
import io.etcdj.api.etcdserverpb.MemberUpdateRequest;
import io.etcdj.api.etcdserverpb.MemberUpdateResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.text.GoNumber;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code member}: who belongs to the cluster. */
final class MemberCommand extends Command {
  MemberCommand() {
    super("member <subcommand>", "Membership related commands");
  }

  @Override
  public List<String> children() {
    return List.of("add", "remove", "update", "list", "promote");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "add" -> new Add();
      case "remove" -> new Remove();
      case "update" -> new Update();
      case "list" -> new ListAll();
      case "promote" -> new Promote();
      default -> null;
    };
  }

  private static long memberId(Flags flags) {
    if (flags.arguments().size() != 1) {
      throw Failure.badArgs("member ID is not provided");
    }
    try {
      return GoNumber.parseUint(flags.arguments().get(0), 16);
    } catch (IllegalArgumentException e) {
      throw Failure.badArgs("bad member ID arg (" + e.getMessage() + "), expecting ID in Hex");
    }
  }

  /** Peer URLs in order, checked as etcd's client checks them before it sends any. */
  private static List<String> peerUrls(Flags flags) {
    List<String> urls = new ArrayList<>(flags.strings("peer-urls"));
    if (urls.isEmpty()) {
      throw Failure.badArgs("member peer urls not provided");
    }
    return urls;
  }

  private static void check(List<String> urls) {
    for (String url : urls) {
      int scheme = url.indexOf("://");
      boolean known =
          scheme > 0
              && List.of("http", "https", "unix", "unixs").contains(url.substring(0, scheme));
      if (!known) {
        throw Failure.error("URL scheme must be http, https, unix, or unixs: " + url);
      }
      String rest = url.substring(scheme + 3);
      boolean network = url.startsWith("http");
      int path = rest.indexOf('/');
      String address = path < 0 ? rest : rest.substring(0, path);
      if (network && address.lastIndexOf(':') < 0) {
        throw Failure.error("URL address does not have the form \"host:port\": " + url);
      }
      if (network && path >= 0) {
        throw Failure.error("URL must not contain a path: " + url);
      }
    }
    Collections.sort(urls);
  }

  private static final Flag PEER_URLS =
      Flag.string("peer-urls", "comma separated peer URLs of the member");

  private static final class Add extends Command {
    private static final Flag[] FLAGS = {
      Flag.bool("learner", "add a member that does not vote yet"), PEER_URLS
    };

    Add() {
      super("add <memberName> [options]", "Adds a member into the cluster");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      List<String> arguments = flags.arguments();
      if (arguments.isEmpty()) {
        throw Failure.badArgs("member name not provided");
      }
      if (arguments.size() > 1) {
        StringBuilder text = new StringBuilder("too many arguments");
        for (String argument : arguments) {
          if (argument.toLowerCase(Locale.ROOT).startsWith("http")) {
            text.append(", did you mean --peer-urls=").append(argument);
          }
        }
        throw Failure.badArgs(text.toString());
      }
      List<String> urls = peerUrls(flags);
      try (Session session = Session.open(flags, environment)) {
        check(urls);
        MemberAddResponse answer =
            session.call(
                Rpc.MEMBER_ADD,
                MemberAddRequest.newBuilder()
                    .addAllPeerURLs(urls)
                    .setIsLearner(flags.bool("learner"))
                    .build(),
                MemberAddResponse.parser());
        session.printer().memberAdd(answer);
        if (session.printer().isForPeople()) {
          explain(environment, arguments.get(0), urls, answer);
        }
        return ExitCode.SUCCESS;
      }
    }

    /** The settings with which the new member is to be started. */
    private static void explain(
        Environment environment, String name, List<String> urls, MemberAddResponse answer) {
      List<String> cluster = new ArrayList<>();
      for (Member member : answer.getMembersList()) {
        boolean added = member.getID() == answer.getMember().getID();
        for (String url : member.getPeerURLsList()) {
          cluster.add((added ? name : member.getName()) + "=" + url);
        }
      }
      environment
          .out()
          .print(
              "\nETCD_NAME=\""
                  + name
                  + "\"\nETCD_INITIAL_CLUSTER=\""
                  + String.join(",", cluster)
                  + "\"\nETCD_INITIAL_ADVERTISE_PEER_URLS=\""
                  + String.join(",", urls)
                  + "\"\nETCD_INITIAL_CLUSTER_STATE=\"existing\"\n");
    }
  }

  private static final class Remove extends Command {
    Remove() {
      super("remove <memberID>", "Removes a member from the cluster");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      long id = memberId(flags);
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .memberRemove(
                id,
                session.call(
                    Rpc.MEMBER_REMOVE,
                    MemberRemoveRequest.newBuilder().setID(id).build(),
                    MemberRemoveResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class Update extends Command {
    private static final Flag[] FLAGS = {PEER_URLS};

    Update() {
      super("update <memberID> [options]", "Updates a member in the cluster");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      long id = memberId(flags);
      List<String> urls = peerUrls(flags);
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .memberUpdate(
                id,
                session.call(
                    Rpc.MEMBER_UPDATE,
                    MemberUpdateRequest.newBuilder().setID(id).addAllPeerURLs(urls).build(),
                    MemberUpdateResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class ListAll extends Command {
    private static final Flag[] FLAGS = {
      Flag.string("consistency", "Linearizable(l) or Serializable(s)").withInitial("l"),
    };

    ListAll() {
      super("list", "Lists all members in the cluster");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      String consistency = flags.string("consistency");
      if (!consistency.equals("l") && !consistency.equals("s")) {
        throw Failure.badFeature("unknown consistency flag \"" + consistency + "\"");
      }
      try (Session session = Session.open(flags, environment)) {
        session.printer().memberList(list(session, consistency.equals("l")));
        return ExitCode.SUCCESS;
      }
    }
  }

  static MemberListResponse list(Session session, boolean linearizable) {
    return session.read(
        Rpc.MEMBER_LIST,
        MemberListRequest.newBuilder().setLinearizable(linearizable).build(),
        MemberListResponse.parser());
  }

  private static final class Promote extends Command {
    Promote() {
      super("promote <memberID>", "Promotes a non-voting member in the cluster");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      long id = memberId(flags);
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .memberPromote(
                id,
                session.call(
                    Rpc.MEMBER_PROMOTE,
                    MemberPromoteRequest.newBuilder().setID(id).build(),
                    MemberPromoteResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }
}
