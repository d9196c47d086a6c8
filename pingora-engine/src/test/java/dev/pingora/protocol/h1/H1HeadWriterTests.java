package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;

import dev.pingora.error.ProxyException;
import dev.pingora.http.HttpVersion;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link H1HeadWriter}.
 */
class H1HeadWriterTests {

	private final H1HeadWriter writer = new H1HeadWriter();

	private H1HeadWriter.Written written = H1HeadWriter.Written.NONE;

	private static RequestHeader request(String head) throws ProxyException {
		return Heads.request(head).request();
	}

	private static ResponseHeader response(String head) throws ProxyException {
		return Heads.response(head).response();
	}

	private String write(RequestHeader header, boolean end) {
		ByteBuf out = Unpooled.buffer();
		this.written = this.writer.request(out, header, end);
		return out.toString(StandardCharsets.ISO_8859_1);
	}

	private String write(ResponseHeader header, boolean end, HttpVersion version, boolean toHead, boolean keepAlive) {
		ByteBuf out = Unpooled.buffer();
		this.written = this.writer.response(out, header, end, new H1HeadWriter.Exchange(version, toHead, keepAlive));
		return out.toString(StandardCharsets.ISO_8859_1);
	}

	private String write(ResponseHeader header, boolean end) {
		return write(header, end, HttpVersion.HTTP_1_1, false, true);
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
			"GET /\u00e9?%20 HTTP/1.1\r\nhOsT:a\r\nX-A:b\r\nx-a:  c\r\nEmpty:\r\nCookie: a=b; c=\"\u00ff\"\r\n\r\n" })
	void untouchedRequestIsCopiedOctetByOctet(String head) throws ProxyException {
		assertThat(write(request(head), true)).isEqualTo(head);
		assertThat(this.written).isEqualTo(H1HeadWriter.Written.NONE);
	}

	@Test
	void untouchedResponseIsCopiedOctetByOctet() throws ProxyException {
		String head = "HTTP/1.1 299  Od\u00e9d\r\nserver:x\r\nContent-Length: 5\r\nSet-Cookie: a\r\nset-cookie:  b\r\n\r\n";
		assertThat(write(response(head), false)).isEqualTo(head);
		assertThat(this.written).isEqualTo(new H1HeadWriter.Written(H1Framing.Body.LENGTH, 5));
	}

	@Test
	void whiteSpaceAroundAValueEndsAtTheEndOfARun() throws ProxyException {
		assertThat(write(request("GET / HTTP/1.1\r\nHost: a \t\r\nX:b \r\n\r\n"), true))
			.isEqualTo("GET / HTTP/1.1\r\nHost: a\r\nX:b\r\n\r\n");
	}

	@Test
	void fieldsOfOneHopAreLeftOutBetweenRuns() throws ProxyException {
		String head = "GET / HTTP/1.0\r\nA: 1\r\nConnection: x-hop, Y , keep-alive\r\nB: 2\r\nC: 3\r\nKeep-Alive: 5\r\n"
				+ "TE: trailers\r\nX-HOP: 4\r\nD: 5\r\ny: 6\r\nUpgrade: h2c\r\nProxy-Connection: x\r\nE: 7\r\n\r\n";
		assertThat(write(request(head), true))
			.isEqualTo("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 5\r\nE: 7\r\n\r\n");
	}

	@Test
	void whatTheProtocolNeedsCanNotBeNominatedAway() throws ProxyException {
		String head = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\nTrailer: x\r\n"
				+ "Connection: host, content-length, expect, trailer, close\r\n\r\n";
		assertThat(write(request(head), false))
			.isEqualTo("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\nTrailer: x\r\n\r\n");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Authorization", "Cookie", "Cache-Control", "Content-Type", "Forwarded", "X-Forwarded-For",
			"x-forwarded-anything", "Via", "Range" })
	void whatIsMeantForEverybodyCanNotBeNominatedAway(String name) throws ProxyException {
		String field = name + ": x\r\n";
		assertThat(write(request("GET / HTTP/1.1\r\nHost: a\r\n" + field + "Connection: close, " + name + "\r\n\r\n"),
				true))
			.isEqualTo("GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n");
	}

	@Test
	void closeThatAFilterHasSetEndsTheConnection() throws ProxyException {
		ResponseHeader header = response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
		header.headers().set("Connection", "X-Hop, Close");
		assertThat(write(header, false)).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
		assertThat(this.writer.saidClose()).isTrue();
		write(ResponseHeader.of(200), true);
		assertThat(this.writer.saidClose()).isFalse();
	}

	// Else a client could take from the upstream what a filter tells it about the client.
	@Test
	void whatAFilterHasSetCanNotBeNominatedAwayByTheClient() throws ProxyException {
		RequestHeader header = request(
				"GET / HTTP/1.1\r\nHost: a\r\nX-User: forged\r\nConnection: x-user, x-for\r\n\r\n");
		header.headers().set("X-User", "guest");
		header.headers().add("X-For", "1.2.3.4");
		assertThat(write(header, true))
			.isEqualTo("GET / HTTP/1.1\r\nHost: a\r\nX-User: guest\r\nX-For: 1.2.3.4\r\n\r\n");
	}

	@Test
	void nominationsOfOneMessageDoNotHoldForTheNext() throws ProxyException {
		write(request("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\nConnection: x\r\n\r\n"), true);
		assertThat(write(request("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\r\n"), true)).contains("X: b\r\n");
	}

	@Test
	void editsOverlayTheReceivedFields() throws ProxyException {
		RequestHeader header = request("GET /old HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nA: 3\r\nC: 4\r\n\r\n");
		header.setMethod("POST");
		header.setTarget("/new?x");
		header.headers().set("a", "5").add("D", "6");
		header.headers().remove("c");
		assertThat(write(header, true)).isEqualTo("POST /new?x HTTP/1.1\r\nHost: a\r\nB: 2\r\na: 5\r\nD: 6\r\n\r\n");
	}

	@Test
	void absoluteTargetIsSentInOriginForm() throws ProxyException {
		assertThat(write(request("GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n"), true))
			.startsWith("GET /b?c HTTP/1.1");
		assertThat(write(request("GET http://a?c HTTP/1.1\r\nHost: a\r\n\r\n"), true)).startsWith("GET /?c HTTP/1.1");
		assertThat(write(request("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n"), true)).startsWith("GET / HTTP/1.1");
		assertThat(write(request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), true)).startsWith("OPTIONS * HTTP/1.1");
	}

	@Test
	void requestBodyGoesByLengthOrInChunks() throws ProxyException {
		assertThat(write(request("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"), false))
			.isEqualTo("PUT / HTTP/1.1\r\nHost: a\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n");
		assertThat(this.written).isEqualTo(H1HeadWriter.Written.CHUNKED);
		assertThat(write(request("PUT / HTTP/1.1\r\nContent-Length: 0\r\nHost: a\r\n\r\n"), true))
			.isEqualTo("PUT / HTTP/1.1\r\nContent-Length: 0\r\nHost: a\r\n\r\n");
		RequestHeader withoutLength = request("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
		withoutLength.headers().remove("content-length");
		assertThat(write(withoutLength, false))
			.isEqualTo("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
		assertThat(write(request("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"), true))
			.isEqualTo("PUT / HTTP/1.1\r\nHost: a\r\n\r\n");
	}

	@Test
	void transferEncodingSetByCodeIsNotWrittenTwice() {
		RequestHeader header = RequestHeader.of("PUT", "/");
		header.headers().set("Transfer-Encoding", "gzip").set("Connection", "upgrade");
		assertThat(write(header, false)).isEqualTo("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
	}

	// A message with two lengths, or with one that is none, is a smuggled one.
	@ParameterizedTest
	@ValueSource(strings = { "7", "+5", "-5", "5x", "", "5, 5", "99999999999999999999", "0x5" })
	void lengthThatCodeHasSpoiltIsNeverSent(String length) throws ProxyException {
		RequestHeader added = request("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
		added.headers().add("Content-Length", length);
		assertThatIllegalStateException().isThrownBy(() -> write(added, false));
		ResponseHeader doubled = ResponseHeader.of(200);
		doubled.headers().add("Content-Length", "5").add("content-length", length);
		assertThatIllegalStateException().isThrownBy(() -> write(doubled, false));
		if (!"7".equals(length)) {
			ResponseHeader set = ResponseHeader.of(200);
			set.headers().set("Content-Length", length);
			assertThatIllegalStateException().isThrownBy(() -> write(set, false));
			assertThatIllegalStateException().isThrownBy(() -> write(set, true, HttpVersion.HTTP_1_1, true, true));
		}
	}

	@Test
	void responseWithoutBodySaysSo() {
		assertThat(write(ResponseHeader.of(200), true)).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
		assertThat(write(ResponseHeader.of(204), true)).isEqualTo("HTTP/1.1 204 No Content\r\n\r\n");
		assertThat(write(ResponseHeader.of(304), true)).isEqualTo("HTTP/1.1 304 Not Modified\r\n\r\n");
		assertThat(write(ResponseHeader.of(599), true)).isEqualTo("HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n");
	}

	@Test
	void lengthOfAnAbsentBodyIsKeptForHeadAndNotModifiedOnly() throws ProxyException {
		String fields = "Content-Length: 5\r\n\r\n";
		assertThat(write(response("HTTP/1.1 304 NM\r\n" + fields), true)).isEqualTo("HTTP/1.1 304 NM\r\n" + fields);
		assertThat(write(response("HTTP/1.1 200 OK\r\n" + fields), true, HttpVersion.HTTP_1_1, true, true))
			.isEqualTo("HTTP/1.1 200 OK\r\n" + fields);
		assertThat(write(response("HTTP/1.1 204 NC\r\n" + fields), true)).isEqualTo("HTTP/1.1 204 NC\r\n\r\n");
		assertThat(write(response("HTTP/1.1 200 OK\r\n" + fields), true))
			.isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	}

	@Test
	void clientOfHttp10GetsNoChunks() {
		assertThat(write(ResponseHeader.of(200), false, HttpVersion.HTTP_1_0, false, true))
			.isEqualTo("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
		assertThat(this.written).isEqualTo(H1HeadWriter.Written.UNTIL_CLOSE);
		ResponseHeader withLength = ResponseHeader.of(200);
		withLength.headers().set("Content-Length", "5");
		assertThat(write(withLength, false, HttpVersion.HTTP_1_0, false, true))
			.isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
		assertThat(write(withLength, false, HttpVersion.HTTP_1_0, false, false)).contains("Connection: close\r\n");
	}

	@Test
	void connectionFieldIsTheProxysOwn() throws ProxyException {
		ResponseHeader header = response("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n");
		assertThat(write(header, false, HttpVersion.HTTP_1_1, false, false))
			.isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
		assertThat(write(header, false)).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	}

	@Test
	void statusSetByCodeTakesTheUsualReason() throws ProxyException {
		ResponseHeader header = response("HTTP/1.0 200 Fine\r\nContent-Length: 5\r\n\r\n");
		header.setStatus(503);
		assertThat(write(header, false)).startsWith("HTTP/1.1 503 Service Unavailable\r\n");
	}

	@Test
	void interimResponseHasNoLength() throws ProxyException {
		ByteBuf out = Unpooled.buffer();
		this.writer.informational(out,
				response("HTTP/1.1 103 Early\r\nLink: a\r\nContent-Length: 5\r\nConnection: x\r\nX: y\r\n\r\n"));
		assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo("HTTP/1.1 103 Early\r\nLink: a\r\n\r\n");
	}

	@Test
	void trailersCarryNoFraming() throws ProxyException {
		ByteBuf out = Unpooled.buffer();
		this.writer.trailers(out,
				Heads.trailers("A: b\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nC: d\r\n\r\n").headers());
		assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo("A: b\r\nC: d\r\n\r\n");
	}

}
