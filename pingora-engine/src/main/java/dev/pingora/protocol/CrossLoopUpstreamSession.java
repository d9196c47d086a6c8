package dev.pingora.protocol;

import java.util.Objects;

import dev.pingora.error.ProxyException;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.TaskAction;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * An upstream session that lives on another event loop than its user: every call crosses
 * over as a message, in order, and so does everything that is told back. Heads are copied
 * on the way, since their storage belongs to one loop.
 * <p>
 * {@code handler}, {@code ended} and {@code inFlight} are owned by the user's loop
 * ("home"); {@code session} and {@code written} by its own ("there"); {@code writable} is
 * written there and read at home.
 */
public final class CrossLoopUpstreamSession implements UpstreamSession, Isolated {

	// What may be on its way to the other loop, which something may hold, by PieceCost.
	private static final int WINDOW = 128 * 1024;

	private static final int ACKNOWLEDGED = WINDOW / 4;

	private final EventLoop home;

	private final UpstreamSession session;

	private final PanicIsolation isolation;

	private final boolean reused;

	private volatile boolean writable = true;

	private @Nullable UpstreamHandler handler;

	private boolean ended;

	private int inFlight;

	private int written;

	/**
	 * Wraps a session. To be called on the session's loop, before it is started.
	 * @param home the user's loop
	 * @param session the session
	 * @param isolation the border
	 */
	public CrossLoopUpstreamSession(EventLoop home, UpstreamSession session, PanicIsolation isolation) {
		this.home = home;
		this.session = session;
		this.isolation = isolation;
		this.reused = session.isReused();
		session.start(new There());
	}

	// At home: the user's calls.

	@Override
	public void start(UpstreamHandler handler) {
		this.handler = handler;
	}

	@Override
	public EventLoop loop() {
		return this.home;
	}

	@Override
	public boolean isReused() {
		return this.reused;
	}

	@Override
	public boolean isWritable() {
		return this.writable && this.inFlight < WINDOW;
	}

	@Override
	public void writeHeader(RequestHeader header, boolean end) {
		RequestHeader copy = header.detach();
		cross((there) -> there.session.writeHeader(copy, end));
	}

	@Override
	public void writeUpgrade(RequestHeader header, String protocol) {
		RequestHeader copy = header.detach();
		cross((there) -> there.session.writeUpgrade(copy, protocol));
	}

	@Override
	public void writeBody(ByteBuf data, boolean end) {
		int cost = PieceCost.of(data);
		this.inFlight += cost;
		cross((there) -> {
			there.written += cost;
			there.session.writeBody(data, end);
			there.writable = there.session.isWritable();
			there.acknowledge();
		});
	}

	private void acknowledge() {
		int written = this.written;
		if (written >= ACKNOWLEDGED) {
			this.written = 0;
			this.home.execute(() -> this.isolation.run(this, (here) -> here.acknowledged(written)));
		}
	}

	private void acknowledged(int written) {
		boolean full = this.inFlight >= WINDOW;
		this.inFlight -= written;
		if (full && isWritable() && !this.ended) {
			Objects.requireNonNull(this.handler, "start(...) was not called").onWritable();
		}
	}

	@Override
	public void writeTrailers(Headers trailers) {
		Headers copy = trailers.detach();
		cross((there) -> there.session.writeTrailers(copy));
	}

	@Override
	public void awaitContinue(boolean waits) {
		cross((there) -> there.session.awaitContinue(waits));
	}

	@Override
	public void flush() {
		cross((there) -> there.session.flush());
	}

	@Override
	public void credit(int credit) {
		cross((there) -> there.session.credit(credit));
	}

	@Override
	public void recycle() {
		this.ended = true;
		cross((there) -> there.session.recycle());
	}

	@Override
	public void close() {
		this.ended = true;
		cross((there) -> there.session.close());
	}

	private void cross(TaskAction<CrossLoopUpstreamSession> call) {
		this.session.loop().execute(() -> this.isolation.run(this, call));
	}

	// There: what the session tells.

	private void tell(HandlerCall call) {
		this.home.execute(() -> {
			boolean told = !this.ended;
			if (told) {
				call.run(Objects.requireNonNull(this.handler, "start(...) was not called"));
			}
			else {
				call.drop();
			}
		});
	}

	/**
	 * Something to be told at home.
	 */
	private interface HandlerCall {

		void run(UpstreamHandler handler);

		default void drop() {
		}

	}

	/**
	 * A piece of a body to be told at home; it has an owner at any time.
	 *
	 * @param data the octets
	 * @param end whether it is the last one
	 */
	private record Piece(ByteBuf data, boolean end) implements HandlerCall {

		@Override
		public void run(UpstreamHandler handler) {
			handler.onBody(this.data, this.end);
		}

		@Override
		public void drop() {
			this.data.release();
		}

	}

	private final class There implements UpstreamHandler {

		@Override
		public void onInformational(ResponseHeader header) {
			ResponseHeader copy = header.detach();
			tell((handler) -> handler.onInformational(copy));
		}

		@Override
		public void onHeader(ResponseHeader header, boolean end) {
			ResponseHeader copy = header.detach();
			tell((handler) -> handler.onHeader(copy, end));
		}

		@Override
		public void onUpgrade(ResponseHeader header) {
			ResponseHeader copy = header.detach();
			tell((handler) -> handler.onUpgrade(copy));
		}

		@Override
		public void onBody(ByteBuf data, boolean end) {
			tell(new Piece(data, end));
		}

		@Override
		public void onTrailers(Headers trailers) {
			Headers copy = trailers.detach();
			tell((handler) -> handler.onTrailers(copy));
		}

		@Override
		public void onWritable() {
			CrossLoopUpstreamSession.this.writable = true;
			tell(UpstreamHandler::onWritable);
		}

		@Override
		public void onReadComplete() {
			tell(UpstreamHandler::onReadComplete);
		}

		@Override
		public void onFailure(ProxyException error) {
			tell((handler) -> handler.onFailure(error));
		}

		@Override
		public void onPanic(Panic panic) {
			tell((handler) -> handler.onPanic(panic));
		}

	}

	@Override
	public PanicSite panicSite() {
		return PanicSite.of(PanicSite.CODEC, "crossing");
	}

	@Override
	public void failed(ProxyException error) {
		tell((handler) -> handler.onFailure(error));
	}

	@Override
	public void panicked(Panic panic) {
		tell((handler) -> handler.onPanic(panic));
	}

}
