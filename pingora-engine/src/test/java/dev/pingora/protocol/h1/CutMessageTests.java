package dev.pingora.protocol.h1;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import dev.pingora.error.ErrorType;
import dev.pingora.protocol.h1.H1HeadParser.Kind;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whole messages, bodies and trailers included, are the same wherever the network cuts
 * them: at each octet, and at all of them at once.
 */
@ExtendWith(EngineExtension.class)
class CutMessageTests {

	/**
	 * A message, what follows it, and what is to be read.
	 *
	 * @param kind request or response
	 * @param octets its octets
	 * @param body its body
	 * @param trailers its trailers
	 */
	record Message(Kind kind, String octets, String body, List<String> trailers) {

		static Message request(String octets, String body, String... trailers) {
			return new Message(Kind.REQUEST, octets, body, List.of(trailers));
		}

		static Message response(String octets, String body, String... trailers) {
			return new Message(Kind.RESPONSE, octets, body, List.of(trailers));
		}

		@Override
		public String toString() {
			return this.kind + " " + this.octets.replace("\r", "\\r").replace("\n", "\\n");
		}

	}

	private static final String PUT = "PUT /a HTTP/1.1\r\nHost: a\r\n";

	private static final String CHUNKED_PUT = PUT + "Transfer-Encoding: chunked\r\n\r\n";

	private static final String OK = "HTTP/1.1 200 OK\r\n";

	private static final String CHUNKED_OK = OK + "Transfer-Encoding: chunked\r\n\r\n";

	static Stream<Message> messages() {
		return Stream.concat(requests(), responses());
	}

	private static Stream<Message> requests() {
		return Stream.of(Message.request("GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""),
				Message.request("\r\nGET / HTTP/1.0\r\n\r\n", ""),
				Message.request(PUT + "Content-Length: 0\r\n\r\n", ""),
				Message.request(PUT + "Content-Length: 5\r\n\r\nhello", "hello"),
				Message.request(PUT + "Content-Length: 0005\r\n\r\n\r\n\r\n\0", "\r\n\r\n\0"),
				Message.request("PUT http://a/b HTTP/1.1\r\nhost:a\r\ncontent-length:1\r\n\r\n\u00ff", "\u00ff"),
				Message.request(CHUNKED_PUT + "0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "5\r\nhello\r\n00A\r\n0123456789\r\n000\r\n\r\n", "hello0123456789"),
				Message.request(CHUNKED_PUT + "2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
				Message.request(CHUNKED_PUT + "1;a\r\nx\r\n1;a=b;c=\"d;e \t=\"\r\ny\r\n0;last\r\n\r\n", "xy"),
				Message.request(CHUNKED_PUT + "1 ; a\t=  b\r\nx\r\n1;a\r\ny\r\n0\t;a=\"\\\"\\\\;\" ; b\r\n\r\n", "xy"),
				Message.request(CHUNKED_PUT + "3\r\nabc\r\n0\r\nT:\r\nU: v w\r\nT: \t again \r\n\r\n", "abc", "T=",
						"U=v w", "T=again"));
	}

	private static Stream<Message> responses() {
		return Stream.of(Message.response("HTTP/1.1 204 No Content\r\n\r\n", ""),
				Message.response("HTTP/1.1 304\r\nContent-Length: 7\r\n\r\n", ""),
				Message.response("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", ""),
				Message.response(OK + "Content-Length: 5\r\nServer: x\r\n\r\nhello", "hello"),
				Message.response(CHUNKED_OK + "5;x=\"y\"\r\nhello\r\n0\r\ngrpc-status: 0\r\n\r\n", "hello",
						"grpc-status=0"),
				Message.response("HTTP/1.1 500 \r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "x"));
	}

	@ParameterizedTest
	@MethodSource("messages")
	void messageIsTheSameWhereverItIsCut(Message message) {
		Reading reading = ReadingRules.check(message.kind(), Octets.latin1(message.octets()));
		assertThat(reading.outcome()).isEqualTo(Reading.COMPLETE);
		assertThat(reading.body()).isEqualTo(message.body());
		assertThat(reading.trailers()).isEqualTo(message.trailers());
		assertThat(reading.end()).isEqualTo(message.octets().length());
	}

	@ParameterizedTest
	@MethodSource("messages")
	void whatFollowsIsLeftAlone(Message message) {
		Reading reading = ReadingRules.check(message.kind(),
				Octets.latin1(message.octets() + "\0\rHTTP/1.1 0\r\n\r\n"));
		assertThat(reading.end()).isEqualTo(message.octets().length());
	}

	@ParameterizedTest
	@MethodSource("messages")
	void beginningIsNoMessage(Message message) {
		byte[] octets = Octets.latin1(message.octets());
		for (int length = 0; length < octets.length; length++) {
			Reading beginning = OurReading.of(message.kind(), Arrays.copyOf(octets, length));
			assertThat(beginning.outcome()).as("%d octets", length).isEqualTo(Reading.UNFINISHED);
		}
	}

	@ParameterizedTest
	@MethodSource("messages")
	void bodyUpToTheConnectionsEndIsTheSameWhereverItIsCut(Message message) {
		String octets = "HTTP/1.0 200 OK\r\nServer: x\r\n\r\n" + message.octets();
		Reading reading = ReadingRules.check(Kind.RESPONSE, Octets.latin1(octets));
		assertThat(reading.body()).isEqualTo(message.octets());
	}

	static Stream<Message> broken() {
		return Stream.of(Message.request(CHUNKED_PUT + "5\r\nhello!\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "5\nhello\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "5;a\nhello\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "1;a=\"\r\n\"\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "1;a=\"\\\"\r\nx\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "1;;==\r\nx\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "1;a\"b\"c\r\nx\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "1; = ;\r\nx\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "1;a \r\nx\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "5 \r\nhello\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "0x5\r\nhello\r\n0\r\n\r\n", ""),
				Message.request(CHUNKED_PUT + "\r\n", ""), Message.request(CHUNKED_PUT + "1000000000000000\r\n", ""),
				Message.response(CHUNKED_OK + "1\r\nx\r0\r\n\r\n", ""), Message.response(CHUNKED_OK + "-1\r\n", ""));
	}

	@ParameterizedTest
	@MethodSource("broken")
	void brokenBodyIsRefusedWhereverItIsCut(Message message) {
		Reading reading = ReadingRules.check(message.kind(), Octets.latin1(message.octets()));
		assertThat(reading).isEqualTo(Reading.refused(ErrorType.INVALID_BODY));
	}

}
