package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a head costs: being read, and being written again with or without edits.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HeadBenchmark {

	/**
	 * Whose head it is.
	 */
	public enum Sender {

		/** A request as a load generator sends it: one field. */
		WRK(H1HeadParser.Kind.REQUEST, "GET /1k HTTP/1.1\nHost: 127.0.0.1:8080\n\n"),

		/** A request as a browser sends it: fifteen fields, cookies among them. */
		BROWSER(H1HeadParser.Kind.REQUEST,
				"""
						GET /orders/4711/lines?sort=date&page=2 HTTP/1.1
						Host: www.example.org
						Connection: keep-alive
						Cache-Control: max-age=0
						sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"
						sec-ch-ua-mobile: ?0
						sec-ch-ua-platform: "Linux"
						Upgrade-Insecure-Requests: 1
						User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36
						Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
						Sec-Fetch-Site: same-origin
						Sec-Fetch-Mode: navigate
						Referer: https://www.example.org/orders
						Accept-Encoding: gzip, deflate, br, zstd
						Accept-Language: en-GB,en;q=0.9,de;q=0.8
						Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=a1b2c3d4; cart=4711.0815.42

						"""),

		/** An origin's response. */
		ORIGIN(H1HeadParser.Kind.RESPONSE, """
				HTTP/1.1 200 OK
				Server: nginx/1.22.1
				Date: Wed, 25 Nov 2026 03:56:12 GMT
				Content-Type: application/json
				Content-Length: 1024
				Connection: keep-alive
				Cache-Control: private, max-age=60
				ETag: "5f3c-1a2b3c4d"

				""");

		private final H1HeadParser.Kind kind;

		private final byte[] octets;

		Sender(H1HeadParser.Kind kind, String text) {
			this.kind = kind;
			this.octets = text.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
		}

	}

	/**
	 * A connection that receives the same head again and again.
	 */
	@State(Scope.Thread)
	public static class Receiver {

		/** Who sends it. */
		@Param
		public Sender sender = Sender.WRK;

		private final H1HeadParser parser = new H1HeadParser(new HeadLimits(64 * 1024, 200));

		private final H1Framing framing = new H1Framing(ErrorSource.DOWNSTREAM);

		private final HeadTable table = new HeadTable();

		private final ByteBuf in = Unpooled.directBuffer();

		HeadTable receive(Sender from) throws ProxyException {
			this.in.clear().writeBytes(from.octets);
			this.table.recycle();
			this.parser.start(from.kind, this.table);
			if (!this.parser.parse(this.in)) {
				throw new IllegalStateException("the head is not complete");
			}
			return this.table;
		}

		/**
		 * Frees the buffer.
		 */
		@TearDown
		public void release() {
			this.in.release();
		}

	}

	/**
	 * A connection to which heads are written.
	 */
	@State(Scope.Thread)
	public static class Written {

		private final H1HeadWriter writer = new H1HeadWriter();

		private final ByteBuf out = Unpooled.directBuffer(2048);

		int write(RequestHeader request) {
			this.writer.request(this.out.clear(), request, true);
			return this.out.readableBytes();
		}

		/**
		 * Frees the buffer.
		 */
		@TearDown
		public void release() {
			this.out.release();
		}

	}

	/**
	 * A head is read into its table.
	 * @param receiver the connection
	 * @return the number of fields
	 * @throws ProxyException never
	 */
	@Benchmark
	public int parsed(Receiver receiver) throws ProxyException {
		return receiver.receive(receiver.sender).fields();
	}

	/**
	 * The same, and the message's length is found out.
	 * @param receiver the connection
	 * @return its length
	 * @throws ProxyException never
	 */
	@Benchmark
	public long parsedAndFramed(Receiver receiver) throws ProxyException {
		HeadTable table = receiver.receive(receiver.sender);
		if (receiver.sender.kind == H1HeadParser.Kind.RESPONSE) {
			receiver.framing.response(table, false);
		}
		else {
			receiver.framing.request(table);
		}
		return receiver.framing.length();
	}

	/**
	 * A browser's request is read and written as it is.
	 * @param receiver the client's connection
	 * @param written the origin's connection
	 * @return the number of octets
	 * @throws ProxyException never
	 */
	@Benchmark
	public int forwarded(Browser receiver, Written written) throws ProxyException {
		return written.write(receiver.receive(Sender.BROWSER).request());
	}

	/**
	 * A browser's request is read and edited as filters do, and written: one field is
	 * replaced, one removed, one added.
	 * @param receiver the client's connection
	 * @param written the origin's connection
	 * @return the number of octets
	 * @throws ProxyException never
	 */
	@Benchmark
	public int editedAndForwarded(Browser receiver, Written written) throws ProxyException {
		RequestHeader request = receiver.receive(Sender.BROWSER).request();
		Headers headers = request.headers();
		headers.set("Host", "origin.internal");
		headers.remove("Referer");
		headers.add("X-Gateway", "pingora");
		return written.write(request);
	}

	/**
	 * A connection to a browser, whoever the parameter says is sending.
	 */
	@State(Scope.Thread)
	public static class Browser {

		private final Receiver receiver = new Receiver();

		HeadTable receive(Sender sender) throws ProxyException {
			return this.receiver.receive(sender);
		}

		/**
		 * Frees the buffer.
		 */
		@TearDown
		public void release() {
			this.receiver.release();
		}

	}

}
