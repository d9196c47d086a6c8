package dev.pingora.transport;

/**
 * The system's mechanism for sockets and events.
 */
public enum Transport {

	/**
	 * The best one that works here: epoll, kqueue, NIO, in this order. io_uring is taken
	 * by name only: its loops may take seconds to end.
	 */
	AUTO,

	/** Linux io_uring. Many container platforms forbid it. */
	IO_URING,

	/** Linux epoll. */
	EPOLL,

	/** The BSDs' and macOS' kqueue. */
	KQUEUE,

	/** The JDK's own, which works everywhere. */
	NIO

}
