/**
 * How members talk: etcd's own transport ("rafthttp"), byte for byte.
 *
 * <p>Each member dials two endless GETs to each other member, and the answers carry Raft messages
 * from the dialled to the dialling one:
 *
 * <pre>
 *   B  GET /raft/stream/msgapp/b   -&gt;  A      A appends to B on the answer: the bulk
 *   B  GET /raft/stream/message/b  -&gt;  A      A's heartbeats, votes and answers to B
 *   A  POST /raft                  -&gt;  B      while B has no stream open to A
 *   A  POST /raft/snapshot         -&gt;  B      a whole database, when the log no longer reaches
 *   A  GET /raft/probing           -&gt;  B      every 4 s: is it there, how far is it
 * </pre>
 *
 * <p>{@link io.etcdj.server.peer.PeerTransport} is the face of it. Nothing here blocks and nothing
 * is kept for later: a queue that is full drops, and Raft is told. What arrives is given to a
 * {@link io.etcdj.server.peer.PeerReceiver}. {@link io.etcdj.server.peer.PeerClient} makes the
 * plain calls between members that are not Raft's.
 */
@NullMarked
package io.etcdj.server.peer;

import org.jspecify.annotations.NullMarked;
