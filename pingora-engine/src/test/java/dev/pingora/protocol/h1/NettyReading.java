package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/**
 * Reads one message with Netty's decoder, at its strictest: another recipient's opinion.
 */
final class NettyReading {

	private static final int MAX = 64 * 1024;

	private final EmbeddedChannel channel;

	private final List<String> head = new ArrayList<>();

	private final StringBuilder body = new StringBuilder();

	private final List<String> trailers = new ArrayList<>();

	private boolean complete;

	private String refused = "";

	private NettyReading(H1HeadParser.Kind kind) {
		HttpDecoderConfig config = new HttpDecoderConfig().setMaxInitialLineLength(MAX)
			.setMaxHeaderSize(MAX)
			.setMaxChunkSize(MAX)
			.setStrictLineParsing(true)
			.setUseRfc9112TransferEncoding(true);
		ChannelHandler decoder = (kind == H1HeadParser.Kind.RESPONSE) ? new HttpResponseDecoder(config)
				: new HttpRequestDecoder(config);
		this.channel = new EmbeddedChannel(decoder);
	}

	/**
	 * Reads a message of which the end is said to be known: it must not be complete
	 * before its last octet.
	 * @param kind request or response
	 * @param octets the octets
	 * @param end how many of them are the message
	 * @param close whether it ends with its connection
	 * @return what was read; complete if it ends there
	 */
	static Reading of(H1HeadParser.Kind kind, byte[] octets, int end, boolean close) {
		NettyReading reading = new NettyReading(kind);
		try {
			reading.feed(octets, 0, end - 1);
			boolean early = reading.complete;
			reading.feed(octets, end - 1, end);
			if (close && reading.refused.isEmpty()) {
				early |= reading.complete;
				reading.channel.finish();
				reading.read();
			}
			return reading.result(early, end);
		}
		finally {
			reading.channel.finishAndReleaseAll();
		}
	}

	private void feed(byte[] octets, int from, int to) {
		this.channel.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOfRange(octets, from, to)));
		read();
	}

	private void read() {
		for (HttpObject part = this.channel.readInbound(); part != null; part = this.channel.readInbound()) {
			try {
				take(part);
			}
			finally {
				ReferenceCountUtil.release(part);
			}
		}
	}

	private void take(HttpObject part) {
		if (!part.decoderResult().isSuccess()) {
			this.refused = part.decoderResult().toString();
		}
		if (part instanceof HttpMessage message) {
			start(message);
			add(message.headers(), this.head);
		}
		if (part instanceof HttpContent content) {
			this.body.append(content.content().toString(StandardCharsets.ISO_8859_1));
		}
		if (part instanceof LastHttpContent last) {
			add(last.trailingHeaders(), this.trailers);
			this.complete = true;
		}
	}

	private void start(HttpMessage message) {
		if (message instanceof HttpRequest request) {
			this.head.add(request.method().name());
			this.head.add(request.uri());
		}
		else if (message instanceof HttpResponse response) {
			this.head.add(Integer.toString(response.status().code()));
			this.head.add(response.status().reasonPhrase());
		}
		this.head.add(message.protocolVersion().text());
	}

	private static void add(HttpHeaders fields, List<String> shown) {
		fields.forEach((field) -> shown.add(field.getKey() + "=" + field.getValue()));
	}

	private Reading result(boolean early, int end) {
		if (!this.refused.isEmpty()) {
			return Reading.refused(this.refused);
		}
		String outcome = early ? "complete too early" : this.complete ? Reading.COMPLETE : Reading.UNFINISHED;
		return new Reading(outcome, this.head, this.body.toString(), this.trailers, end);
	}

}
