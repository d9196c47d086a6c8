package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever the codec accepts, Netty's own understands in the same way: what two
 * recipients read differently is what request smuggling is made of.
 */
@ExtendWith(EngineExtension.class)
class DifferentialTests {

	private static final int CASES = 20_000;

	private static final String[] HEADS = { "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
			"POST /a/b?c=d HTTP/1.1\r\nHost: example.org:8080\r\nContent-Length: 10\r\nX-A: b\r\n\r\n0123456789",
			"PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close, x\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
			"OPTIONS * HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			"GET http://a/b HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=\"d\"\r\n\r\n",
			"HEAD / HTTP/1.1\r\nhost:a\r\nX-Empty:\r\nX-Blank: \t\r\nUser-Agent: x (y; z)\r\n\r\n" };

	private static final String[] CHUNKED = { "5\r\nhello\r\n0\r\n\r\n", "A\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n",
			"2;a ; b\t=\tc;d=\"\\\"e\" ;f\r\nab\r\n0 ;a\r\n\r\n",
			"3;ext=1;b=\"c\"\r\nabc\r\n00\r\nX-Trailer: a\r\nY: b\r\n\r\n", "0\r\n\r\n",
			"10\r\n0123456789abcdef\r\n000\r\nA:\r\n\r\n" };

	// What parsers have stumbled over.
	private static final String[] MORSELS = { "\r", "\n", "\r\n", " ", "\t", "\0", ":", ",", ";", "\"", "\u000b",
			"\u000c", "\u00a0", "\u0085", "\u00ff", "0", "-1", "+5", "0x", "_", "\r\n ", "Content-Length: 5\r\n",
			"Transfer-Encoding: chunked\r\n", "Transfer-Encoding: identity\r\n", "Host: b\r\n", "chunked", "HTTP/1.0",
			"Content-Length", "\r\n\r\n", ";a=\"\r\n\"", "ffffffffffffffff" };

	@Test
	void acceptedHeadsMeanTheSameToNetty() {
		Random random = new Random(20260101);
		int accepted = 0;
		for (int i = 0; i < CASES; i++) {
			String octets = mutate(HEADS[random.nextInt(HEADS.length)], random);
			List<String> ours = ourHead(octets);
			if (ours != null) {
				accepted++;
				assertThat(nettysHead(octets)).as("case %d: %s", i, octets).isEqualTo(ours);
			}
		}
		assertThat(accepted).isBetween(CASES / 20, CASES);
	}

	@Test
	void acceptedChunkedBodiesMeanTheSameToNetty() {
		Random random = new Random(20260102);
		int compared = 0;
		for (int i = 0; i < CASES; i++) {
			String octets = mutate(CHUNKED[random.nextInt(CHUNKED.length)], random);
			Body ours = ourBody(octets);
			if (ours != null) {
				Body nettys = nettysBody(octets, ours.length());
				if (!(nettys.refused() && ReadingRules.hasExtensionThatNettyRefuses("\n" + octets))) {
					compared++;
					assertThat(nettys).as("case %d: %s", i, octets).isEqualTo(ours);
				}
			}
		}
		assertThat(compared).isBetween(CASES / 20, CASES);
	}

	private static String mutate(String text, Random random) {
		StringBuilder octets = new StringBuilder(text);
		for (int n = random.nextInt(3); n >= 0; n--) {
			int at = random.nextInt(octets.length());
			switch (random.nextInt(6)) {
				case 0 -> octets.setCharAt(at, (char) random.nextInt(256));
				case 1 -> octets.deleteCharAt(at);
				case 2 -> octets.insert(at, MORSELS[random.nextInt(MORSELS.length)]);
				case 3 -> octets.insert(at, octets.substring(at, Math.min(octets.length(), at + random.nextInt(30))));
				case 4 -> octets.setCharAt(at, (char) (octets.charAt(at) ^ 0x20));
				default -> octets.insert(at, (char) random.nextInt(256));
			}
			if (octets.isEmpty()) {
				octets.append('x');
			}
		}
		return octets.toString();
	}

	private static @Nullable List<String> ourHead(String octets) {
		H1HeadParser parser = new H1HeadParser(Heads.LIMITS);
		HeadTable table = new HeadTable();
		parser.start(H1HeadParser.Kind.REQUEST, table);
		ByteBuf in = Heads.buffer(octets);
		try {
			if (!parser.parse(in)) {
				return null;
			}
			List<String> shown = ourHead(table); // before the target has set Host
			new H1Framing(ErrorSource.DOWNSTREAM).request(table);
			return shown;
		}
		catch (ProxyException refused) {
			return null;
		}
		finally {
			in.release();
		}
	}

