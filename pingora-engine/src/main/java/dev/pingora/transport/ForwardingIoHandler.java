package dev.pingora.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;

/**
 * Drives a loop as another handler does, but for what a subclass changes: how sockets are
 * registered. Owned by its event loop.
 */
abstract class ForwardingIoHandler implements IoHandler {

	private final IoHandler handler;

	ForwardingIoHandler(IoHandler handler) {
		this.handler = handler;
	}

	final IoHandler handler() {
		return this.handler;
	}

	@Override
	public void initialize() {
		this.handler.initialize();
	}

	@Override
	public int run(IoHandlerContext context) {
		return this.handler.run(context);
	}

	@Override
	public void prepareToDestroy() {
		this.handler.prepareToDestroy();
	}

	@Override
	public void destroy() {
		this.handler.destroy();
	}

	@Override
	public void wakeup() {
		this.handler.wakeup();
	}

	@Override
	public boolean isCompatible(Class<? extends IoHandle> type) {
		return this.handler.isCompatible(type);
	}

}
