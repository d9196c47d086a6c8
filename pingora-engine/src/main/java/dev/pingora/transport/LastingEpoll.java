package dev.pingora.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;

/**
 * Epoll that keeps a socket which wants no events for the moment. Since Netty 4.2.13 the
 * registration of such a socket is deleted, but later modified as if it were there, which
 * fails (ENOENT) and closes the socket: one whose other end has sent its FIN, say, as
 * soon as a write to it has to wait. Here it waits for edges instead, of which there are
 * next to none. Owned by its event loop.
 */
final class LastingEpoll implements IoHandler {

	private final IoHandler epoll;

	private LastingEpoll(IoHandler epoll) {
		this.epoll = epoll;
	}

	static IoHandlerFactory newFactory() {
		IoHandlerFactory factory = EpollIoHandler.newFactory();
		return (executor) -> new LastingEpoll(factory.newHandler(executor));
	}

	@Override
	public void initialize() {
		this.epoll.initialize();
	}

	@Override
	public int run(IoHandlerContext context) {
		return this.epoll.run(context);
	}

	@Override
	public void prepareToDestroy() {
		this.epoll.prepareToDestroy();
	}

	@Override
	public void destroy() {
		this.epoll.destroy();
	}

	@Override
	public IoRegistration register(IoHandle handle) throws Exception {
		return new Registration(this.epoll.register(handle));
	}

	@Override
	public void wakeup() {
		this.epoll.wakeup();
	}

	@Override
	public boolean isCompatible(Class<? extends IoHandle> type) {
		return this.epoll.isCompatible(type);
	}

	private static final class Registration implements IoRegistration {

		private final IoRegistration epoll;

		private boolean added;

		Registration(IoRegistration epoll) {
			this.epoll = epoll;
		}

		@Override
		public <T> T attachment() {
			return this.epoll.attachment();
		}

		@Override
		public long submit(IoOps ops) {
			if (!EpollIoOps.NONE.equals(ops)) {
				this.added = true;
				return this.epoll.submit(ops);
			}
			return this.added ? this.epoll.submit(EpollIoOps.EPOLLET) : 0;
		}

		@Override
		public boolean isValid() {
			return this.epoll.isValid();
		}

		@Override
		public boolean cancel() {
			return this.epoll.cancel();
		}

	}

}