	private static List<String> ourHead(HeadTable table) {
		List<String> shown = new ArrayList<>();
		shown.add(Heads.method(table));
		shown.add(Heads.target(table));
		shown.add(table.version().toString());
		for (int i = 0; i < table.fields(); i++) {
			shown.add(Heads.name(table, i) + "=" + Heads.value(table, i));
		}
		return shown;
	}

	private static EmbeddedChannel netty() {
		return new EmbeddedChannel(new HttpRequestDecoder(
				new HttpDecoderConfig().setMaxInitialLineLength(65536).setMaxHeaderSize(65536).setMaxChunkSize(65536)));
	}

	private static List<String> nettysHead(String octets) {
		EmbeddedChannel channel = netty();
		try {
			channel.writeInbound(Unpooled.wrappedBuffer(Octets.latin1(octets)));
			Object first = channel.readInbound();
			List<String> shown = new ArrayList<>();
			if (first instanceof HttpRequest request && request.decoderResult().isSuccess()) {
				shown.add(request.method().name());
				shown.add(request.uri());
				shown.add(request.protocolVersion().text());
				request.headers().forEach((field) -> shown.add(field.getKey() + "=" + field.getValue()));
			}
			else {
				shown.add("refused: " + first);
			}
			ReferenceCountUtil.release(first);
			return shown;
		}
		finally {
			channel.finishAndReleaseAll();
		}
	}

	/**
	 * What was read.
	 *
	 * @param text the body, and the trailers
	 * @param length with how many octets it was complete
	 */
	private record Body(String text, int length) {

		boolean refused() {
			return this.text.contains(" refused: ");
		}

	}

	private static @Nullable Body ourBody(String octets) {
		H1BodyDecoder decoder = new H1BodyDecoder(ErrorSource.DOWNSTREAM, Heads.LIMITS);
		ByteBuf in = Heads.buffer(octets);
		StringBuilder body = new StringBuilder();
		try {
			H1Framing framing = new H1Framing(ErrorSource.DOWNSTREAM);
			framing.request(Heads.request("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
			decoder.start(framing);
			while (!decoder.isDone() && in.isReadable()) {
				ByteBuf data = decoder.next(in);
				if (data != null) {
					body.append(data.toString(StandardCharsets.ISO_8859_1));
					data.release();
				}
			}
			if (!decoder.isDone()) {
				return null;
			}
			body.append("|");
			HeadTable trailers = decoder.trailers();
			for (int i = 0; trailers != null && i < trailers.fields(); i++) {
				body.append(Heads.name(trailers, i)).append('=').append(Heads.value(trailers, i)).append(';');
			}
			return new Body(body.toString(), octets.length() - in.readableBytes());
		}
		catch (ProxyException refused) {
			return null;
		}
		finally {
			in.release();
		}
	}

	private static boolean isForbidden(String trailer) {
		return H1Trailers.isForbidden(Octets.latin1(trailer), 0, trailer.length());
	}

	// Without its last octet the body must not be complete, and with it, it must.
	private static Body nettysBody(String octets, int length) {
		EmbeddedChannel channel = netty();
		try {
			String head = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
			StringBuilder body = new StringBuilder();
			channel.writeInbound(Heads.buffer(head + octets.substring(0, length - 1)));
			if (read(channel, body)) {
				return new Body(body.toString(), 0);
			}
			channel.writeInbound(Heads.buffer(octets.substring(length - 1, length)));
			return read(channel, body) ? new Body(body.toString(), length) : new Body(body + " unfinished", 0);
		}
		finally {
			channel.finishAndReleaseAll();
		}
	}

	private static boolean read(EmbeddedChannel channel, StringBuilder body) {
		boolean complete = false;
		for (HttpObject part = channel.readInbound(); part != null; part = channel.readInbound()) {
			if (!part.decoderResult().isSuccess()) {
				body.append(" refused: ").append(part.decoderResult());
			}
			if (part instanceof HttpContent content) {
				body.append(content.content().toString(StandardCharsets.ISO_8859_1));
			}
			if (part instanceof LastHttpContent last) {
				complete = true;
				body.append('|');
				for (Map.Entry<String, String> field : last.trailingHeaders()) {
					if (!isForbidden(field.getKey())) { // Netty keeps more of them
						body.append(field.getKey()).append('=').append(field.getValue()).append(';');
					}
				}
			}
			ReferenceCountUtil.release(part);
		}
		return complete;
	}

}
