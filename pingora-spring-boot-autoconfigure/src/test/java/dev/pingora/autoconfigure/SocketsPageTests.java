package dev.pingora.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.proxy.Route;
import dev.pingora.server.ListenerOptions;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.UnixSocket;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the examples of {@code docs/sockets.md} to the code.
 */
@ExtendWith(EngineExtension.class)
class SocketsPageTests {

	@TempDir
	private Path directory;

	private String example(String language) throws IOException {
		String page = Files.readString(Path.of("..", "docs", "sockets.md"));
		Matcher block = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(page);
		assertThat(block.find()).isTrue();
		return block.group(1).replace("/run/gateway/", this.directory + "/").replace("/run/app/", this.directory + "/");
	}

	@Test
	void gatewayBetweenUnixDomainSocketsWorksAsTheExampleSays() throws IOException {
		List<PropertySource<?>> sources = new YamlPropertySourceLoader().load("page",
				new ByteArrayResource(example("yaml").getBytes(StandardCharsets.UTF_8)));
		try (RawOrigin origin = RawOrigin.start(); ProxyServer app = application(origin.port())) {
			assertThat(app.isRunning()).isTrue();
			new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class))
				.withInitializer((context) -> context.getEnvironment().getPropertySources().addFirst(sources.get(0)))
				.withPropertyValues("pingora.threads=1")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					Path socket = this.directory.resolve("http.sock");
					assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
						.isEqualTo("rw-rw----");
					try (RawClient client = UnixSocket.connect(socket)) {
						assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
					}
					curl(example("shell"));
				});
		}
	}

	private ProxyServer application(int port) {
		Route route = Route.of("r", List.of(), Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", port)))));
		return ProxyServer.builder()
			.threads(1)
			.listener(ListenerOptions.unix("app", this.directory.resolve("app.sock").toString()))
			.router((request, trace) -> route)
			.build()
			.start();
	}

	private static void curl(String command) throws IOException, InterruptedException {
		if (!Files.isExecutable(Path.of("/usr/bin/curl"))) {
			return;
		}
		Process curl = new ProcessBuilder((command.trim() + " -sS -m 5").split(" ")).redirectErrorStream(true).start();
		String output = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(curl.waitFor()).as(output).isZero();
		assertThat(output).isEqualTo("hello");
	}

}
