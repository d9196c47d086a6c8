package dev.pingora.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;

import dev.pingora.testkit.End;
import dev.pingora.testkit.RawClient;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The demo as a process of its own: how it starts, lives and ends.
 */
class DemoProcessIT {

	private static final String PANIC = "GET /hello HTTP/1.1\r\nHost: gateway\r\nX-Panic: requestFilter\r\n\r\n";

	@Test
	void hangingSentryDelaysNeitherRequestsNorTheEnd() throws IOException, InterruptedException {
		try (ServerSocket hanging = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
				DemoProcess demo = DemoProcess.start(
						"--sentry.dsn=http://key@127.0.0.1:" + hanging.getLocalPort() + "/1",
						"--logging.level.dev.pingora.panic=OFF")) {
			int port = demo.gatewayPort();
			for (int i = 0; i < 200; i++) {
				try (RawClient client = RawClient.connect(port)) {
					assertThat(client.send(PANIC).awaitEnd()).isEqualTo(End.RESET);
				}
			}
			long begin = System.nanoTime();
			try (RawClient client = RawClient.connect(port)) {
				assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			}
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
			assertThat(demo.terminate(8)).as("ended within 8 s of SIGTERM").isTrue();
		}
	}

}
