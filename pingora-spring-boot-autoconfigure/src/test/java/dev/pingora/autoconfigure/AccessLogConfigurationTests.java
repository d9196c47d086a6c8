package dev.pingora.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.accesslog.AccessLog;
import dev.pingora.accesslog.AccessLogOpenException;
import dev.pingora.accesslog.AccessLogOptions;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The access log of an application.
 */
class AccessLogConfigurationTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@TempDir
	private Path directory;

	private ApplicationContextRunner runner(String... properties) {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class))
			.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
					"pingora.threads=1", "pingora.transport=nio", "pingora.routes[0].id=a",
					"pingora.routes[0].uri=http://127.0.0.1:" + this.origin.port(), "pingora.access-log.path=" + path())
			.withPropertyValues(properties);
	}

	private ApplicationContextRunner enabled(String... properties) {
		return runner(properties).withPropertyValues("pingora.access-log.enabled=true");
	}

	private Path path() {
		return this.directory.resolve("access.log");
	}

	private List<String> lines() {
		try {
			return Files.readAllLines(path());
		}
		catch (IOException failure) {
			throw new IllegalStateException(failure);
		}
	}

	private static void get(ProxyServer server, String target) {
		try (RawClient client = RawClient.connect(server.port("http"))) {
			client.get(target).readResponse();
		}
	}

	@Test
	void thereIsNoneByDefault() {
		runner().run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(AccessLog.class);
			get(context.getBean(ProxyServer.class), "/hello");
			assertThat(path()).doesNotExist();
		});
	}

	@Test
	void requestsAreLoggedWhenItIsEnabled() {
		enabled().run((context) -> {
			assertThat(context).hasSingleBean(AccessLog.class);
			get(context.getBean(ProxyServer.class), "/hello?x=1");
			Await.until("a line", () -> !lines().isEmpty());
			assertThat(lines()).singleElement().asString().contains("\"GET /hello HTTP/1.1\" 200 5 \"-\" \"-\"");
			assertThat(context.getBean(AccessLog.class).written()).isEqualTo(1);
		});
	}

	@Test
	void lastLinesAreWrittenWhenTheContextIsClosed() {
		enabled("spring.lifecycle.timeout-per-shutdown-phase=2s", "pingora.access-log.format=$target $outcome")
			.run((context) -> {
				RawClient waiting = RawClient.connect(context.getBean(ProxyServer.class).port("http"));
				waiting.get("/slow?ms=300");
				this.origin.awaitRequest(1);
				context.close();
				assertThat(waiting.readResponse().text()).isEqualTo("slow");
				waiting.close();
				assertThat(lines()).containsExactly("/slow proxied");
			});
	}

	@Test
	void jsonCanBeReadByAParser() {
		String hostile = "\"\\ \t\u0080\u00ff{}";
		enabled("pingora.access-log.format=json", "pingora.access-log.query=keep").run((context) -> {
			try (RawClient client = RawClient.connect(context.getBean(ProxyServer.class).port("http"))) {
				client.send("GET /hello?\"\\ HTTP/1.1\r\nHost: h\r\nUser-Agent: " + hostile + "\r\n\r\n")
					.readResponse();
				client.send("nonsense\r\n\r\n").awaitEnd();
			}
			Await.until("two lines", () -> lines().size() == 2);
			Map<String, Object> line = JsonPath.read(lines().get(0), "$");
			assertThat(line).containsEntry("user_agent", hostile)
				.containsEntry("path", "/hello")
				.containsEntry("query", "\"\\")
				.containsEntry("host", "h")
				.containsEntry("status", 200)
				.containsEntry("upstream_status", 200)
				.containsEntry("bytes_out", 5)
				.containsEntry("attempts", 1)
				.containsEntry("route", "a")
				.containsEntry("peer", "127.0.0.1:" + this.origin.port())
				.containsEntry("outcome", "proxied")
				.doesNotContainKeys("referer", "error_type", "panic_id", "trace_id");
			assertThat(line.get("duration_ms")).isInstanceOf(Double.class);
			assertThat(OffsetDateTime.parse((String) line.get("time"))).isBefore(OffsetDateTime.now().plusSeconds(1));
			Map<String, Object> rejected = JsonPath.read(lines().get(1), "$");
			assertThat(rejected).containsEntry("outcome", "rejected")
				.containsEntry("error_type", "invalid_http_header")
				.doesNotContainKeys("method", "path", "request_id");
		});
	}

	@Test
	void variablesAreNoPlaceholders() {
		enabled("status=a property of that name", "pingora.access-log.format=$status $(outcome)s").run((context) -> {
			get(context.getBean(ProxyServer.class), "/hello");
			Await.until("a line", () -> !lines().isEmpty());
			assertThat(lines()).containsExactly("200 proxieds");
		});
	}

	@Test
	void mistakesAreToldTogether() {
		enabled("pingora.access-log.format=$nope", "pingora.threads=-1").run((context) -> {
			assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.isInstanceOf(InvalidPingoraConfigurationException.class)
				.hasMessageContaining("pingora.threads")
				.hasMessageContaining(
						"pingora.access-log.format: '$nope' (expected: instead of $nope one of $remote_addr, ");
			assertThat(path()).doesNotExist();
		});
	}

	@Test
	void formatWithoutVariablesIsToldWhatIsExpected() {
		enabled("pingora.access-log.format=JSON").run((context) -> assertThat(context).hasFailed()
			.getFailure()
			.rootCause()
			.hasMessageContaining("pingora.access-log.format: 'JSON' (expected: common, combined, json, or a pattern"));
	}

	@Test
	void pathThatCannotBeOpenedStopsTheStart() throws IOException {
		Files.createDirectory(path());
		enabled().run((context) -> assertThat(context).hasFailed()
			.getFailure()
			.hasStackTraceContaining(AccessLogOpenException.class.getName()));
	}

	@Test
	void nothingIsOpenedWithoutAServer() {
		enabled("pingora.enabled=false").run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(AccessLog.class);
			assertThat(path()).doesNotExist();
		});
	}

	@Test
	void ownLogReplacesIt() {
		enabled().withUserConfiguration(OwnLog.class).run((context) -> {
			assertThat(context).hasSingleBean(AccessLog.class).hasBean("own");
			get(context.getBean(ProxyServer.class), "/hello");
			Await.until("a line", () -> context.getBean(AccessLog.class).written() == 1);
			assertThat(path()).doesNotExist();
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnLog {

		@Bean
		AccessLog own(PanicIsolation isolation) {
			return AccessLog.open(AccessLogOptions.defaults().withPath(Path.of("target", "own-access.log")), isolation);
		}

	}

}
