package dev.pingora.autoconfigure;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What a user reads when the server does not start, as Boot prints it.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalyzerTests {

	@EnableAutoConfiguration
	static class Application {

	}

	private static void start(String... properties) {
		SpringApplication application = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(Map.of("spring.main.banner-mode", "off"))
			.build();
		String[] arguments = Stream.concat(Stream.of("--sentry.enabled=false"), Arrays.stream(properties))
			.toArray(String[]::new);
		assertThatThrownBy(() -> application.run(arguments)).isNotNull();
	}

	@Test
	void mistakesAreListedWithPropertyValueAndExpectation(CapturedOutput output) {
		start("--pingora.listeners[0].port=70000", "--pingora.routes[0].id=a", "--pingora.routes[0].uri=ftp://h",
				"--pingora.downstream.trusted-proxies=10.0.0.0/8,10.0.0.0/99");
		String text = """
				The proxy server can't be made of these properties:

				    Property: pingora.listeners[0].port
				        Value: "70000"
				        Expected: 0..65535
				    Property: pingora.downstream.trusted-proxies[1]
				        Value: "10.0.0.0/99"
				        Expected: an address, a network such as 10.0.0.0/8 or fd00::/8, or unix
				    Property: pingora.routes[0].uri
				        Value: "ftp://h"
				        Expected: http://host:port and nothing behind it, or unix:/path/to.sock; https is not supported yet

				Action:

				Correct these properties in the application's configuration.
				""";
		assertThat(output.toString().replace(System.lineSeparator(), "\n")).contains(text);
	}

	@Test
	void missingRoutesAreExplained(CapturedOutput output) {
		start();
		assertThat(output).contains("Property: pingora.routes", "Value: missing",
				"at least one route, or a ProxyHttp or Router bean, or pingora.enabled=false");
	}

	@Test
	void typoIsRefused(CapturedOutput output) {
		start("--pingora.thread=4", "--pingora.routes[0].id=a", "--pingora.routes[0].uri=http://h:1");
		assertThat(output).contains("APPLICATION FAILED TO START", "Property: pingora.thread", "threads, transport");
	}

	@Test
	void typoInAListIsRefused(CapturedOutput output) {
		start("--pingora.routes[0].id=a", "--pingora.routes[0].uri=http://h:1", "--pingora.routes[0].filter=x");
		assertThat(output).contains("APPLICATION FAILED TO START", "Property: pingora.routes[0].filter");
	}

	@Test
	void malformedDurationIsNamed(CapturedOutput output) {
		start("--pingora.retries.budget=soon");
		assertThat(output).contains("APPLICATION FAILED TO START", "pingora.retries.budget", "soon");
	}

	@Test
	void portInUseIsNamedWithItsProperty(CapturedOutput output) throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			int port = taken.getLocalPort();
			start("--pingora.listeners[0].port=0", "--pingora.listeners[1].name=second",
					"--pingora.listeners[1].address=127.0.0.1", "--pingora.listeners[1].port=" + port,
					"--pingora.routes[0].id=a", "--pingora.routes[0].uri=http://h:1");
			assertThat(output)
				.contains("Listener second could not be bound to 127.0.0.1:" + port + " (pingora.listeners[1].port): ")
				.contains("Stop the process that listens on port " + port
						+ ", or set pingora.listeners[1].port to another port (0 lets the system choose).");
		}
	}

	@Test
	void socketFileThatIsTakenIsNamedWithItsProperty(CapturedOutput output, @TempDir Path directory) throws Exception {
		Path file = Files.writeString(directory.resolve("p.sock"), "precious");
		String[] route = { "--pingora.routes[0].id=a", "--pingora.routes[0].uri=http://h:1" };
		start("--pingora.listeners[0].address=unix:" + file, route[0], route[1]);
		start("--pingora.listeners[0].address=unix:" + directory.resolve("no/p.sock"), route[0], route[1]);
		assertThat(output)
			.contains("Listener http could not be bound to unix:" + file + " (pingora.listeners[0].address): ")
			.contains("Remove the file if nobody needs it, or set pingora.listeners[0].address to another path.")
			.contains("Check that the directory of pingora.listeners[0].address is there.");
	}

	@Test
	void foreignAddressIsExplained(CapturedOutput output) {
		start("--pingora.listeners[0].address=192.0.2.1", "--pingora.listeners[0].port=0", "--pingora.routes[0].id=a",
				"--pingora.routes[0].uri=http://h:1");
		assertThat(output).contains("Set pingora.listeners[0].address to an address of this machine");
	}

	@Test
	void accessLogThatCannotBeOpenedIsNamedWithItsProperty(CapturedOutput output, @TempDir Path directory) {
		start("--pingora.listeners[0].port=0", "--pingora.routes[0].id=a", "--pingora.routes[0].uri=http://h:1",
				"--pingora.access-log.enabled=true", "--pingora.access-log.path=" + directory);
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("The access log could not be opened at " + directory + " (pingora.access-log.path): ")
			.contains("Set pingora.access-log.path to a file that can be made and written, or to stdout.");
	}

}
