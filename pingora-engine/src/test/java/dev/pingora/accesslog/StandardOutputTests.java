package dev.pingora.accesslog;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.RejectedRequest;
import dev.pingora.panic.PanicIsolation;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The log on standard output, in a process of its own.
 */
class StandardOutputTests {

	/** The process: writes lines to the log, and others beside it. */
	static final class Writing {

		private Writing() {
		}

		public static void main(String[] args) {
			PanicIsolation isolation = new PanicIsolation(List.of());
			AccessLog log = AccessLog.open(AccessLogOptions.defaults()
				.withFormat(AccessLogFormat.pattern("log $remote_port " + "x".repeat(Integer.parseInt(args[1])))),
					isolation);
			ProxyException error = ProxyException.downstream(ErrorType.INVALID_HTTP_HEADER, "a test");
			for (int i = 1; i <= Integer.parseInt(args[0]); i++) {
				log.requestRejected(new RejectedRequest("HTTP/1.1",
						new InetSocketAddress(InetAddress.getLoopbackAddress(), i), error));
				System.out.println("other " + i);
			}
			log.close();
			isolation.close();
			System.out.println("end " + log.written() + " " + log.dropped());
		}

	}

	private static List<String> run(int count, int length) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), Writing.class.getName(), String.valueOf(count),
				String.valueOf(length))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).lines()
			.toList();
		assertThat(process.waitFor()).isZero();
		return lines;
	}

	@Test
	void linesStayWholeBesideThoseOfOthers() throws Exception {
		List<String> lines = run(2000, 100);
		assertThat(lines).hasSize(4001).last().isEqualTo("end 2000 0");
		assertThat(lines.stream().filter((line) -> line.matches("log \\d+ x{100}"))).hasSize(2000);
		assertThat(lines.stream().filter((line) -> line.matches("other \\d+"))).hasSize(2000);
	}

	@Test
	void lineThatIsLongerThanAPieceIsWrittenToo() throws Exception {
		List<String> lines = run(100, 10_000);
		assertThat(lines).last().isEqualTo("end 100 0");
		assertThat(String.join("", lines).chars().filter((c) -> c == 'x')).hasSize(1_000_000);
	}

}
