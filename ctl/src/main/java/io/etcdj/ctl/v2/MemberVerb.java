package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.text.GoStrings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code member list}, {@code add}, {@code remove} and {@code update}. */
final class MemberVerb extends Verb {
  private enum Kind {
    LIST,
    ADD,
    REMOVE,
    UPDATE
  }

  private final Kind kind;

  private MemberVerb(Kind kind, String name, String arguments, String about) {
    super(name, arguments, about);
    this.kind = kind;
  }

  static Verb group() {
    return new Group(
        "member",
        "member add, remove and list subcommands",
        List.of(
            new MemberVerb(Kind.LIST, "list", " ", "enumerate existing cluster members"),
            new MemberVerb(
                Kind.ADD, "add", "<name> <peerURL>", "add a new member to the etcd cluster"),
            new MemberVerb(
                Kind.REMOVE,
                "remove",
                "<memberID>",
                "remove an existing member from the etcd cluster"),
            new MemberVerb(
                Kind.UPDATE,
                "update",
                "<memberID> <peerURLs>",
                "update an existing member in the etcd cluster")));
  }

  @Override
  int run(Call call) {
    try {
      switch (kind) {
        case LIST -> list(call);
        case ADD -> add(call);
        case REMOVE -> remove(call);
        case UPDATE -> update(call);
      }
      return ExitStatus.SUCCESS;
    } catch (ClientException e) {
      throw e.plainFailure();
    }
  }

  private static List<String> arguments(Call call, int count, String complaint) {
    if (call.arguments().size() != count) {
      throw new Failure(ExitStatus.BAD_ARGUMENTS, complaint);
    }
    return call.arguments();
  }

  private static void list(Call call) throws ClientException {
    call.needNoArguments();
    MembersApi api = new MembersApi(Session.open(call));
    Deadline deadline = call.deadline();
    List<Member> members = api.list(deadline);
    String leader;
    try {
      leader = api.leader(deadline).id();
    } catch (ClientException e) {
      throw new Failure(ExitStatus.BAD_ARGUMENTS, "Failed to get leader:  " + e.text());
    }
    for (Member member : members) {
      String peerUrls = "peerURLs=" + String.join(",", member.peerUrls());
      if (member.name().isEmpty()) {
        call.print(member.id() + "[unstarted]: " + peerUrls);
      } else {
        call.print(
            member.id()
                + ": name="
                + member.name()
                + " "
                + peerUrls
                + " clientURLs="
                + String.join(",", member.clientUrls())
                + " isLeader="
                + member.id().equals(leader));
      }
    }
  }

  private static void add(Call call) throws ClientException {
    List<String> arguments = arguments(call, 2, "Provide a name and a single member peerURL");
    MembersApi api = new MembersApi(Session.open(call));
    Deadline deadline = call.deadline();
    String name = arguments.get(0);
    Member added = api.add(arguments.get(1), deadline);
    call.print("Added member named " + name + " with ID " + added.id() + " to cluster");
    List<String> cluster = new ArrayList<>();
    for (Member member : api.list(deadline)) {
      for (String url : member.peerUrls()) {
        cluster.add((member.id().equals(added.id()) ? name : member.name()) + "=" + url);
      }
    }
    call.print("");
    call.print("ETCD_NAME=" + GoStrings.quote(name));
    call.print("ETCD_INITIAL_CLUSTER=" + GoStrings.quote(String.join(",", cluster)));
    call.print("ETCD_INITIAL_CLUSTER_STATE=\"existing\"");
  }

  private static void remove(Call call) throws ClientException {
    String id = arguments(call, 1, "Provide a single member ID").get(0);
    MembersApi api = new MembersApi(Session.open(call));
    Deadline deadline = call.deadline();
    List<Member> members;
    try {
      members = api.list(deadline);
    } catch (ClientException e) {
      throw new Failure(
          ExitStatus.BAD_ARGUMENTS, "Error while verifying ID against known members: " + e.text());
    }
    boolean known = false;
    for (Member member : members) {
      known |= member.id().equals(id);
      if (member.name().equals(id)) {
        call.complain(
            "Found a member named "
                + id
                + "; if this is correct, please use its ID, eg:\n\tetcdctl member remove "
                + member.id());
        call.complain(
            "For more details, read the documentation at https://github.com/etcd-io/etcd/blob/"
                + "master/Documentation/runtime-configuration.md#remove-a-member\n");
      }
    }
    if (!known) {
      throw new Failure(
          ExitStatus.BAD_ARGUMENTS,
          "Couldn't find a member in the cluster with an ID of " + id + ".");
    }
    try {
      api.remove(id, deadline);
    } catch (ClientException e) {
      call.environment()
          .err()
          .print("Received an error trying to remove member " + id + ": " + e.text());
      throw Failure.silent(ExitStatus.BAD_ARGUMENTS);
    }
    call.print("Removed member " + id + " from cluster");
  }

  private static void update(Call call) throws ClientException {
    List<String> arguments =
        arguments(
            call,
            2,
            "Provide an ID and a list of comma separated peerURL (0xabcd"
                + " http://example.com,http://example1.com)");
    MembersApi api = new MembersApi(Session.open(call));
    String id = arguments.get(0);
    api.update(id, Arrays.asList(arguments.get(1).split(",", -1)), call.deadline());
    call.print("Updated member with ID " + id + " in cluster");
  }
}
