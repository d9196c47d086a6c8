package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.pingora.testkit.Octets;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Reads the answers of a connection with Netty's own client: another recipient's opinion.
 */
final class NettyAnswers {

	private static final int MAX = 64 * 1024;

	private final EmbeddedChannel channel = new EmbeddedChannel(
			new HttpClientCodec(new HttpDecoderConfig().setMaxInitialLineLength(MAX)
				.setMaxHeaderSize(MAX)
				.setMaxChunkSize(MAX)
				.setStrictLineParsing(true)
				.setUseRfc9112TransferEncoding(true), false, false));

	private final List<Reading> messages = new ArrayList<>();

	private List<String> head = new ArrayList<>();

	private final StringBuilder body = new StringBuilder();

	private boolean refused;

	private NettyAnswers() {
	}

	/**
	 * Compares, as far as both understand: one who waits for more, or less, takes the
	 * next answer for something else.
	 * @param dialogue what is asked and answered
	 * @param answers what was read
	 */
	static void check(Dialogue dialogue, List<Answer> answers) {
		NettyAnswers netty = new NettyAnswers();
		try {
			for (Answer answer : answers) {
				if (answer.end() < 0 || answer.tunnel() || !netty.reads(dialogue, answer)) {
					return;
				}
			}
		}
		finally {
			netty.channel.finishAndReleaseAll();
		}
	}

	private boolean reads(Dialogue dialogue, Answer answer) {
		ask(answer.toHead() ? HttpMethod.HEAD : HttpMethod.GET);
		// Whether it goes up to the connection's end, too, is for both to say.
		int end = answer.endsConnection() ? dialogue.octets().length : answer.end();
		feed(dialogue, answer.from(), end - 1);
		int early = this.messages.size();
		feed(dialogue, end - 1, end);
		if (answer.endsConnection() && !this.refused) {
			early = this.messages.size();
			this.channel.finish();
			read();
		}
		if (this.refused) {
			String octets = Octets.latin1(Arrays.copyOfRange(dialogue.octets(), answer.from(), answer.end()));
			assertThat(ReadingRules.hasExtensionThatNettyRefuses(octets)).as("Netty refuses %s", octets).isTrue();
			return false;
		}
		List<Reading> ours = answer.messages().stream().map((message) -> comparable(answer, message)).toList();
		assertThat(this.messages.stream().map((message) -> comparable(answer, message)).toList())
			.as("Netty's reading of answer from %d", answer.from())
			.isEqualTo(ours);
		assertThat(early).as("messages before the last octet").isLessThan(ours.size());
		return true;
	}

	private void ask(HttpMethod method) {
		this.messages.clear();
		this.channel.writeOutbound(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, "/"));
		this.channel.releaseOutbound();
	}

	private void feed(Dialogue dialogue, int from, int to) {
		this.channel.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOfRange(dialogue.octets(), from, to)));
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
		this.refused |= !part.decoderResult().isSuccess();
		if (part instanceof HttpResponse response) {
			this.head = new ArrayList<>(List.of(Integer.toString(response.status().code()),
					response.status().reasonPhrase(), response.protocolVersion().text()));
			this.head.addAll(fields(response.headers()));
			this.body.setLength(0);
		}
		if (part instanceof HttpContent content) {
			this.body.append(content.content().toString(StandardCharsets.ISO_8859_1));
		}
		if (part instanceof LastHttpContent last) {
			this.messages
				.add(new Reading(Reading.COMPLETE, this.head, this.body.toString(), fields(last.trailingHeaders()), 0));
		}
	}

	private static List<String> fields(Iterable<Map.Entry<String, String>> fields) {
		List<String> shown = new ArrayList<>();
		fields.forEach((field) -> shown.add(field.getKey() + "=" + field.getValue()));
		return shown;
	}

	// As with a 304, so with what answers a HEAD.
	private static Reading comparable(Answer answer, Reading message) {
		Reading reading = ReadingRules.comparable(H1HeadParser.Kind.RESPONSE, message);
		List<String> head = new ArrayList<>(reading.head());
		if (answer.toHead()) {
			head.removeIf((line) -> line.toLowerCase(Locale.ROOT).startsWith("transfer-encoding="));
		}
		return new Reading(reading.outcome(), head, reading.body(), reading.trailers(), 0);
	}

}
