package io.etcdj.server.member;

/**
 * How much of the log stays behind what is applied.
 *
 * @param entries how many of the newest stay in memory at most, for members that lag a little or
 *     come back soon
 * @param bytes what these may take
 * @param neededBytes how much of it on the disk is kept as long as a member that is there needs it;
 *     one that needs more will have to get the database
 */
public record KeptLog(long entries, long bytes, long neededBytes) {}
