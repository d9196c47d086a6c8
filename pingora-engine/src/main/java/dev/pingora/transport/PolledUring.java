package dev.pingora.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import org.jspecify.annotations.Nullable;

/**
 * io_uring that tells the two polls of a connection apart: that for its other side's end,
 * which is there once and from the beginning, and those for room to write, which the
 * system completes with that end, too, and Netty takes for the former: it would wait for
 * room for ever. The end itself is told as {@link InputEnd} says.
 * <p>
 * Owned by its event loop.
 */
final class PolledUring extends ForwardingIoHandler {

	// Linux: linux/io_uring.h, asm-generic/poll.h
	private static final byte POLL_ADD = 6;

	private static final int POLLIN = 0x1;

	private static final int POLLOUT = 0x4;

	private static final int POLLRDHUP = 0x2000;

	private PolledUring(IoHandler uring) {
		super(uring);
	}

	static IoHandlerFactory newFactory() {
		IoHandlerFactory factory = IoUringIoHandler.newFactory();
		return (executor) -> new PolledUring(factory.newHandler(executor));
	}

	@Override
	public IoRegistration register(IoHandle handle) throws Exception {
		return handler().register(new Socket((IoUringIoHandle) handle));
	}

	/**
	 * Stands between a channel and what happens to it.
	 */
	@SuppressWarnings("try") // Netty's close() throws whatever it likes
	private static final class Socket implements IoUringIoHandle {

		private final IoUringIoHandle handle;

		private final @Nullable Channel channel;

		private boolean endPolled;

		Socket(IoUringIoHandle handle) {
			this.handle = handle;
			this.channel = (handle instanceof Channel.Unsafe unsafe) ? unsafe.voidPromise().channel() : null;
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
		public void handle(IoRegistration registration, IoEvent event) {
			IoUringIoEvent completion = (IoUringIoEvent) event;
			int result = completion.res();
			if (completion.opcode() != POLL_ADD || result < 0 || (result & POLLRDHUP) == 0) {
				this.handle.handle(registration, event);
				return;
			}
			boolean end = (result & (POLLIN | POLLOUT)) == 0; // and nothing else
			if (end && this.endPolled) {
				tell(registration, completion, POLLOUT);
				return;
			}
			this.endPolled |= end;
			if (this.channel == null || !InputEnd.isReadInTurn(this.channel)) {
				this.handle.handle(registration, event);
			}
			else if (!end) {
				tell(registration, completion, result & ~POLLRDHUP);
			}
		}

		private void tell(IoRegistration registration, IoUringIoEvent event, int result) {
			this.handle.handle(registration,
					new IoUringIoEvent(result, event.flags(), event.opcode(), event.userData()));
		}

	}

}
