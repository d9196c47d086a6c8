package dev.pingora.protocol.h1;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.function.Consumer;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.error.Retry;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.PieceCost;
import dev.pingora.protocol.UpstreamHandler;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Asks one request after the other on a {@link H1ClientConnection}, as long as it may be
 * used again, and notes what it is told of the answers.
 */
final class ResponseStreamReading implements UpstreamHandler, H1ClientConnection.Owner {

	private static final PanicIsolation ISOLATION = new PanicIsolation(List.of());

	private static final HttpPeer PEER = HttpPeer.of("127.0.0.1", 1,
			PeerOptions.builder().maxHeaderSize(Heads.LIMITS.size()).maxHeaderCount(Heads.LIMITS.fields()).build());

	private enum State {

		/** It may be asked. */
		IDLE,
		/** It is answering. */
		ASKED,
		/** It has answered, or failed to. */
		ANSWERED,
		/** It is not used any more. */
		ENDED

	}

	private final Dialogue dialogue;

	private final List<Answer> expected;

	private final long panicsBefore = ISOLATION.totals().total();

	private final H1ClientConnection connection = new H1ClientConnection(ISOLATION, PEER.key(), this);

	private final EmbeddedChannel channel = new EmbeddedChannel(this.connection);

	private final List<ByteBuf> received = new ArrayList<>();

	private final List<String> answers = new ArrayList<>();

	private final List<String> mistakes = new ArrayList<>();

	private State state = State.IDLE;

	// Of the present answer: what is over, what isn't, and how far the body is paid for.

	private final StringBuilder told = new StringBuilder();

	private final StringBuilder part = new StringBuilder();

	private @Nullable UpstreamSession session;

	private boolean hasBody;

	private boolean isTunnel;

	private long credit;

	private int octetsReceived;

	private int timesClosed;

	private @Nullable Panic panic;

	private ResponseStreamReading(Dialogue dialogue, List<Answer> expected) {
		this.dialogue = dialogue;
		this.expected = expected;
	}

	/**
	 * Asks and reads.
	 * @param dialogue what is asked and answered
	 * @param expected what the answers are
	 * @param places where the answers are cut into pieces
	 * @return the answers; the last one may have no end
	 */
	static List<String> of(Dialogue dialogue, List<Answer> expected, SortedSet<Integer> places) {
		ResponseStreamReading reading = new ResponseStreamReading(dialogue, expected);
		try {
			reading.run(places);
		}
		finally {
			reading.channel.finishAndReleaseAll();
		}
		reading.checkContract();
		return reading.answers;
	}

	private void run(SortedSet<Integer> places) {
		byte[] octets = this.dialogue.octets();
		int from = 0;
		for (int to : places) {
			receive(Arrays.copyOfRange(octets, from, to));
			from = to;
		}
		receive(Arrays.copyOfRange(octets, from, octets.length));
		if (this.state == State.IDLE) {
			ask();
		}
		if (this.dialogue.breaks() && this.channel.isActive()) {
			this.channel.pipeline().fireExceptionCaught(new IOException("broken"));
			read();
		}
		else if (this.isTunnel) {
			this.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
		}
		if (this.dialogue.breaks() || !this.isTunnel) {
			this.channel.close();
		}
		read();
		if (this.state != State.ENDED) {
			this.mistakes.add("no end of: " + this.told + this.part);
		}
	}

	private void receive(byte[] octets) {
		if (octets.length == 0 || this.state == State.ENDED) {
			return;
		}
		if (this.state == State.IDLE) {
			ask();
		}
		ByteBuf piece = Unpooled.wrappedBuffer(octets);
		this.received.add(piece);
		this.octetsReceived += octets.length;
		this.channel.writeInbound(piece);
		read();
	}

	private void ask() {
		int request = this.answers.size();
		UpstreamSession session = this.connection.open(PEER);
		this.session = session;
		this.state = State.ASKED;
		this.told.setLength(0);
		this.part.setLength(0);
		this.hasBody = false;
		this.credit = 0;
		session.start(this);
		RequestHeader header = RequestHeader.of(this.dialogue.isToHead(request) ? "HEAD" : "GET", "/");
		if (this.dialogue.isToUpgrade(request)) {
			session.writeUpgrade(header, Dialogue.PROTOCOL);
		}
		else {
			session.writeHeader(header, true);
		}
		session.flush();
		this.channel.releaseOutbound();
	}

