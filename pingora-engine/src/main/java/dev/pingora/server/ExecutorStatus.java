package dev.pingora.server;

/**
 * How busy an executor for blocking phases is, at one moment.
 *
 * @param threads what its tasks run on: {@code virtual} or {@code platform}
 * @param active how many tasks are running
 * @param queued how many tasks wait for a thread
 * @param limit how many tasks it takes at once, running and waiting together
 * @param rejected how many tasks it has refused since the start
 */
public record ExecutorStatus(String threads, int active, int queued, int limit, long rejected) {
}
