package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.testkit.Octets;
import dev.pingora.transport.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * Reads the requests of a connection, one after the other, as {@link H1RequestReader}
 * hands them out: each is served as soon as it is complete.
 */
final class StreamReading implements H1RequestReader.Sink {

	private static final DownstreamOptions OPTIONS = DownstreamOptions.builder()
		.maxHeaderSize(Heads.LIMITS.size())
		.maxHeaderCount(Heads.LIMITS.fields())
		.build();

	private final List<String> requests = new ArrayList<>();

	private final StringBuilder request = new StringBuilder();

	private final H1RequestReader reader;

	private StreamReading(EmbeddedChannel channel) {
		this.reader = new H1RequestReader(channel, OPTIONS, this, new Deadline(channel.eventLoop(), () -> {
		}));
	}

	/**
	 * Reads a stream of requests.
	 * @param octets the octets
	 * @param piece how many of them come at once
	 * @return the complete requests, then what ended the stream
	 */
	static List<String> of(byte[] octets, int piece) {
		EmbeddedChannel channel = new EmbeddedChannel();
		StreamReading reading = new StreamReading(channel);
		try {
			for (int from = 0; from < octets.length; from += piece) {
				reading.feed(Arrays.copyOfRange(octets, from, Math.min(octets.length, from + piece)));
			}
			reading.requests.add(reading.reader.isIdle() ? "idle" : Reading.UNFINISHED);
		}
		catch (ProxyException refused) {
			reading.requests.add(Reading.refused(refused.type()).outcome());
		}
		finally {
			reading.reader.stop();
			reading.reader.releaseHead();
			channel.finishAndReleaseAll();
		}
		return reading.requests;
	}

	/**
	 * Reads the same one request at a time, each by a reader of its own.
	 * @param octets the octets
	 * @return the complete requests, then what ended the stream
	 */
	static List<String> oneByOne(byte[] octets) {
		List<String> requests = new ArrayList<>();
		int from = 0;
		while (from < octets.length) {
			Reading reading = OurReading.of(H1HeadParser.Kind.REQUEST, Arrays.copyOfRange(octets, from, octets.length));
			if (!reading.isComplete()) {
				requests.add(isEmptyLine(octets, from) ? "idle" : reading.outcome());
				return requests;
			}
			requests.add(reading.head() + "|" + reading.body() + "|" + reading.trailers());
			from += reading.end();
		}
		requests.add("idle");
		return requests;
	}

	// RFC 9112 section 2.2: no request has begun, though perhaps another empty line.
	private static boolean isEmptyLine(byte[] octets, int from) {
		return octets.length - from <= 3
				&& "\r\n\r".startsWith(Octets.latin1(Arrays.copyOfRange(octets, from, octets.length)));
	}

	private void feed(byte[] piece) throws ProxyException {
		this.reader.add(Unpooled.wrappedBuffer(piece));
		serve();
		while (this.reader.yields()) {
			this.reader.nextTurn();
			serve();
		}
	}

	private void serve() throws ProxyException {
		this.reader.process();
		while (this.reader.isRequestComplete()) {
			this.requests.add(this.request.toString());
			this.request.setLength(0);
			this.reader.next();
			this.reader.process();
		}
	}

	@Override
	public void head(HeadTable head, boolean hasBody) {
		this.request.append(OurReading.head(H1HeadParser.Kind.REQUEST, head)).append('|');
		if (hasBody) {
			this.reader.credit(Integer.MAX_VALUE);
		}
		else {
			this.request.append("|[]");
		}
	}

	@Override
	public void body(ByteBuf octets, boolean end) {
		this.request.append(octets.toString(StandardCharsets.ISO_8859_1));
		octets.release();
		if (end) {
			this.request.append("|[]");
		}
	}

	@Override
	public void trailers(Headers trailers) {
		List<String> shown = new ArrayList<>();
		trailers.forEach((name, value) -> shown.add(name + "=" + value));
		this.request.append('|').append(shown);
	}

	@Override
	public void bodyRateTick() {
	}

}
