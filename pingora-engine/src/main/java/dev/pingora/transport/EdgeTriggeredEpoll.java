package dev.pingora.transport;

import java.io.IOException;

import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Epoll that tells of each change of a connection once. Netty asks for levels, for which
 * the system looks at a socket a second time after each event. It reads until a read is
 * not filled, and what comes later is a new edge; where it stops before that, the socket
 * is registered again, at which the system looks whether there is more.
 * <p>
 * A socket that wants no events for the moment stays registered, for edges of which there
 * are next to none: since Netty 4.2.13 its registration is deleted, but later modified as
 * if it were there, which fails (ENOENT) and closes the socket.
 * <p>
 * Netty knows sockets by their descriptors, and takes many events from the system before
 * it handles the first. If that one closes a socket and makes another, which gets the
 * descriptor that is free now, an event of the former is told to the latter: the end of a
 * connection breaks a dial. So a socket is told nothing in the turn that it was
 * registered in.
 * <p>
 * Of the other side's end a socket is told as {@link InputEnd} says: that there is
 * something to be read, when reading is wanted.
 * <p>
 * Listening sockets, and those not connected yet, keep their levels. Owned by its event
 * loop.
 */
final class EdgeTriggeredEpoll extends ForwardingIoHandler {

	private long turn;

	private EdgeTriggeredEpoll(IoHandler epoll) {
		super(epoll);
	}

	static IoHandlerFactory newFactory() {
		IoHandlerFactory factory = EpollIoHandler.newFactory();
		return (executor) -> new EdgeTriggeredEpoll(factory.newHandler(executor));
	}

	@Override
	public int run(IoHandlerContext context) {
		this.turn++;
		return super.run(context);
	}

	@Override
	public IoRegistration register(IoHandle handle) throws Exception {
		Socket socket = new Socket((EpollIoHandle) handle);
		socket.registration = handler().register(socket);
		return socket;
	}

	/**
	 * What is told instead of an event.
	 */
	private record Readable(EpollIoOps ops) implements EpollIoEvent {
	}

	/**
	 * Stands between a channel and its registration, as either to the other.
	 */
	@SuppressWarnings("try") // Netty's close() throws whatever it likes
	private final class Socket implements EpollIoHandle, IoRegistration {

		private final EpollIoHandle handle;

		private final Channel.@Nullable Unsafe unsafe;

		private final long born = EdgeTriggeredEpoll.this.turn;

		private @Nullable IoRegistration registration;

		private EpollIoOps wanted = EpollIoOps.NONE;

		private boolean added;

		private boolean edges;

		Socket(EpollIoHandle handle) {
			this.handle = handle;
			this.unsafe = (handle instanceof Channel.Unsafe unsafe) ? unsafe : null;
		}

		private IoRegistration registration() {
			IoRegistration registration = this.registration;
			if (registration == null) {
				throw new IllegalStateException("not registered yet");
			}
			return registration;
		}

		@Override
		public FileDescriptor fd() {
			return this.handle.fd();
		}

		@Override
		public void registered() {
			this.handle.registered();
		}

		@Override
		public void unregistered() {
			this.handle.unregistered();
		}

		@Override
		public void close() throws Exception {
			this.handle.close();
		}

		@Override
		@SuppressWarnings("deprecation") // of the handle there is no other kind
		public void handle(IoRegistration registration, IoEvent event) {
			if (this.born == EdgeTriggeredEpoll.this.turn) {
				return; // it happened to the socket that had the descriptor before
			}
			Channel.Unsafe unsafe = this.unsafe;
			EpollIoOps ops = ((EpollIoEvent) event).ops();
			if (!this.edges || unsafe == null || EpollIoOps.EPOLLOUT.equals(ops)) {
				this.handle.handle(this, event);
				return;
			}
			boolean endIsAhead = ops.contains(EpollIoOps.EPOLLRDHUP)
					&& InputEnd.isReadInTurn(unsafe.voidPromise().channel());
			IoEvent told = endIsAhead ? new Readable(withoutEnd(ops)) : event;
			RecvByteBufAllocator.Handle reads = unsafe.recvBufAllocHandle();
			reads.attemptedBytesRead(reads.lastBytesRead()); // in case nothing is read
			this.handle.handle(this, told);
			boolean drained = reads.lastBytesRead() < (endIsAhead ? 0 : reads.attemptedBytesRead());
			if (!drained && this.wanted.contains(EpollIoOps.EPOLLIN)) {
				submit(this.wanted);
			}
		}

		// The end is read behind everything else, when reading is wanted.
		private EpollIoOps withoutEnd(EpollIoOps ops) {
			EpollIoOps others = ops.without(EpollIoOps.EPOLLRDHUP);
			return this.wanted.contains(EpollIoOps.EPOLLIN) ? others.with(EpollIoOps.EPOLLIN) : others;
		}

		@Override
		public long submit(IoOps ops) {
			this.wanted = (EpollIoOps) ops;
			boolean none = EpollIoOps.NONE.equals(ops);
			if (!this.added && (none || EpollIoOps.EPOLLRDHUP.equals(ops))) {
				return 0; // it begins to read at once, and would be registered twice
			}
			this.added = true;
			this.edges = none || (this.unsafe != null && this.unsafe.remoteAddress() != null);
			return registration().submit(this.edges ? this.wanted.with(EpollIoOps.EPOLLET) : ops);
		}

		@Override
		public <T> T attachment() {
			return registration().attachment();
		}

		@Override
		public boolean isValid() {
			return registration().isValid();
		}

		// A channel leaves its loop only to be closed. A closed descriptor leaves the
		// system's set by itself; an open one, which Netty would close next, takes a
		// call.
		@Override
		public boolean cancel() {
			if (this.edges) {
				try {
					fd().close();
				}
				catch (IOException ended) {
					// It is closed all the same.
				}
			}
			return registration().cancel();
		}

	}

}
