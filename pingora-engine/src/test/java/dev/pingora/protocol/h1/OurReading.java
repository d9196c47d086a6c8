package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Reads one message with the codec's own parts, in pieces, and holds the parts to their
 * contract: nothing but a {@link ProxyException} is thrown, each call takes octets or is
 * the last, and slices are given back.
 */
final class OurReading {

	private final H1HeadParser.Kind kind;

	private final boolean toHead;

	private final ErrorSource sender;

	private final H1HeadParser parser;

	private final H1Framing framing;

	private final H1BodyDecoder decoder;

	private final HeadTable table = new HeadTable();

	private final StringBuilder body = new StringBuilder();

	private List<String> received = List.of();

	private boolean headComplete;

	private int end = -1;

	private OurReading(H1HeadParser.Kind kind, boolean toHead, HeadLimits limits) {
		this.kind = kind;
		this.toHead = toHead;
		this.sender = (kind == H1HeadParser.Kind.RESPONSE) ? ErrorSource.UPSTREAM : ErrorSource.DOWNSTREAM;
		this.parser = new H1HeadParser(limits);
		this.framing = new H1Framing(this.sender);
		this.decoder = new H1BodyDecoder(this.sender, limits);
		this.parser.start(kind, this.table);
	}

	/**
	 * Reads a message.
	 * @param kind request or response
	 * @param octets its octets, and perhaps more
	 * @param cuts where the octets are cut into pieces, ascending
	 * @return what was read
	 */
	static Reading of(H1HeadParser.Kind kind, byte[] octets, int... cuts) {
		return read(new OurReading(kind, false, Heads.LIMITS), octets, cuts);
	}

	/**
	 * Reads a response.
	 * @param octets its octets, and perhaps more
	 * @param toHead whether it answers a HEAD
	 * @return what was read
	 */
	static Reading ofResponse(byte[] octets, boolean toHead) {
		return read(new OurReading(H1HeadParser.Kind.RESPONSE, toHead, Heads.LIMITS), octets);
	}

	private static Reading read(OurReading reading, byte[] octets, int... cuts) {
		int from = 0;
		try {
			for (int cut : cuts) {
				reading.feed(octets, from, cut);
				from = cut;
			}
			reading.feed(octets, from, octets.length);
			return reading.result(octets.length);
		}
		catch (ProxyException refused) {
			return Reading.refused(refused.type());
		}
	}

	/**
	 * Reads a message octet by octet.
	 * @param kind request or response
	 * @param octets its octets, and perhaps more
	 * @return what was read
	 */
	static Reading octetByOctet(H1HeadParser.Kind kind, byte[] octets) {
		int[] cuts = new int[Math.max(0, octets.length - 1)];
		Arrays.setAll(cuts, (i) -> i + 1);
		return of(kind, octets, cuts);
	}

	// The buffer ends with the piece: what lies behind it is not to be looked at.
	private void feed(byte[] octets, int from, int to) throws ProxyException {
		if (this.end >= 0) {
			return;
		}
		ByteBuf in = Unpooled.wrappedBuffer(Arrays.copyOfRange(octets, from, to));
		try {
			while (this.end < 0 && in.isReadable()) {
				int before = in.readableBytes();
				step(in);
				if (in.readableBytes() == before && this.end < 0) {
					throw new AssertionError("nothing was taken of " + before + " octets");
				}
				if (in.refCnt() != 1) {
					throw new AssertionError("references to the buffer: " + in.refCnt());
				}
				if (this.headComplete && this.decoder.isDone()) {
					this.end = to - in.readableBytes();
				}
			}
		}
		finally {
			in.release();
		}
	}

	private void step(ByteBuf in) throws ProxyException {
		if (this.headComplete) {
			ByteBuf data = this.decoder.next(in);
			if (data != null) {
				this.body.append(data.toString(StandardCharsets.ISO_8859_1));
				data.release();
			}
		}
		else if (this.parser.parse(in)) {
			if (this.kind == H1HeadParser.Kind.RESPONSE) {
				this.received = head(this.kind, this.table);
				this.framing.response(this.table, this.toHead);
			}
			else {
				this.received = head(this.kind, this.table); // before Host is replaced
				this.framing.request(this.table);
			}
			this.decoder.start(this.framing);
			this.headComplete = true;
		}
	}

	private Reading result(int length) {
		boolean untilClose = this.headComplete && this.decoder.isUntilClose();
		HeadTable trailers = (this.end >= 0) ? this.decoder.trailers() : null;
		String outcome = (this.end >= 0 || untilClose) ? Reading.COMPLETE : Reading.UNFINISHED;
		return new Reading(outcome, head(), this.body.toString(), fields(trailers), untilClose ? length : this.end);
	}

	private List<String> head() {
		return this.headComplete ? this.received : List.of();
	}

	static List<String> head(H1HeadParser.Kind kind, HeadTable table) {
		List<String> shown = new ArrayList<>();
		boolean response = kind == H1HeadParser.Kind.RESPONSE;
		shown.add(response ? Integer.toString(table.status()) : Heads.method(table));
		shown.add(Heads.target(table));
		shown.add(table.version().toString());
		shown.addAll(fields(table));
		return shown;
	}

	private static List<String> fields(@Nullable HeadTable fields) {
		List<String> shown = new ArrayList<>();
		for (int i = 0; fields != null && i < fields.fields(); i++) {
			shown.add(Heads.name(fields, i) + "=" + Heads.value(fields, i));
		}
		return shown;
	}

}
