package dev.pingora.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.accesslog.AccessLog;
import dev.pingora.accesslog.AccessLogFormat;
import dev.pingora.accesslog.AccessLogOptions;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicResponse;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A panic's error page lets go of the backend: whoever logs still sees its answer.
 */
@ExtendWith(EngineExtension.class)
class PanicPageLoggingTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private final AtomicInteger logged = new AtomicInteger();

	/** Panics at the answer, and logs its status. */
	private final class Panicking implements ProxyFilter {

		@Override
		public void responseFilter(Session session, ResponseHeader response) {
			throw new IllegalStateException("a bug");
		}

		@Override
		public void logging(Session session, RequestEnd end) {
			ResponseHeader response = session.response();
			PanicPageLoggingTests.this.logged.set((response != null) ? response.status() : 0);
		}

	}

	@Test
	void answerIsThereForThoseWhoLog(@TempDir Path folder) throws Exception {
		this.origin.on("/typed", (exchange) -> exchange.head(203, "Content-Type: text/x-typed", "Content-Length: 0"));
		Path file = folder.resolve("access.log");
		try (AccessLog log = AccessLog.open(AccessLogOptions.defaults()
			.withFormat(AccessLogFormat.of("$status $sent_http_content_type"))
			.withPath(file), this.isolation)) {
			Proxies proxies = Proxies.to(this.origin)
				.filter(new Panicking())
				.with((it) -> it.isolation(this.isolation).panicResponse(PanicResponse.ERROR_PAGE).proxyListener(log));
			try (ProxyServer server = proxies.start(); RawClient client = Proxies.connect(server)) {
				assertThat(client.get("/typed").readResponse().status()).isEqualTo(500);
				assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			}
		}
		assertThat(this.isolation.totals().total()).isEqualTo(1);
		assertThat(this.logged).hasValue(203);
		assertThat(Files.readString(file)).isEqualTo("500 text/x-typed\n");
	}

}
