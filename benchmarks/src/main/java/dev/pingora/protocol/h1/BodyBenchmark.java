package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a body costs to be taken out of what was received.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class BodyBenchmark {

	private static final int SIZE = 16 * 1024;

	/**
	 * How the body is framed.
	 */
	public enum Framing {

		/** By its length. */
		LENGTH("Content-Length: " + SIZE, "x".repeat(SIZE)),

		/** In four chunks. */
		CHUNKS(4096, ""),

		/** In chunks as small as those of a sender that does not care. */
		SMALL_CHUNKS(64, ""),

		/** The same, each with an extension. */
		EXTENSIONS(64, ";n=1;signature=\"0123456789abcdef\"");

		private final String field;

		private final String octets;

		Framing(String field, String octets) {
			this.field = field;
			this.octets = octets;
		}

		Framing(int chunk, String extension) {
			this("Transfer-Encoding: chunked",
					(Integer.toHexString(chunk) + extension + "\r\n" + "x".repeat(chunk) + "\r\n").repeat(SIZE / chunk)
							+ "0\r\n\r\n");
		}

	}

	/**
	 * A connection that receives the same body again and again.
	 */
	@State(Scope.Thread)
	public static class Receiver {

		/** How it is framed. */
		@Param
		public Framing framed = Framing.LENGTH;

		private final HeadLimits limits = new HeadLimits(64 * 1024, 200);

		private final H1BodyDecoder decoder = new H1BodyDecoder(ErrorSource.UPSTREAM, this.limits);

		private final H1Framing framing = new H1Framing(ErrorSource.UPSTREAM);

		private final ByteBuf in = Unpooled.directBuffer();

		/**
		 * Reads the head and receives the body.
		 * @throws ProxyException never
		 */
		@Setup
		public void receive() throws ProxyException {
			ByteBuf head = Unpooled.copiedBuffer("HTTP/1.1 200 OK\r\n" + this.framed.field + "\r\n\r\n",
					StandardCharsets.US_ASCII);
			HeadTable table = new HeadTable();
			H1HeadParser parser = new H1HeadParser(this.limits);
			parser.start(H1HeadParser.Kind.RESPONSE, table);
			if (!parser.parse(head)) {
				throw new IllegalStateException("the head is not complete");
			}
			head.release();
			this.framing.response(table, false);
			this.in.writeCharSequence(this.framed.octets, StandardCharsets.US_ASCII);
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
	 * A body that is here as a whole is taken piece by piece.
	 * @param receiver the connection
	 * @return how many octets it has
	 * @throws ProxyException never
	 */
	@Benchmark
	public int taken(Receiver receiver) throws ProxyException {
		H1BodyDecoder decoder = receiver.decoder;
		ByteBuf in = receiver.in.readerIndex(0);
		decoder.start(receiver.framing);
		int size = 0;
		while (!decoder.isDone()) {
			ByteBuf piece = decoder.next(in);
			if (piece != null) {
				size += piece.readableBytes();
				piece.release();
			}
		}
		return size;
	}

}
