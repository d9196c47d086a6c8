package dev.pingora.server;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.error.ProxyException;
import dev.pingora.http.BodyChunk;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Filters see the end of each body, whatever follows it, and each octet once.
 */
@ExtendWith(EngineExtension.class)
class BodyFilterEndTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	/** Collects both bodies, and tells their length at the end. */
	private static final class Measuring implements ProxyFilter {

		private int request;

		private int response;

		@Override
		public void requestBodyFilter(Session session, BodyChunk chunk) {
			this.request += chunk.content().readableBytes();
			tell(chunk, this.request);
		}

		@Override
		public void responseBodyFilter(Session session, BodyChunk chunk) {
			this.response += chunk.content().readableBytes();
			tell(chunk, this.response);
		}

		private static void tell(BodyChunk chunk, int length) {
			String text = chunk.isLast() ? "length=" + length : "";
			chunk.replace(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
		}

	}

	@Test
	void bodyThatTrailersFollowHasALastChunk() {
		this.origin.on("/trailers", (exchange) -> {
			exchange.readBody();
			exchange.head(200, "Transfer-Encoding: chunked");
			exchange.chunk(new byte[1000]);
			exchange.chunk(new byte[234]);
			exchange.lastChunk("X-Sum: 7");
		});
		try (ProxyServer server = Proxies.to(this.origin).filter(new Measuring()).start();
				RawClient client = Proxies.connect(server)) {
			client.send("POST /trailers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
					+ "5\r\nhello\r\n0\r\nX-End: yes\r\n\r\n");
			RawResponse response = client.readResponse();
			assertThat(response.text()).isEqualTo("length=1234");
			assertThat(response.trailers().first("x-sum")).isEqualTo("7");
			OriginRequest request = this.origin.requests().get(0);
			assertThat(new String(request.body(), StandardCharsets.US_ASCII)).isEqualTo("length=5");
			assertThat(request.content().trailers().first("x-end")).isEqualTo("yes");
		}
	}

	/** Adds one to each octet where it lies. */
	private static class InPlace implements ProxyFilter {

		@Override
		public void requestBodyFilter(Session session, BodyChunk chunk) {
			ByteBuf data = chunk.content();
			for (int i = data.readerIndex(); i < data.writerIndex(); i++) {
				data.setByte(i, data.getByte(i) + 1);
			}
		}

	}

	/** Wants each request to be answered, however often it is sent. */
	private static final class InPlaceAgain extends InPlace {

		@Override
		public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
			return failure.error().retryable();
		}

	}

	@Test
	void whatIsSentAThirdTimeIsFilteredAsTheFirstTime() {
		AtomicInteger attempts = new AtomicInteger();
		this.origin.on("/thrice", (exchange) -> {
			byte[] body = exchange.readBody();
			if (attempts.incrementAndGet() < 3) {
				exchange.reset();
			}
			else {
				exchange.respond(200, body);
			}
		});
		try (ProxyServer server = Proxies.to(this.origin).filter(new InPlaceAgain()).start();
				RawClient client = Proxies.connect(server)) {
			client.send("PUT /thrice HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
			assertThat(ByteBufUtil.hexDump(client.readResponse().body())).isEqualTo("626364");
			assertThat(attempts).hasValue(3);
		}
	}

	@Test
	void whatIsSentAgainIsFilteredOnceAgainNotTwice() {
		this.origin.on("/twice", (exchange) -> {
			if (exchange.request().order() > 1) {
				exchange.readBody();
				exchange.reset();
			}
			else {
				exchange.respond(200, exchange.readBody());
			}
		});
		try (ProxyServer server = Proxies.to(this.origin).filter(new InPlace()).start();
				RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			client.send("PUT /twice HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
			assertThat(ByteBufUtil.hexDump(client.readResponse().body())).isEqualTo("626364");
			assertThat(this.origin.requestCount()).isEqualTo(3);
		}
	}

}