	// As far as there is something to read.
	private void read() {
		this.channel.runPendingTasks();
		int before = -1;
		while (this.state == State.ASKED && this.hasBody && (this.credit <= 0 || before != this.part.length())) {
			before = this.part.length();
			this.credit += this.dialogue.credit();
			session().credit(this.dialogue.credit());
			this.channel.runPendingTasks();
		}
		if (this.state == State.ANSWERED) {
			end(UpstreamSession::recycle);
		}
	}

	private UpstreamSession session() {
		return Objects.requireNonNull(this.session);
	}

	private void end(Consumer<UpstreamSession> how) {
		this.state = State.ENDED; // unless it is told to be idle
		how.accept(session());
	}

	private void answered(String end) {
		this.answers.add(this.told + end);
		this.state = State.ANSWERED;
		if (this.dialogue.endsAtOnce()) {
			end(UpstreamSession::recycle);
		}
	}

	private void checkContract() {
		if (this.panic != null) {
			throw new AssertionError("a panic", this.panic.cause());
		}
		this.received.stream()
			.filter((piece) -> piece.refCnt() != 0)
			.forEach((piece) -> this.mistakes.add("not released: " + piece));
		if (this.timesClosed != 1) {
			this.mistakes.add("told of the connection's end " + this.timesClosed + " times");
		}
		if (ISOLATION.totals().total() != this.panicsBefore) {
			this.mistakes.add("a panic; see the log");
		}
		assertThat(this.mistakes).isEmpty();
	}

	@Override
	public void onInformational(ResponseHeader header) {
		expect(State.ASKED, "an interim response");
		this.told.append(Answer.interim(head(header)));
	}

	@Override
	public void onHeader(ResponseHeader header, boolean end) {
		expect(State.ASKED, "a head");
		this.part.append(head(header)).append('|');
		this.hasBody = !end;
		if (end) {
			answered(this.part + "|[]");
		}
	}

	@Override
	public void onUpgrade(ResponseHeader header) {
		expect(State.ASKED, "an upgrade");
		this.part.append("tunnel ").append(head(header)).append('|');
		this.hasBody = true;
		this.isTunnel = true;
	}

	@Override
	public void onBody(ByteBuf data, boolean end) {
		expect(State.ASKED, "a body");
		if (this.credit <= 0) {
			this.mistakes.add("a body that nobody has paid for");
		}
		this.credit -= PieceCost.of(data);
		this.part.append(data.toString(StandardCharsets.ISO_8859_1));
		data.release();
		if (end) {
			answered(this.part + "|[]");
		}
	}

	@Override
	public void onTrailers(Headers trailers) {
		expect(State.ASKED, "trailers");
		answered(this.part + "|" + fields(trailers));
	}

	@Override
	public void onFailure(ProxyException error) {
		expect(State.ASKED, "a failure");
		if (error.type() == (this.dialogue.breaks() ? ErrorType.READ_ERROR : ErrorType.CONNECTION_CLOSED)) {
			answered((this.part.isEmpty() ? "" : this.part + "|")
					+ Answer.unfinished(this.dialogue.breaks(), error.retry()));
		}
		else {
			answered(Answer.refused(error.type()));
			if (error.retry() != Retry.NEVER) {
				this.mistakes.add("may be tried again: " + error);
			}
		}
	}

	@Override
	public void onPanic(Panic panic) {
		this.panic = panic;
		answered("panic");
	}

	@Override
	public void onWritable() {
	}

	@Override
	public void onReadComplete() {
	}

	@Override
	public void idle(H1ClientConnection connection) {
		expect(State.ENDED, "an idle connection");
		// RFC 9112 section 9.2: what nobody has asked for
		int end = this.expected.get(this.answers.size() - 1).end();
		if (this.octetsReceived != end) {
			this.mistakes.add("idle with " + (this.octetsReceived - end) + " octets too many");
		}
		this.state = State.IDLE;
	}

	@Override
	public void closing(H1ClientConnection connection) {
		// an embedded channel closes at once
	}

	@Override
	public void closed(H1ClientConnection connection) {
		this.timesClosed++;
	}

	private void expect(State expected, String what) {
		if (this.state != expected) {
			this.mistakes.add(what + " when it was " + this.state);
		}
	}

	private static List<String> head(ResponseHeader header) {
		List<String> shown = new ArrayList<>();
		shown.add(Integer.toString(header.status()));
		shown.add(header.reason());
		shown.add(header.version().toString());
		shown.addAll(fields(header.headers()));
		return shown;
	}

	private static List<String> fields(Headers fields) {
		List<String> shown = new ArrayList<>();
		fields.forEach((name, value) -> shown.add(name + "=" + value));
		return shown;
	}

}
