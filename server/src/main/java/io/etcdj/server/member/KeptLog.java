package io.etcdj.server.member;

/**
 * How much of the log stays in memory behind what is applied.
 *
 * @param entries how many of the newest at most, for members that lag a little or come back soon
 * @param bytes what the log may take because of those
 * @param neededBytes what the log may take as long as a member that is there needs it, however many
 *     entries that is; beyond, that member will have to get the database
 */
public record KeptLog(long entries, long bytes, long neededBytes) {}
